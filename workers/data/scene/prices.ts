/** Scenes of names with values: menus and price boards. */
import { type MoneyStyle, money, moneyStyle, price } from '../money.ts';
import type { Random } from '../random.ts';
import { menuSections } from '../words/food.ts';
import { inventName, inventWord } from '../words/invent.ts';
import { fuels, shopKinds, surnames } from '../words/shop.ts';
import { dish, distinctNames, type Vocabulary, ware } from './names.ts';
import { type Entry, type PriceFacts, type Scene, sceneRows } from './scene.ts';

const shopName = (rng: Random, words: Vocabulary): string =>
  rng.weighted([
    [() => `${inventWord(rng)} ${words.pick(rng, shopKinds)}`, 3],
    [() => `The ${inventWord(rng)} ${words.pick(rng, shopKinds)}`, 1],
    [() => `${words.pick(rng, surnames)}'s ${words.pick(rng, shopKinds)}`, 1],
    [() => inventName(rng), 2],
  ])();

/** A menu or shop price list of one or two columns, with sections, leaders, notes and codes. */
export function menuScene(
  rng: Random,
  words: Vocabulary,
  template = rng.pick(['one', 'one', 'sections', 'two', 'leaders']),
): Scene {
  const out = sceneRows();
  const style = moneyStyle(rng, rng.chance(0.12) ? 0 : 2);
  const food = rng.chance(0.75);
  const count = rng.weighted([
    [rng.int(3, 6), 3],
    [rng.int(6, 12), 5],
    [rng.int(12, 20), 3],
  ] as const);
  const names = distinctNames(rng, count, () => (food ? dish(rng, words) : ware(rng, words)));
  const high = rng.pick([9, 15, 30, 90]);
  const used = new Set<number>();
  const fresh = (): number => {
    for (let i = 0; i < 8; i++) {
      const p = style.decimals === 0 ? rng.int(2, high * 4) : price(rng, 1, high);
      if (!used.has(p) || rng.chance(0.15)) {
        used.add(p);
        return p;
      }
    }
    return price(rng, 1, high);
  };
  const entries: Entry[] = [];
  let title: { row: number; cell: number } | undefined;
  if (rng.chance(0.6)) {
    title = { row: out.add('title', [shopName(rng, words)]), cell: 0 };
    if (rng.chance(0.35))
      out.add('text', [
        rng.pick([
          'Menu',
          'Price List',
          'Our Menu',
          'All prices incl. tax',
          'Daily specials',
          'Since 1987',
          'Open 8 - 22',
        ]),
      ]);
  }
  const leader = template === 'leaders' ? rng.pick(['....', '......', '..........', ' . . . .', '_____', '----']) : '';
  const numbered = rng.chance(0.12);
  const description = rng.chance(0.15);
  const value = (amount: number): string => money(amount, style);
  const nameText = (name: string): string => name + leader;
  let section: string | undefined;
  for (let i = 0; i < names.length; i++) {
    if ((template === 'sections' && i % rng.int(3, 5) === 0) || (i > 0 && rng.chance(0.03))) {
      section = rng.chance(0.8) ? words.pick(rng, menuSections) : inventWord(rng).toUpperCase();
      out.add('section', [section]);
    }
    const first = names[i] as string;
    const p = fresh();
    if (template === 'two' && i + 1 < names.length) {
      const second = names[i + 1] as string;
      const q = fresh();
      const row = out.add('item', [nameText(first), value(p), nameText(second), value(q)]);
      entries.push({ name: first, value: value(p), amount: p, nameAt: { row, cell: 0 }, valueAt: { row, cell: 1 } });
      entries.push({ name: second, value: value(q), amount: q, nameAt: { row, cell: 2 }, valueAt: { row, cell: 3 } });
      i++;
      continue;
    }
    const mark = numbered ? [`${i + 1}.`] : [];
    const row = out.add('item', [...mark, nameText(first), value(p)], true, numbered ? [0] : []);
    entries.push({
      name: first,
      value: value(p),
      amount: p,
      nameAt: { row, cell: mark.length },
      valueAt: { row, cell: mark.length + 1 },
      ...(section === undefined ? {} : { section }),
    });
    if (description && rng.chance(0.5))
      out.add('text', [
        distinctNames(rng, 2, () => inventWord(rng))
          .join(', ')
          .toLowerCase(),
      ]);
  }
  if (rng.chance(0.2))
    out.add('text', [
      rng.pick([
        'Service not included',
        'Ask for allergens',
        'Cash only',
        'Thank you',
        `Tel ${rng.int(100, 999)} ${rng.int(1000, 9999)}`,
      ]),
    ]);
  const facts: PriceFacts = {
    kind: 'prices',
    what: 'menu',
    entries,
    subject: 'price',
    noun: rng.pick(food ? ['item', 'dish', 'thing', 'item'] : ['item', 'product', 'article']),
    ...(title ? { title } : {}),
  };
  return { template: `menu-${template}`, rows: out.rows, facts };
}

