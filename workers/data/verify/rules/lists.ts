/** Lists in any order: `red, green and blue`, `["a", "b"]`, one item a line. */
import { compareQuantities, onlyQuantity } from './numbers.ts';
import { plain } from './text.ts';

/** @returns the items, where the text is a list of two or more */
export function itemsOf(text: string): string[] | undefined {
  const trimmed = text.trim().replace(/[.]$/, '');
  if (/^\[.*\]$/s.test(trimmed)) {
    try {
      const parsed: unknown = JSON.parse(trimmed.replaceAll("'", '"'));
      if (Array.isArray(parsed) && parsed.length > 1) return parsed.map(String);
    } catch {
      // Brackets around a list that is no JSON.
    }
  }
  // `1,2,3` is no number, `1,234` is.
  if (/^\d+(?:,\d+){2,}$/.test(trimmed) && !/^\d{1,3}(?:,\d{3})+$/.test(trimmed)) return trimmed.split(',');
  const bare = trimmed.replace(/^[[({]|[\])}]$/g, '');
  const pieces = bare
    .split(
      /\s*;\s*|\s*\n+\s*(?:[-*•]|\d+[.)])?\s*|\s*,\s+(?:and\s+|or\s+|&\s+)?|\s+and\s+|\s*&\s*|(?<=\D),(?=\D)|(?<!\d),(?=\d)/i,
    )
    .map((piece) => piece.replace(/^(?:[-*•]|\d+[.)])\s+/, '').trim())
    .filter((piece) => piece !== '');
  return pieces.length > 1 ? pieces : undefined;
}

function sameItem(truth: string, said: string, tolerance: number): boolean {
  if (plain(truth) === plain(said)) return true;
  const [a, b] = [onlyQuantity(truth), onlyQuantity(said)];
  return a !== undefined && b !== undefined && compareQuantities(a, b, tolerance) === 'equal';
}

/** Whether each item of one stands in the other exactly once. */
export function sameItems(truth: readonly string[], said: readonly string[], tolerance: number): boolean {
  if (truth.length !== said.length) return false;
  const left = [...said];
  return truth.every((item) => {
    const at = left.findIndex((other) => sameItem(item, other, tolerance));
    if (at < 0) return false;
    left.splice(at, 1);
    return true;
  });
}

/** Items are all numbers, so that a list that differs is wrong, not worded otherwise. */
export const allNumbers = (items: readonly string[]): boolean =>
  items.every((item) => onlyQuantity(item) !== undefined);
