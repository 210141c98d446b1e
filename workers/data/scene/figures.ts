/** Scenes of figures whose names stand apart: a pump's display, columns with their values on top. */
import { money, moneyStyle } from '../money.ts';
import type { Random } from '../random.ts';
import { inventWord } from '../words/invent.ts';
import { countries, departments, vehicles } from '../words/shop.ts';
import { distinctNames, type Vocabulary } from './names.ts';
import { type Entry, type Scene, sceneRows } from './scene.ts';

/** The display of a fuel pump: what was paid and how much was filled, labels beside, above or below. */
export function pumpScene(rng: Random): Scene {
  const out = sceneRows();
  const unit = rng.pick(['gallon', 'litre', 'liter', 'gallon']);
  const volume = rng.int(2000, 60000) / 1000;
  const each = rng.int(900, 5200) / 1000;
  const sale = Math.round(volume * each * 100) / 100;
  const capital = unit.charAt(0).toUpperCase() + unit.slice(1);
  const order = rng.pick(['beside', 'above', 'below'] as const);
  const entries: Entry[] = [];
  const add = (label: string, value: string, amount: number): void => {
    if (order === 'beside') {
      const row = out.add('item', rng.chance(0.5) ? [label, value] : [value, label], true);
      const swapped = out.rows[row]?.cells[0] === value;
      entries.push({
        name: label,
        value,
        amount,
        nameAt: { row, cell: swapped ? 1 : 0 },
        valueAt: { row, cell: swapped ? 0 : 1 },
      });
    } else {
      const first = out.add('item', [order === 'above' ? label : value]);
      const second = out.add('item', [order === 'above' ? value : label]);
      const [nameRow, valueRow] = order === 'above' ? [first, second] : [second, first];
      entries.push({
        name: label,
        value,
        amount,
        nameAt: { row: nameRow, cell: 0 },
        valueAt: { row: valueRow, cell: 0 },
      });
    }
  };
  if (rng.chance(0.3)) out.add('title', [rng.chance(0.5) ? inventWord(rng).toUpperCase() : `Pump ${rng.int(1, 12)}`]);
  add(
    rng.pick(['Sale', 'Total Sale', 'Amount', 'Total $', 'To Pay', 'Sale $']),
    money(sale, { ...moneyStyle(rng), before: rng.chance(0.4) ? '$' : '', after: '', comma: false, thousands: false }),
    sale,
  );
  add(rng.pick([`${capital}s`, capital === 'Gallon' ? 'Gal' : 'Ltr', 'Volume']), volume.toFixed(3), volume);
  return {
    template: 'pump',
    rows: out.rows,
    facts: { kind: 'prices', what: 'pump', entries, subject: 'price', noun: 'fuel', unit },
  };
}

/** Columns with values on top and names below: a reader sees the values in the order of their height. */
export function columnScene(rng: Random, words: Vocabulary): Scene {
  const out = sceneRows();
  const subject = rng.pick(['cost', 'sales', 'spending', 'rainfall', 'price', 'fee', 'output', 'fuel bill']);
  const pool = rng.pick([countries, departments, vehicles]);
  const names = distinctNames(rng, rng.int(3, 6), () => (rng.chance(0.6) ? words.pick(rng, pool) : inventWord(rng)));
  const style = moneyStyle(rng, rng.pick([0, 2]));
  const amounts = [
    ...new Set(names.map(() => (style.decimals === 0 ? rng.int(3, 900) : rng.int(300, 20000) / 100))),
  ].sort((a, b) => b - a);
  const title = rng.chance(0.6)
    ? { row: out.add('title', [`${subject} ${rng.pick(['per year', 'by name', 'in total', 'per month'])}`]), cell: 0 }
    : undefined;
  const entries = amounts.map((amount, i): Entry => {
    const value = money(amount, style);
    const at = { row: out.add('item', [value]), cell: 0 };
    return { name: names[i] as string, value, amount, nameAt: at, valueAt: at };
  });
  out.add('text', rng.shuffle(names));
  return {
    template: 'columns',
    rows: out.rows,
    facts: { kind: 'prices', what: 'columns', entries, subject, noun: 'column', ...(title ? { title } : {}) },
  };
}
