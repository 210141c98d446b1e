/** A price, with letters that look like its digits: `8,5O`, `S,90E`, `$1.l0`. */
const PRICE = /^([($€£¥+-]{0,2})([\dOoSIl]{1,4}[.,][\dOoSIl]{2})([€∈E]?)([)%]?)$/;
/** A price that fell apart at its comma; only its euro tells that it is none of a list of numbers. */
const BROKEN_PRICE = /(?<= |^)([\dOoS]{1,3}[.,]) ([\dOoS]{2}[€∈E])(?= |$)/g;
/** A number without that shape: only the round letters are safe to read as naughts. */
const NUMBER = /^[($€£+-]{0,2}\d[\dOo]*(?:[.,:/-][\dOo]+)*[)%€]?$/;
/** A lone naught between capitals: `R0N`, `L0T`. */
const WORD = /^[A-Z]+0[A-Z]+$/;

/**
 * Undoes mix-ups that a character alone cannot show but its word can. The recogniser knows no euro sign (it gives the
 * element sign for it) and takes O for 0 and S for 5 where print is poor.
 */
export function tidy(text: string): string {
  return text
    .replace(BROKEN_PRICE, '$1$2')
    .split(' ')
    .map((word) => {
      const price = PRICE.exec(word);
      if (price && /\d/.test(word)) {
        const [, before = '', digits = '', euro = '', after = ''] = price;
        return `${before}${asDigits(digits)}${euro ? '€' : ''}${after}`;
      }
      if (NUMBER.test(word)) return word.replace(/[Oo]/g, '0');
      if (WORD.test(word)) return word.replace('0', 'O');
      return word.replace(/(?<=\d)∈|∈(?=\d)/g, '€');
    })
    .join(' ');
}

function asDigits(text: string): string {
  return text.replace(/[Oo]/g, '0').replace(/S/g, '5').replace(/[Il]/g, '1');
}
