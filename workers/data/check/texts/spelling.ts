/** How alike two spellings are, for a reader who knows what letters and digits are taken for. */

/** Letters and digits only, lower case; `&` is said as `and`. */
export const squeeze = (text: string): string => {
  const said = text.toLowerCase().replaceAll('&', 'and');
  return (/[^ -~\s]/.test(said) ? said.normalize('NFKD') : said).replace(/[^a-z0-9]+/g, '');
};

/** Characters of one group are taken for each other by readers of pictures. */
const GROUPS = [
  'o0cqad',
  'il1tjfr',
  's5',
  'sz',
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
const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** Cost in half letters of reading one character for the other, by their codes below 128. */
const SWAP = ((): Uint8Array => {
  const costs = new Uint8Array(128 * 128);
  for (let a = 0; a < 128; a++)
    for (let b = 0; b < 128; b++) {
      const digits = Number(isDigit(a)) + Number(isDigit(b));
      // A look-alike is half a letter, any other a letter and a half: neither readers nor slips of a finger do that.
      // One digit never stands for another, for names that differ in a digit are names of different things.
      costs[a * 128 + b] = a === b ? 0 : digits === 2 ? 40 : digits === 1 ? 4 : 3;
    }
  for (const group of GROUPS)
    for (const a of group)
      for (const b of group) {
        const [x, y] = [a.charCodeAt(0), b.charCodeAt(0)];
        if (x !== y && !(isDigit(x) && isDigit(y))) costs[x * 128 + y] = 1;
      }
  return costs;
})();
const gap = (code: number): number => (isDigit(code) ? 5 : 2);
const rows = [new Uint16Array(256), new Uint16Array(256), new Uint16Array(256)];

/**
 * Least cost of turning one squeezed text into the other, in half letters (swapped neighbours are one letter).
 * @returns more than `limit` where it costs more than that
 */
export function distance(a: string, b: string, limit: number): number {
  if (a === b) return 0;
  if (Math.abs(a.length - b.length) * 2 > limit || b.length > 255) return limit + 1;
  let [older, before, row] = rows as [Uint16Array, Uint16Array, Uint16Array];
  before[0] = 0;
  for (let j = 1; j <= b.length; j++) before[j] = (before[j - 1] as number) + gap(b.charCodeAt(j - 1));
  for (let i = 1; i <= a.length; i++) {
    const x = a.charCodeAt(i - 1);
    const lost = gap(x);
    row[0] = (before[0] as number) + lost;
    let least = row[0];
    for (let j = 1; j <= b.length; j++) {
      const y = b.charCodeAt(j - 1);
      let cost = (before[j - 1] as number) + (SWAP[x * 128 + y] as number);
      const less = (before[j] as number) + lost;
      if (less < cost) cost = less;
      const more = (row[j - 1] as number) + gap(y);
      if (more < cost) cost = more;
      if (
        i > 1 &&
        j > 1 &&
        x !== y &&
        x === b.charCodeAt(j - 2) &&
        y === a.charCodeAt(i - 2) &&
        !isDigit(x) &&
        !isDigit(y)
      ) {
        const swapped = (older[j - 2] as number) + 2;
        if (swapped < cost) cost = swapped;
      }
      row[j] = cost;
      if (cost < least) least = cost;
    }
    if (least > limit) return limit + 1;
    [older, before, row] = [before, row, older];
  }
  return before[b.length] as number;
}

/** How far, in half letters, a spelling of this length may be off and still be taken for the same name. */
export const tolerance = (length: number): number =>
  length < 3 ? 0 : length === 3 ? 1 : length < 7 ? 2 : length < 11 ? 4 : Math.floor(length * 0.45);

/** Whether two squeezed names are one for a careful reader. */
export const alike = (a: string, b: string): boolean => {
  const limit = tolerance(Math.min(a.length, b.length));
  return distance(a, b, limit) <= limit;
};
