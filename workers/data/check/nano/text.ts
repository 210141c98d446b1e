/** Reading for the checker, written apart from the generators: it must not repeat their mistakes. */

/** Letters and digits only, lower case. */
export const squeeze = (text: string): string =>
  text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9]/g, '');

/** Numbers of a text in order: decimal commas and thousands marks understood, a space beside the mark mended. */
export function numbersIn(text: string): number[] {
  const mended = text.replace(/(\d)(?:\s*([.,])\s+|\s+([.,]))(?=\d{1,3}(?!\d))/g, '$1$2$3');
  return [...mended.matchAll(/\d+(?:[.,]\d+)*/g)].map(([token]) => readNumber(token)).filter((n) => !Number.isNaN(n));
}

function readNumber(token: string): number {
  if (/^\d{1,3}(,\d{3})+(\.\d+)?$/.test(token) && !token.startsWith('0')) return Number(token.replaceAll(',', ''));
  if (/^\d{1,3}(\.\d{3})+,\d{1,2}$/.test(token)) return Number(token.replaceAll('.', '').replace(',', '.'));
  if (/^\d+,\d+$/.test(token)) return Number(token.replace(',', '.'));
  return Number(token);
}

/** Fewest edits that turn `needle` into some part of `hay`, and where that part ends. */
export function nearest(needle: string, hay: string): { edits: number; end: number } {
  let row = Array.from({ length: needle.length + 1 }, (_, i) => i);
  let best = { edits: needle.length, end: 0 };
  for (let j = 0; j < hay.length; j++) {
    const next = [0];
    for (let i = 1; i <= needle.length; i++) {
      const swap = (row[i - 1] ?? 0) + (needle[i - 1] === hay[j] ? 0 : 1);
      next.push(Math.min(swap, (row[i] ?? 0) + 1, (next[i - 1] ?? 0) + 1));
    }
    row = next;
    const edits = row[needle.length] ?? needle.length;
    if (edits < best.edits) best = { edits, end: j + 1 };
  }
  return best;
}

/** Whether two numbers agree to the third decimal. */
export const same = (a: number, b: number): boolean => Math.abs(a - b) < 0.0006;
