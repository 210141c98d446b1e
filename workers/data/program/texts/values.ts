/**
 * What number a piece of read text says, by the rules of evidence: a decimal mark that was lost or set apart is mended
 * only where the page's other amounts bear it out; letters among digits are not guessed at.
 */

export interface Amount {
  readonly value: number;
  /** As it is said in an answer or a sum: digits and a point, decimals as printed. */
  readonly text: string;
  /** True where the mark was mended. */
  readonly mended: boolean;
}

/** How many decimals the amounts of a page, or of a column, have: all but a few agree, or nothing is known. */
export function decimalsOf(texts: readonly string[]): number | undefined {
  const counts = new Map<number, number>();
  let all = 0;
  for (const text of texts) {
    const number = /\d[\d.,]*\d|\d/.exec(text)?.[0];
    if (number === undefined) continue;
    all++;
    const places = placesOf(number);
    counts.set(places, (counts.get(places) ?? 0) + 1);
  }
  for (const [places, count] of counts) if (count >= 2 && count >= all * 0.6) return places;
  return undefined;
}

/** Digits behind the decimal mark of a number as printed; three digits behind a mark are thousands where it is a comma. */
function placesOf(number: string): number {
  const last = Math.max(number.lastIndexOf('.'), number.lastIndexOf(','));
  if (last < 0) return 0;
  const tail = number.length - last - 1;
  if (tail === 3 && (number[last] === ',' || number.indexOf('.') !== last)) return 0;
  return tail;
}

/** Letters that stand for digits, right among digits: nobody can say which digit it was. */
const DOUBTFUL = /\d[OoIl|BZ](?![a-z])|(?<![A-Za-z])[OoIl|](?=[\d.,]*\d)|\d[SsGqg](?=\d)/;

/**
 * @param text of the cell as it was read
 * @param decimals that the page's other amounts have, where they agree
 * @returns undefined where the text says no number, or not surely which
 */
export function amountOf(text: string, decimals: number | undefined): Amount | undefined {
  if (DOUBTFUL.test(text)) return undefined;
  // The ninths of a cent on price boards.
  let rest = text.replace(/(?<=[.,]\d{2})(?:(?: ?[€£$])? (?:9\/10|9|\?)|9\/10|⁹|\?)\s*(?=\D*$)/, '');
  let mended = false;
  const apart = rest.replace(/(\d)\s+([.,])\s*(?=\d)|(\d)\s*([.,])\s+(?=\d)/g, '$1$3$2$4');
  if (apart !== rest) {
    rest = apart;
    mended = true;
  }
  const groups = rest.match(/\d+(?:[.,]\d+)*/g) ?? [];
  if (groups.length === 2 && decimals && new RegExp(`(?<![.,\\d])\\d+ \\d{${decimals}}(?![\\d.,])`).test(rest)) {
    groups.splice(0, 2, `${groups[0]}.${groups[1]}`);
    mended = true;
  }
  if (groups.length !== 1) return undefined;
  // A letter before a whole number may be a sign read badly, or a code; no amount begins with a nought.
  if (/(?<![\p{L}])(?!rm|rs|kr)[\p{L}]{1,2} ?\d+\D*$/iu.test(rest) || /^0\d+$/.test(groups[0] as string))
    return undefined;
  let number = groups[0] as string;
  const last = Math.max(number.lastIndexOf('.'), number.lastIndexOf(','));
  let places = placesOf(number);
  if (decimals !== undefined && places !== decimals) {
    if (decimals === 0) {
      if (last >= 0) return undefined;
    } else if (last < 0 && number.length > decimals && decimals >= 2) {
      number = `${number.slice(0, -decimals)}.${number.slice(-decimals)}`;
      places = decimals;
      mended = true;
    } else if (last >= 0 && number.length - last - 1 === decimals) places = decimals;
    else if (places !== 0 || number.length <= decimals) return undefined;
    else return undefined;
  }
  if (mended && decimals === undefined) return undefined;
  const mark = places === 0 ? -1 : number.length - places - 1;
  const whole = (mark < 0 ? number : number.slice(0, mark)).replace(/[.,]/g, '');
  const sign = /[-−]\s*[^\d\s]{0,2}\s*\d/.test(rest) && !/\d\s*[-−]/.test(rest) ? '-' : '';
  const said = `${sign}${whole}${mark < 0 ? '' : `.${number.slice(-places)}`}`;
  return { value: Number(said), text: said, mended };
}

/** Letters and digits of a text alone: what two readings of a name are compared by. */
export const bare = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** Whether two names are the same but for a share of the longer one's letters and digits (Levenshtein). */
export function alike(a: string, b: string, share: number): boolean {
  const x = bare(a);
  const y = bare(b);
  if (x === y) return true;
  const limit = Math.floor(Math.max(x.length, y.length) * share);
  if (limit === 0 || Math.abs(x.length - y.length) > limit) return false;
  let previous = Array.from({ length: y.length + 1 }, (_, i) => i);
  for (let i = 1; i <= x.length; i++) {
    const row = [i];
    for (let j = 1; j <= y.length; j++)
      row[j] = Math.min(
        (previous[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (previous[j - 1] as number) + (x[i - 1] === y[j - 1] ? 0 : 1),
      );
    previous = row;
  }
  return (previous[y.length] as number) <= limit;
}
