/** A receipt as read: its goods and the rows of its sums, each told by its label. */
import { type Amount, amountOf, same } from './amounts.ts';
import { bareName, type Entry, type Line, type Page } from './page.ts';
import { alike, squeeze } from './spelling.ts';

export type RowKind =
  | 'total'
  | 'subtotal'
  | 'tax'
  | 'service'
  | 'discount'
  | 'rounding'
  | 'cash'
  | 'card'
  | 'change'
  | 'count'
  | 'tax-block';

export interface SumRow {
  readonly kind: RowKind;
  readonly amount?: Amount;
  readonly line: number;
}

export interface Good extends Entry {
  readonly quantity?: number;
}

export interface Till {
  readonly sums: readonly SumRow[];
  readonly goods: readonly Good[];
  /** Rows among the goods that are none of them: a name or an amount whose other half is missing. */
  readonly loose: number;
}

const TAX = /^(?:add|total|incl|plus)?(?:gst|vat|sst|hst|(?:sales)?tax)/;
/** Labels as they are spelt without spaces; the first pattern that fits decides. */
const KINDS: readonly (readonly [RegExp, RowKind | 'none'])[] = [
  [
    /saved|savings|point|exchange|invoice|receipt|refund|opening|included?all|regno|taxid|^(?:gst|vat|tax|sst|hst|salestax)(?:id|no|number|reg)|freefrom|nocash|storecredit/,
    'none',
  ],
  [
    /^totalqty|^itemcount|^noofitem|^totalitem|^items?s?$|^qtys?$|^numberofitem|^totalpieces|^(?:total)?quantity$/,
    'count',
  ],
  [/afterround|roundedtotal|totalrounded|(?:total|nett?|payable)\w*rounded/, 'total'],
  [/^(?:bill)?round|^rnd/, 'rounding'],
  [/^(?:less|member|total)?disc|^voucher|^coupon/, 'discount'],
  [/^service(?:charge|\d*$)|svc|^serv(?:charge|chg)?\d*$|servcharge/, 'service'],
  [/subtotal|excl|beforetax|^net$|merchandise|goodstotal|foodtotal|^gross$|netamount/, 'subtotal'],
  [/^(?:add)?total\w*incl|^total(?:sales)?incl/, 'total'],
  [TAX, 'tax'],
  [/balancedue/, 'total'],
  [/^(?:your|cash)?change|^balance$/, 'change'],
  [/^cash$|cash(?:tender|receiv|paid)|tender|received|^paid|amountpaid|^payment$/, 'cash'],
  [/^visa|^mastercard|^(?:debit|credit)?card$|^debit|^credit/, 'card'],
  [/total|payable|topay|amountdue|^nett$|^sum$|^amount$|^due$/, 'total'],
];
const SPELT: readonly (readonly [string, RowKind])[] = [
  ['total', 'total'],
  ['totalamount', 'total'],
  ['grandtotal', 'total'],
  ['amount', 'total'],
  ['amountdue', 'total'],
  ['totaldue', 'total'],
  ['payable', 'total'],
  ['nettotal', 'total'],
  ['subtotal', 'subtotal'],
  ['discount', 'discount'],
  ['servicecharge', 'service'],
  ['rounding', 'rounding'],
  ['roundingadj', 'rounding'],
  ['cash', 'cash'],
  ['cashtendered', 'cash'],
  ['tendered', 'cash'],
  ['payment', 'cash'],
  ['amounttendered', 'cash'],
  ['change', 'change'],
  ['yourchange', 'change'],
  ['changedue', 'change'],
  ['totalitems', 'count'],
  ['mastercard', 'card'],
];

