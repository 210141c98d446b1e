/** Nutrition labels. */
import type { Random } from '../random.ts';
import { inventWord } from '../words/invent.ts';
import { nutrients } from '../words/shop.ts';
import { distinctNames, type Vocabulary } from './names.ts';
import { type Entry, type Scene, sceneRows } from './scene.ts';

/** A nutrition label: energy per serving, servings per pack, and a table of nutrients. */
export function nutritionScene(rng: Random, words: Vocabulary): Scene {
  const out = sceneRows();
  out.add('title', [rng.pick(['Nutrition Facts', 'Nutrition Information', 'Typical Values'])]);
  const entries: Entry[] = [];
  const add = (label: string, value: string, amount: number): void => {
    const row = out.add('item', [label, value], true);
    entries.push({ name: label, value, amount, nameAt: { row, cell: 0 }, valueAt: { row, cell: 1 } });
  };
  const servings = rng.pick([2, 2.5, 3, 4, 5, 6, 8, 10, 12, 1.5]);
  const calories = rng.int(4, 70) * 5;
  const servingsLabel = rng.pick([
    'Servings per container',
    'Servings per pack',
    'Servings',
    'Servings per bag',
    'Portions per box',
  ]);
  const head: [string, string, number][] = [
    [servingsLabel, rng.chance(0.25) ? `about ${servings}` : `${servings}`, servings],
    [rng.pick(['Serving size', 'Portion size']), `${rng.int(10, 60)}g`, 0],
    [rng.pick(['Calories', 'Calories per serving', 'Energy (kcal)']), `${calories}`, calories],
  ];
  head[1] = [head[1]![0], head[1]![1], Number.parseInt(head[1]![1], 10)];
  const inLabel = rng.chance(0.35);
  for (const [label, value, amount] of rng.chance(0.7) ? head : rng.shuffle(head)) {
    if (inLabel && label === servingsLabel) {
      const text = `${value} ${label.toLowerCase()}`;
      const at = { row: out.add('item', [text]), cell: 0 };
      entries.push({ name: label, value: text, amount, nameAt: at, valueAt: at });
    } else add(label, value, amount);
  }
  const used = new Set(entries.map((e) => e.amount));
  for (const name of distinctNames(rng, rng.int(3, 7), () =>
    rng.chance(0.8) ? words.pick(rng, nutrients) : inventWord(rng),
  )) {
    const amount = rng.chance(0.3) ? rng.int(1, 95) / 10 : rng.int(1, 400);
    if (used.has(amount)) continue;
    used.add(amount);
    const unit = rng.pick(['g', 'mg', ' g', ' mg', 'mcg']);
    const value = `${amount}${unit}`;
    const row = out.add('item', rng.chance(0.5) ? [name, value, `${rng.int(1, 60)}%`] : [name, value]);
    entries.push({ name, value, amount, nameAt: { row, cell: 0 }, valueAt: { row, cell: 1 } });
  }
  return {
    template: 'nutrition',
    rows: out.rows,
    facts: { kind: 'prices', what: 'nutrition', entries, subject: 'amount', noun: 'nutrient' },
  };
}
