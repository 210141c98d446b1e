/** Whether an answer is right: numbers to the cent, texts by their letters and digits. */

/** The number that a text is, without currency, or undefined where it is more than a number. */
export function numberOf(text: string): number | undefined {
  const bare = text
    .toLowerCase()
    .replace(/(rm|usd|eur|chf|rs|kr|[€£$₹*])/g, '')
    .replace(/[.\s]+$/, '')
    .trim();
  if (!/^-?[\d.,\s]+$/.test(bare)) return undefined;
  const joined = bare.replace(/\s/g, '');
  const point = /^-?\d{1,3}(,\d{3})+(\.\d+)?$/.test(joined) ? joined.replace(/,/g, '') : joined.replace(',', '.');
  const value = Number(point);
  return Number.isNaN(value) ? undefined : value;
}

/** @param said what was answered; `undefined` for none */
export function isRight(said: string | undefined, truth: string): boolean {
  if (said === undefined) return false;
  const a = numberOf(said);
  const b = numberOf(truth);
  if (a !== undefined && b !== undefined) return Math.abs(a - b) < 0.00501 && (Math.abs(b) >= 0.01 || a === b);
  // Where a number is asked for, the answer must hold that one number: "33-90" is not 33.90, "8.9 g" is 8.9.
  if (b !== undefined) {
    const numbers = said.match(/-?\d[\d.,]*/g) ?? [];
    const [only] = numbers;
    // A date has one match that is no number: it is compared with nothing.
    return numbers.length === 1 && a === undefined && numberOf(only as string) !== undefined && isRight(only, truth);
  }
  const letters = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}%]/gu, '');
  return letters(said) === letters(truth);
}
