/** What a question wants, and how many of each. */
import { countIn } from './answer.ts';
import type { Part } from './naming.ts';
import type { Entry } from './page.ts';

export interface Bought {
  readonly count: number;
  readonly part: Part<Entry>;
}

const BETWEEN = new Set([
  'of',
  'x',
  'times',
  'the',
  'more',
  'pieces',
  'portions',
  'servings',
  'glasses',
  'orders',
  'units',
  'gallons',
  'gallon',
  'litres',
  'litre',
  'liters',
  'liter',
  'cups',
]);

/** Names with the counts before them, and the numbers that count nothing. */
export function itemsOf(parts: readonly Part<Entry>[]): { items: Bought[]; rest: string[] } {
  const items: Bought[] = [];
  const rest: string[] = [];
  let pending: { count: number; text: string } | undefined;
  const drop = (): void => {
    if (pending && /\d/.test(pending.text)) rest.push(pending.text);
    pending = undefined;
  };
  for (const part of parts) {
    if (part.kind !== 'word') {
      items.push({ count: pending?.count ?? 1, part });
      pending = undefined;
      continue;
    }
    const count = countIn(part.text);
    if (count !== undefined) {
      drop();
      pending = { count, text: part.text };
    } else if (/\d/.test(part.text)) {
      drop();
      rest.push(part.text);
    } else if (!BETWEEN.has(part.text)) drop();
  }
  drop();
  return { items, rest };
}
