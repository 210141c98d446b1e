/** The goods of a receipt, in one of the ways in which tills print them. */
import { cents, money, price } from '../money.ts';
import { randomCode } from '../words/invent.ts';
import { dish, distinctNames, ware } from './names.ts';
import type { ReceiptWriter } from './receipt-writer.ts';
import type { ReceiptFacts } from './scene.ts';

const layouts = [
  ['plain', 4],
  ['quantity-first', 3],
  ['two-line', 4],
  ['code-first', 3],
  ['columns', 3],
] as const;
type ItemLayout = (typeof layouts)[number][0];

const heads: Record<ItemLayout, readonly string[]> = {
  plain: ['Item', 'Amount'],
  'quantity-first': ['Qty', 'Description', 'Total'],
  'two-line': ['Item', 'Qty', 'Price', 'Amount'],
  'code-first': ['Code', 'Qty', 'Price', 'Amount'],
  columns: ['Description', 'Qty', 'U.Price', 'Amount'],
};

export interface Goods {
  readonly items: ReceiptFacts['items'];
  readonly sum: number;
  readonly pieces: number;
  readonly layout: ItemLayout;
}

export function goodsBlock(w: ReceiptWriter): Goods {
  const { rng, words, out, inCase, bare, sign } = w;
  const layout = rng.weighted(layouts);
  const count = rng.weighted([
    [1, 3],
    [2, 4],
    [3, 4],
    [4, 3],
    [5, 2],
    [6, 1],
    [rng.int(7, 11), 1.6],
  ] as const);
  const names = distinctNames(rng, count, () => inCase(w.food ? dish(rng, words) : ware(rng, words)));
  const valueStyle = w.signAt === 'value' ? w.style : bare;
  const high = rng.pick([5, 12, 40, 150]);
  const amountHead = (): string =>
    `${rng.pick(['Amt', 'Total', 'Amount'])}${sign && rng.chance(0.5) ? `(${sign})` : ''}`;
  if (rng.chance(0.6))
    out.add(
      'header',
      heads[layout].map((h) => inCase(h === 'Amount' && rng.chance(0.5) ? amountHead() : h)),
    );
  if (sign && rng.chance(0.1)) out.add('header', ['', sign, sign].slice(1));
  const taxMark = rng.chance(0.15) ? ` ${rng.pick(['S', 'SR', 'T', 'ZR', 'A'])}` : '';
  let sum = 0;
  let pieces = 0;
  const items = names.map((name) => {
    const quantity =
      layout === 'plain'
        ? 1
        : rng.weighted([
            [1, 6],
            [2, 3],
            [3, 1],
            [rng.int(4, 12), 1],
          ] as const);
    const unit = price(rng, 0, high) || 1;
    const amount = cents(unit * quantity);
    sum = cents(sum + amount);
    pieces += quantity;
    const value = money(amount, valueStyle) + taxMark;
    const made = { name, value, amount, quantity, unit };
    const units = money(unit, bare);
    if (layout === 'plain') {
      const row = out.add('item', [name, value], true);
      return { ...made, nameAt: { row, cell: 0 }, valueAt: { row, cell: 1 } };
    }
    if (layout === 'quantity-first') {
      const row = out.add(
        'item',
        [rng.chance(0.8) ? String(quantity) : `${quantity}x`, name, value],
        true,
        rng.chance(0.4) ? [0] : [],
      );
      return { ...made, nameAt: { row, cell: 1 }, valueAt: { row, cell: 2 } };
    }
    if (layout === 'columns') {
      const row = out.add('item', [name, String(quantity), units, value], true);
      return { ...made, nameAt: { row, cell: 0 }, valueAt: { row, cell: 3 } };
    }
    const figures = rng.chance(0.5) ? [`${quantity} x ${units}`, value] : [String(quantity), units, value];
    if (layout === 'code-first') {
      const valueRow = out.add('item', [randomCode(rng), ...figures], true);
      const row = out.add('item', [name]);
      return { ...made, nameAt: { row, cell: 0 }, valueAt: { row: valueRow, cell: figures.length } };
    }
    const row = out.add('item', [name]);
    if (rng.chance(0.15)) out.add('item', [randomCode(rng)]);
    const code = rng.chance(0.5) ? [randomCode(rng)] : [];
    const valueRow = out.add('item', [...code, ...figures], true);
    return { ...made, nameAt: { row, cell: 0 }, valueAt: { row: valueRow, cell: code.length + figures.length - 1 } };
  });
  if (rng.chance(0.5)) out.add('rule', []);
  return { items, sum, pieces, layout };
}