/** What a label names; digits that are letters read badly are letters again. */
export function kindOf(label: string): RowKind | 'none' | undefined {
  const key = squeeze(
    label
      .replace(/\([^\p{L}]*\)|\((?:rm|[sa-z]?\$|€)\)/giu, '')
      .replace(/(?<=\p{L})0|0(?=\p{L})/gu, 'o')
      .replace(/(?<=\p{L})1(?=\p{L})/gu, 'l')
      .replace(/(?<=\p{L})4(?=\p{L})/gu, 'a')
      .replace(/\d+ ?%/g, ''),
  ).replace(/\d+$/, '');
  if (key.length < 3) return undefined;
  for (const [pattern, kind] of KINDS) if (pattern.test(key)) return kind;
  return SPELT.find(([spelt]) => alike(key, spelt))?.[1];
}

const CODE =
  /^(?=(?:.*\d){3})[A-Z]{0,3}[-/]?\d[\dA-Z/-]*$|^[A-Z]{1,3}\d?[-/]\d{3,}$|^\d{2,3}-[A-Z]{2}-\d\d$|^[A-Z]\d\d\/\d{4}$/i;
const wordy = (text: string): boolean => /\p{L}{2}/u.test(text) && !CODE.test(text);

interface Ending {
  readonly label: string;
  readonly amount: Amount | 'unclear' | undefined;
  readonly figures: number;
}

/** A row as label and the amount at its end. */
function endingOf({ cells }: Line, page: Page): Ending {
  let at = cells.length;
  let figures = 0;
  let last: Amount | 'unclear' | undefined;
  while (at > 0) {
    const cell = cells[at - 1] as string;
    const read = /^[:=]$/.test(cell) ? undefined : amountOf(cell, page.style);
    if (read === undefined && !/^(?:[:=]|rm|rs|kr|usd|[^\p{L}\d]{1,2}|[a-z]\$?)$/iu.test(cell)) break;
    if (read !== undefined && figures++ === 0) last = read;
    at--;
  }
  const before = cells.slice(0, at).join(' ');
  if (last === undefined && at === cells.length && cells.length > 0) {
    const found =
      /^(.*?\p{L}.*?)[\s.:=_]*(?:[:=\s.)]|(?<=\p{L}))\s*((?:RM ?|Rs ?|[$€£₹] ?|(?<![A-Za-z])[A-Z] ?)?-?\d+(?:[.,]\d{3})*(?:\s?[.,]\s?\d\d|\s\d\d)(?:\s?\S{1,3})?|\d+)$/u.exec(
        before,
      );
    const read = found ? amountOf(found[2] as string, page.style) : undefined;
    // `Paper A4`: a whole number at the end of a name is a part of it.
    const whole = read !== undefined && read !== 'unclear' && /^\d+$/.test(found?.[2] as string);
    if (found && read !== undefined && !(whole && kindOf(found[1] as string) === undefined))
      return { label: found[1] as string, amount: read, figures: 1 };
  }
  return { label: before, amount: last, figures };
}

