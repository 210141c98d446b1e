/** A receipt as read: its goods and the rows of its sums, each told by its label. */
import { once } from '../remember.ts';
import { type Amount, same } from './amounts.ts';
import { type Good, goodsOf } from './goods.ts';
import { type Ending, endingOf, isHead, kindOf, type RowKind, TAX, wordy } from './labels.ts';
import type { Page } from './page.ts';
import { squeeze } from './spelling.ts';

export interface SumRow {
  readonly kind: RowKind;
  readonly amount?: Amount;
  readonly line: number;
}

export interface Till {
  readonly sums: readonly SumRow[];
  readonly goods: readonly Good[];
  /** Rows among the goods that are none of them: a name or an amount whose other half is missing. */
  readonly loose: number;
}

const CURRENCY = /^(?:rm|rs\.?|kr|eur|usd|s?\$|[€£₹])$/i;

export const tillOf = once((page: Page): Till => {
  const { lines } = page;
  const ends = lines.map((line) => endingOf(line, page));
  const sums: SumRow[] = [];
  let firstSum = lines.length;
  let block = false;
  const head = lines.findIndex(
    (line) =>
      isHead(line) &&
      !/^(?:code)$/i.test(line.cells.length === 4 && line.cells[1] === '%' ? (line.cells[0] as string) : ''),
  );
  lines.forEach((line, at) => {
    const { label, amount } = ends[at] as Ending;
    if (at <= head) return;
    if (TAX.test(squeeze(label)) && /summary|analysis|details?$/.test(squeeze(label)) && amount === undefined) {
      block = true;
      if (at < firstSum) firstSum = at;
      return;
    }
    const kind = isCounts(line.cells) ? 'count' : kindOf(label);
    if (kind === undefined || kind === 'none') {
      // An amount alone below the rounding is what is to pay: its label was left out.
      const before = sums.at(-1);
      if (
        amount !== undefined &&
        amount !== 'unclear' &&
        !wordy(label) &&
        before?.kind === 'rounding' &&
        before.line === at - 1 &&
        lines[at]?.cells.filter((cell) => !CURRENCY.test(cell)).length === 1 + Number(label !== '')
      )
        sums.push({ kind: 'total', amount, line: at });
      return;
    }
    let found = amount;
    let to = at;
    if (found === undefined) {
      const next = ends[at + 1];
      if (next === undefined || next.amount === undefined || wordy(next.label)) return;
      found = next.amount;
      to = at + 1;
    }
    if (kind === 'count') {
      const own =
        line.cells
          .slice(1)
          .map((cell) => /^\D{0,2}(\d{1,3})$/.exec(cell)?.[1])
          .find((n) => n !== undefined) ?? /(\d{1,3})$/.exec(line.cells[0] ?? '')?.[1];
      if (own === undefined && (found === 'unclear' || found.decimals > 0)) return;
      const value = own === undefined ? (found as Amount).value : Number(own);
      sums.push({ kind, amount: { value, text: String(value), decimals: 0, unit: '' }, line: to });
      if (at < firstSum) firstSum = at;
      return;
    }
    sums.push({ kind: block ? 'tax-block' : kind, ...(found === 'unclear' ? {} : { amount: found }), line: to });
    if (at < firstSum) firstSum = at;
  });
  return { sums, ...goodsOf(page, ends, head, firstSum) };
});

/** `Item(s)  4  No. of items  4`: the count twice on one row. */
const isCounts = (cells: readonly string[]): boolean =>
  cells.length === 4 &&
  /^\d{1,3}$/.test(cells[1] as string) &&
  kindOf(cells[0] as string) === 'count' &&
  kindOf(cells[2] as string) === 'count';

const one = (rows: readonly SumRow[]): Amount | undefined => {
  const [first] = rows;
  return first?.amount !== undefined &&
    rows.every(({ amount }) => amount !== undefined && same(amount.value, (first.amount as Amount).value))
    ? first.amount
    : undefined;
};

/** The amount of a kind of row, where all rows of it agree. */
export const amountFor = ({ sums }: Till, kind: RowKind): Amount | undefined =>
  one(sums.filter((row) => row.kind === kind));

/**
 * What is to pay in the end: after rounding, and where several totals differ the one that the payment, the rounding or
 * its place after the rounding bears out.
 */
export function payable(till: Till): Amount | undefined {
  const { sums } = till;
  const paid = sums.find(({ kind }) => kind === 'cash' || kind === 'card' || kind === 'change');
  const totals = sums.filter(({ kind, line }) => kind === 'total' && (paid === undefined || line < paid.line));
  if (totals.length === 0) return undefined;
  const cash = amountFor(till, 'cash');
  const change = amountFor(till, 'change');
  const card = amountFor(till, 'card');
  const settled = cash && change ? cash.value - change.value : card?.value;
  const rounding = sums.find(({ kind }) => kind === 'rounding');
  const last = totals.at(-1) as SumRow;
  const step = rounding?.amount?.value;
  const after = rounding && totals.filter(({ line }) => line > rounding.line);
  if (rounding && (step === undefined || step !== 0)) {
    // Only what was to pay before the rounding can be read.
    if (after?.length === 0)
      return settled !== undefined && last.amount && same(last.amount.value, settled) ? last.amount : undefined;
    return one(after as SumRow[]);
  }
  const agreed = one(totals);
  if (agreed) return agreed;
  if (settled === undefined) return undefined;
  return totals.find(({ amount }) => amount !== undefined && same(amount.value, settled))?.amount;
}
