/** Charts that say their values: bars, lines over a table, pies with a legend. */
import { cents } from '../money.ts';
import type { Random } from '../random.ts';
import { inventWord, randomCode } from '../words/invent.ts';
import { countries, days, departments, firstNames, months, vehicles, years } from '../words/shop.ts';
import { distinctNames, type Vocabulary } from './names.ts';
import { type Entry, type Scene, sceneRows } from './scene.ts';

const entryOf = (row: number, name: string, value: string, amount: number): Entry => ({
  name,
  value,
  amount,
  nameAt: { row, cell: 0 },
  valueAt: { row, cell: 1 },
});

/** Different whole percentages that make 100. */
function slicesOf(rng: Random, count: number): number[] {
  for (;;) {
    const weights = Array.from({ length: count }, () => 1 + rng.next() * 5);
    const sum = weights.reduce((a, b) => a + b, 0);
    const parts = weights.slice(1).map((w) => Math.max(1, Math.round((100 * w) / sum)));
    const all = [100 - parts.reduce((a, b) => a + b, 0), ...parts];
    if (all.every((part) => part > 0) && new Set(all).size === count) return all;
  }
}

/**
 * A chart that says its values: bars with label and value, a line with its value at each point, a pie with a legend.
 * Lines go over days, months or years.
 */
export function chartScene(rng: Random, words: Vocabulary, look: 'bars' | 'line' | 'pie' = 'bars'): Scene {
  const out = sceneRows();
  const subject = rng.pick([
    'awareness',
    'share',
    'sales',
    'profit',
    'turnout',
    'approval',
    'rainfall',
    'votes',
    'growth',
    'usage',
    'exports',
    'visitors',
    'output',
    'rentals',
    'orders',
    'calls',
    'tickets',
    'accidents',
    'births',
  ]);
  const percent = look === 'pie' ? rng.chance(0.8) : rng.chance(0.55);
  const pool = rng.pick(
    look === 'line'
      ? [days, months, years]
      : look === 'pie'
        ? [countries, departments, firstNames, vehicles]
        : [countries, departments, firstNames, vehicles, days, months, years],
  );
  const calendar = new Map<readonly string[], string>([
    [days, 'day'],
    [months, 'month'],
    [years, 'year'],
  ]);
  const noun =
    calendar.get(pool) ??
    (pool === countries ? 'country' : pool === departments ? 'department' : pool === firstNames ? 'person' : 'model');
  // Days and years come in their order, without gaps; other labels are any.
  const count = rng.int(3, 9);
  const from = rng.int(0, Math.max(0, pool.length - count));
  const names = calendar.has(pool)
    ? pool.slice(from, from + count)
    : distinctNames(rng, count, () => (rng.chance(0.65) ? words.pick(rng, pool) : inventWord(rng)));
  let title: { row: number; cell: number } | undefined;
  if (rng.chance(0.7)) {
    title = {
      row: out.add('title', [
        rng.pick([
          `${subject} by ${noun}`,
          `Total ${subject}`,
          `${subject} in ${rng.int(1990, 2029)}`,
          `${inventWord(rng)} ${subject}`,
        ]),
      ]),
      cell: 0,
    };
  }
  const entries: Entry[] = [];
  const used = new Set<number>();
  const places = rng.chance(0.25) ? 1 : 0;
  const slices = look === 'pie' && percent ? slicesOf(rng, names.length) : [];
  for (const [i, name] of names.entries()) {
    let amount = slices[i] ?? 0;
    if (amount > 0) {
      entries.push(entryOf(out.add('item', [name, `${amount}%`], true), name, `${amount}%`, amount));
      continue;
    }
    do
      amount = cents(
        percent ? rng.int(1, 970) / (places ? 10 : 1) / (places ? 1 : 10) : rng.int(1, 9999) / (places ? 10 : 1),
      );
    while (used.has(Math.round(amount)) && used.size < 60);
    if (!places) amount = Math.max(1, Math.round(amount));
    if (used.has(amount)) continue;
    used.add(amount);
    const value = `${places ? amount.toFixed(1) : amount}${percent ? '%' : ''}`;
    entries.push(entryOf(out.add('item', [name, value], true), name, value, amount));
  }
  // An axis has numbers that belong to no bar.
  if (look === 'bars' && rng.chance(0.4))
    out.add(
      'text',
      Array.from({ length: rng.int(3, 6) }, (_, i) => `${i * 20}${percent ? '%' : ''}`),
    );
  if (rng.chance(0.2)) out.add('text', [`Source: ${inventWord(rng)} ${randomCode(rng)}`]);
  return {
    template: look === 'bars' ? 'chart' : look,
    rows: out.rows,
    facts: { kind: 'prices', what: 'chart', entries, subject, noun, percent, ...(title ? { title } : {}) },
  };
}
