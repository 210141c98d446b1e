/** How alike two spellings are, for a reader who knows what letters and digits are taken for. */

/** Letters and digits only, lower case; `&` is said as `and`. */
export const squeeze = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll('&', 'and')
    .normalize('NFKD')
    .replace(/[^a-z0-9]/g, '');

/** Characters of one group are taken for each other by readers of pictures. */
const GROUPS = [
  'o0cqad',
  'il1tjfr',
  's5',
  'z27',
  'b8h6',
  'g9qy',
  'nmrh',
  'uvwy',
  'kxh',
  'ec',
  'ae',
  'pfe',
  '38',
  '4a',
  'dl',
  'vn',
];
const ALIKE = new Set(GROUPS.flatMap((group) => [...group].flatMap((a) => [...group].map((b) => a + b))));
const isDigit = (char: string): boolean => char >= '0' && char <= '9';

/**
 * Cost of reading one for the other, in half letters: a look-alike is half a letter, any other a letter and a
 * half, for neither readers nor slips of a finger do that; and one digit never stands for
 * another, for names that differ in a digit are names of different things.
 */
function swap(a: string, b: string): number {
  if (a === b) return 0;
  const digits = Number(isDigit(a)) + Number(isDigit(b));
  if (digits === 2) return 40;
  return ALIKE.has(a + b) ? 1 : digits === 1 ? 4 : 3;
}
const gap = (char: string): number => (isDigit(char) ? 5 : 2);

/**
 * Least cost of turning one squeezed text into the other, in half letters (swapped neighbours are one letter).
 * @returns more than `limit` where it costs more than that
 */
export function distance(a: string, b: string, limit: number): number {
  if (a === b) return 0;
  if (Math.abs(a.length - b.length) * 2 > limit) return limit + 1;
  let before: number[] = [];
  let row = [0];
  for (const char of b) row.push((row.at(-1) as number) + gap(char));
  for (let i = 1; i <= a.length; i++) {
    const x = a[i - 1] as string;
    const next = [(row[0] as number) + gap(x)];
    let least = next[0] as number;
    for (let j = 1; j <= b.length; j++) {
      const y = b[j - 1] as string;
      let cost = Math.min(
        (row[j - 1] as number) + swap(x, y),
        (row[j] as number) + gap(x),
        (next[j - 1] as number) + gap(y),
      );
      if (i > 1 && j > 1 && x !== y && x === b[j - 2] && y === a[i - 2] && !isDigit(x) && !isDigit(y))
        cost = Math.min(cost, (before[j - 2] as number) + 2);
      next.push(cost);
      if (cost < least) least = cost;
    }
    if (least > limit) return limit + 1;
    before = row;
    row = next;
  }
  return row[b.length] as number;
}

/** How far, in half letters, a spelling of this length may be off and still be taken for the same name. */
export const tolerance = (length: number): number =>
  length < 3 ? 0 : length === 3 ? 1 : length < 7 ? 2 : length < 11 ? 4 : Math.floor(length * 0.45);

/** Whether two squeezed names are one for a careful reader. */
export const alike = (a: string, b: string): boolean => {
  const limit = tolerance(Math.min(a.length, b.length));
  return distance(a, b, limit) <= limit;
};
