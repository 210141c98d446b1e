/** What the parts of a receipt share: its rows, its fields, its way of printing labels and amounts. */
import { type MoneyStyle, money, moneyStyle } from '../money.ts';
import type { Random } from '../random.ts';
import type { Vocabulary } from './names.ts';
import { type FieldAt, type Place, type ReceiptField, sceneRows } from './scene.ts';

/** Where the currency sign is printed: with each amount, in labels, only with the total, in a cell of its own, or nowhere. */
type SignAt = 'value' | 'label' | 'total' | 'own' | 'none';

export interface ReceiptWriter {
  readonly rng: Random;
  readonly words: Vocabulary;
  readonly out: ReturnType<typeof sceneRows>;
  readonly fields: Partial<Record<ReceiptField, FieldAt>>;
  /** With and without the currency sign. */
  readonly style: MoneyStyle;
  readonly bare: MoneyStyle;
  readonly signAt: SignAt;
  readonly sign: string;
  readonly food: boolean;
  /** Label and value in separate rows all over the receipt. */
  readonly below: boolean;
  /** Text in the receipt's case. */
  inCase(text: string): string;
  /** A label with the receipt's kind of colon. */
  colon(text: string): string;
  /** Notes where a field stands; `quote` runs from label to value. */
  field(name: ReceiptField, value: string, quote: readonly Place[], amount?: number): void;
  /** A row of label and amount in the sums block; an empty label gives the amount alone. */
  amountRow(name: ReceiptField | undefined, label: string, amount: number, main?: boolean): void;
  /** A row of a label and some other value, e.g. the date. */
  pair(name: ReceiptField | undefined, label: string, value: string): void;
}

export function receiptWriter(rng: Random, words: Vocabulary): ReceiptWriter {
  const out = sceneRows();
  const fields: Partial<Record<ReceiptField, FieldAt>> = {};
  const style = moneyStyle(rng);
  const bare = { ...style, before: '', after: '' };
  const letters = rng.weighted([
    ['upper', 4],
    ['title', 5],
    ['lower', 1],
  ] as const);
  const mark = rng.weighted([
    ['', 5],
    [':', 4],
    [' :', 2],
    ['......', 1],
    ['=', 0.3],
    ['apart', 1],
  ] as const);
  const sign = (style.before || style.after).trim();
  const signAt: SignAt = sign
    ? rng.weighted([
        ['value', 3],
        ['label', 2],
        ['total', 3],
        ['none', 1],
        ['own', 2],
      ] as const)
    : 'none';
  const below = rng.chance(0.08);
  const inOne = rng.chance(0.06);
  const inCase = (text: string): string =>
    letters === 'upper' ? text.toUpperCase() : letters === 'lower' ? text.toLowerCase() : text;
  const colon = (text: string): string => (text === '' || mark === 'apart' ? text : text + mark);
  const field: ReceiptWriter['field'] = (name, value, quote, amount) => {
    fields[name] = { value, quote, valueAt: quote.at(-1) as Place, ...(amount === undefined ? {} : { amount }) };
  };
  const amountRow: ReceiptWriter['amountRow'] = (name, label, amount, main = false) => {
    const value = money(amount, signAt === 'value' || (signAt === 'total' && main) ? style : bare);
    const shown = colon(signAt === 'label' && label !== '' ? `${label} (${sign})` : label);
    const between = signAt === 'own' ? [sign] : [];
    let quote: Place[];
    if (label === '') {
      const cells = [...(signAt === 'label' ? [sign] : between), value];
      const row = out.add('total', cells, true);
      quote = [...(cells.length > 1 ? [{ row, cell: 0 }] : []), { row, cell: cells.length - 1 }];
    } else if (below || (!inOne && rng.chance(0.02))) {
      const row = out.add('total', [shown]);
      const valueRow = out.add('total', [value]);
      quote = [
        { row, cell: 0 },
        { row: valueRow, cell: 0 },
      ];
    } else {
      const cells = [shown, ...(mark === 'apart' ? [':'] : []), ...between, value];
      const row = out.add('total', cells, !inOne, inOne ? cells.map((_, i) => i) : []);
      quote = [
        { row, cell: 0 },
        { row, cell: cells.length - 1 },
      ];
    }
    if (name) field(name, value, quote, amount);
  };
  const pair: ReceiptWriter['pair'] = (name, label, value) => {
    const glued = rng.chance(0.15) ? [0] : [];
    const cells = [label, rng.chance(0.12) ? `: ${value}` : value];
    const row = out.add('text', cells, false, glued);
    if (name)
      field(name, value, [
        { row, cell: 0 },
        { row, cell: 1 },
      ]);
  };
  return {
    rng,
    words,
    out,
    fields,
    style,
    bare,
    signAt,
    sign,
    food: rng.chance(0.5),
    below,
    inCase,
    colon,
    field,
    amountRow,
    pair,
  };
}