/** A board of fuel prices, exchange rates or the like: few names, big numbers. */
export function boardScene(rng: Random, words: Vocabulary): Scene {
  const out = sceneRows();
  const decimals = rng.weighted([
    [3, 4],
    [2, 5],
  ] as const);
  const style: MoneyStyle = { ...moneyStyle(rng, decimals), thousands: false };
  const plain: MoneyStyle = {
    ...style,
    before: rng.chance(0.6) ? '' : style.before,
    after: rng.chance(0.7) ? '' : style.after,
  };
  const names = distinctNames(rng, rng.int(2, 6), () =>
    rng.chance(0.72)
      ? words.pick(rng, fuels)
      : rng.chance(0.6)
        ? inventWord(rng)
        : `${inventWord(rng)} ${rng.int(85, 100)}`,
  );
  let title: { row: number; cell: number } | undefined;
  if (rng.chance(0.5))
    title = {
      row: out.add('title', [rng.chance(0.6) ? inventWord(rng).toUpperCase() : shopName(rng, words)]),
      cell: 0,
    };
  if (rng.chance(0.2))
    out.add('text', [rng.pick(['Today', 'Open 24 hours', 'Self Service', 'Fuel Prices', 'Car Wash', 'Food Shop'])]);
  const entries: Entry[] = [];
  const tail = decimals === 2 && rng.chance(0.4) ? rng.pick([' 9/10', ' 9', '⁹', ' 9/10']) : '';
  const low = rng.pick([1, 2, 3, 4]);
  const used = new Set<string>();
  const onNextRow = rng.chance(0.15);
  const grade = rng.chance(0.15);
  for (const name of names) {
    let amount = 0;
    do amount = low + rng.int(0, 10 ** decimals * 1.2) / 10 ** decimals;
    while (used.has(amount.toFixed(decimals)) && used.size < 50);
    used.add(amount.toFixed(decimals));
    const value = `${money(amount, plain)}${tail}`;
    const cells = grade && rng.chance(0.8) ? [name, rng.pick(['87', '89', '91', '93', '95', '98', 'A', 'B'])] : [name];
    if (onNextRow) {
      const row = out.add('item', cells);
      const valueRow = out.add('item', [value]);
      entries.push({ name, value, amount, nameAt: { row, cell: 0 }, valueAt: { row: valueRow, cell: 0 } });
    } else {
      const row = out.add('item', [...cells, value], true);
      entries.push({ name, value, amount, nameAt: { row, cell: 0 }, valueAt: { row, cell: cells.length } });
    }
  }
  if (rng.chance(0.15))
    out.add('text', [rng.pick(['Cash price', 'Credit + 0.10', 'No smoking', 'ATM inside', 'per gallon', 'per litre'])]);
  return {
    template: onNextRow ? 'board-below' : 'board',
    rows: out.rows,
    facts: {
      kind: 'prices',
      what: 'board',
      entries,
      subject: 'price',
      noun: rng.pick(['fuel', 'fuel', 'gas', 'petrol', 'grade']),
      unit: rng.pick(['gallon', 'litre', 'liter', 'gallon']),
      ...(title ? { title } : {}),
    },
  };
}