const HEAD = /^(?:item|items|qty|quantity|description|desc|price|amount|amt|total|code|uprice|unit|unitprice|no)$/;
const isHead = ({ cells }: Line): boolean =>
  cells.length > 1 &&
  cells.filter((cell) => HEAD.test(squeeze(cell.replace(/\(.*/, '')))).length * 2 > cells.length &&
  !cells.some((cell) => /\d[.,]\d\d/.test(cell));

const PAPERS =
  /^(?:date|time|tel|phone|ph|telephone|fax|invoice|inv|receipt|bill|doc|cashier|served|server|operator|table|till|counter|terminal|member|ref|salesperson|tax|gst|vat|simplified|cash ?(?:bill|sales)|sales ?receipt)\b/i;

export function tillOf(page: Page): Till {
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
    const kind = kindOf(label);
    if (kind === undefined || kind === 'none') {
      // An amount alone below the rounding is what is to pay: its label was left out.
      const before = sums.at(-1);
      if (
        amount !== undefined &&
        amount !== 'unclear' &&
        !wordy(label) &&
        before?.kind === 'rounding' &&
        before.line === at - 1 &&
        lines[at]?.cells.length === 1 + Number(label !== '')
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
}

function goodsOf(
  page: Page,
  ends: readonly Ending[],
  head: number,
  firstSum: number,
): { goods: Good[]; loose: number } {
  const { lines } = page;
  let from = head + 1;
  if (head < 0)
    for (let at = 0; at < firstSum; at++)
      if (PAPERS.test((lines[at] as Line).text) || /\d{1,2}:\d\d/.test((lines[at] as Line).text)) from = at + 1;
  const goods: Good[] = [];
  let loose = 0;
  type Half = {
    readonly kind: 'name' | 'value';
    readonly line: Line;
    readonly amount?: Amount;
    readonly quantity?: number;
  };
  const halves: Half[] = [];
  const whole: { name: string; amount?: Amount; quantity?: number; line: number; figures: number }[] = [];
  for (let at = from; at < firstSum; at++) {
    const line = lines[at] as Line;
    if (PAPERS.test(line.text.replace(/^[\s*=-]+/, '')) || squeeze(line.text) === '' || isHead(line)) continue;
    const { label, amount, figures } = ends[at] as Ending;
    const times = /(?:^|\s)(\d{1,3})\s?x\s?(\d+(?:[.,]\d\d)?)/i.exec(line.cells.join(' '));
    const named = label.split(' ').length > 0 && wordy(label.replace(/^\d+\s*x?\s+/i, ''));
    const codes = line.cells.filter((cell) => CODE.test(cell)).length;
    if (named && !(times && codes > 0)) {
      const first = /^(\d{1,3})\s*x?\s+(.+)$/i.exec(label);
      const quantity = first ? Number(first[1]) : undefined;
      const name = bareName(first ? (first[2] as string) : label);
      if (amount === undefined) halves.push({ kind: 'name', line });
      else
        whole.push({
          name,
          line: at,
          figures,
          ...(amount === 'unclear' || amount.decimals === 0 ? {} : { amount }),
          ...(quantity === undefined ? {} : { quantity }),
        });
      continue;
    }
    if (codes === line.cells.length) continue;
    const last = line.cells.at(-1) as string;
    const clear = amount !== undefined && amount !== 'unclear' && amount.decimals > 0 && !/\dx|x\s?\d|\d x/i.test(last);
    const count = line.cells.map((cell) => /^(\d{1,3})$/.exec(cell)?.[1]).find((n) => n !== undefined);
    const quantity = times ? Number(times[1]) : count === undefined ? undefined : Number(count);
    if (/\d[.,]?\d/.test(line.text))
      halves.push({
        kind: 'value',
        line,
        ...(clear ? { amount: amount as Amount } : {}),
        ...(quantity === undefined ? {} : { quantity }),
      });
  }
  const push = (name: string, line: number, amount: Amount | undefined, quantity: number | undefined): void => {
    goods.push({
      name,
      key: squeeze(name),
      line,
      ...(amount ? { amount } : {}),
      ...(quantity === undefined ? {} : { quantity }),
    });
  };
  const usual = Math.max(
    0,
    ...whole.map(({ figures }) => figures).filter((n, _, list) => list.filter((m) => m === n).length * 2 > list.length),
  );
  // A row that lacks a figure which the others have may lack the last one.
  for (const { name, line, amount, quantity, figures } of whole)
    push(name, line, figures < usual ? undefined : amount, quantity);
  const above = halves[0]?.kind === 'name' && halves.at(-1)?.kind === 'value';
  const below = halves[0]?.kind === 'value' && halves.at(-1)?.kind === 'name';
  for (let at = 0; at < halves.length; at++) {
    const half = halves[at] as Half;
    const next = halves[at + 1];
    const [name, value] = half.kind === 'name' ? [half, next] : [next, half];
    const order = half.kind === 'name' ? above : below;
    if (order && next && next.kind !== half.kind && name && value) {
      push(bareName(name.line.cells.join(' ')), name.line.at, value.amount, value.quantity);
      at++;
    } else {
      loose++;
      if (half.kind === 'name') push(bareName(half.line.cells.join(' ')), half.line.at, undefined, undefined);
    }
  }
  return { goods: goods.filter(({ key }) => key.length > 1).sort((a, b) => a.line - b.line), loose };
}

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
