/**
 * Receipts as tills print them and readers give them: a name stamped above the company's, dates without a label, lines of
 * one row or two whose amount is the last number, more than one total, cash and change. Names and figures are invented.
 */
import type { Random } from '../../../data/random.ts';
import { pseudoWord } from './boards.ts';

const TRADES =
  'enterprise trading mart store restaurant cafe hardware pharmacy books supermarket bakery motor machinery station boutique kitchen grocer stationery foods electrical'.split(
    ' ',
  );
const FORMS = ['sdn bhd', 'sdn. bhd.', 'ltd', 'inc.', 'gmbh', 'llc', 'co.', '& sons', 'bhd', 'holdings'];
const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
/** Rows of a column head, as fits the cells of a line. */
const HEADS = [
  'item\tqty\tprice\tamount',
  'description\tqty\tunit price\ttotal',
  'code/desc\tqty\trm',
  'qty item\ttotal',
];

export interface Line {
  readonly name: string;
  readonly amount: string;
  /** Rows that tell it, the one of its name first. */
  readonly rows: readonly number[];
}

export interface Receipt {
  readonly rows: readonly string[];
  readonly company: { readonly row: number; readonly said: string };
  readonly date: { readonly row: number; readonly said: string } | undefined;
  readonly lines: readonly Line[];
  readonly total: { readonly row: number; readonly said: string };
}

const two = (n: number): string => String(n).padStart(2, '0');
export const phrase = (rng: Random, least: number, most: number): string =>
  Array.from({ length: rng.int(least, most) }, () => pseudoWord(rng)).join(' ');
const digits = (rng: Random, least: number, most: number): string =>
  Array.from({ length: rng.int(least, most) }, () => rng.int(0, 9)).join('');

function companyName(rng: Random, plain: boolean): string {
  const name = phrase(rng, 1, 3);
  if (plain) return name;
  const form = rng.pick(FORMS);
  const trade = rng.pick(TRADES);
  return rng.pick([
    `${name} ${trade}`,
    `${name} ${form}`,
    `${name} ${trade} ${form}`,
    `${name} (${pseudoWord(rng)}) ${form}`,
  ]);
}

function dateText(rng: Random): string {
  const [day, month, year] = [two(rng.int(1, 28)), rng.int(1, 12), rng.int(2008, 2031)];
  const sign = rng.pick(['/', '/', '-', '-', '.']);
  return rng.pick([
    [day, two(month), year].join(sign),
    [day, two(month), year].join(sign),
    [day, two(month), two(year % 100)].join(sign),
    [year, two(month), day].join(sign),
    `${day} ${MONTHS[month - 1]} ${year}`,
    `${MONTHS[month - 1]} ${day}, ${year}`,
  ]);
}

function dateRow(rng: Random, date: string): string {
  const time = `${two(rng.int(7, 22))}:${two(rng.int(0, 59))}${rng.pick(['', `:${two(rng.int(0, 59))}`, ' pm'])}`;
  return rng.pick([
    `${date} ${time}`,
    `${date}\t${time}`,
    `${date} ${time} sh${two(rng.int(1, 9))} z${digits(rng, 2, 3)}\tt${rng.int(1, 9)} r${digits(rng, 6, 9)}`,
    `ord #${digits(rng, 2, 2)} -reg #${digits(rng, 2, 2)}- ${date} ${time}`,
    `${date} ${time}, by: ${pseudoWord(rng)}`,
    date,
    `date: ${date} ${time}`,
    `date\t${date}\ttime\t${time}`,
    `bill date :\t${date}`,
    `doc no\tcs${digits(rng, 5, 8)}\tdate: ${date}`,
  ]);
}

/** Rows of one line, its name in the first, second or same row as its amount. @returns which row has the name */
function lineRows(rng: Random, layout: number, name: string, quantity: number, price: string, amount: string) {
  const code = rng.chance(0.5) ? digits(rng, 4, 13) : `${pseudoWord(rng)}-${digits(rng, 2, 4)}`;
  const tax = rng.chance(0.15) ? rng.pick([' sr', '\tsr', ' z']) : '';
  const counted = rng.pick([
    `${quantity}\t${price}`,
    `${quantity} x ${price}`,
    `${quantity} x\t${price}`,
    `${quantity} pc\t${price}`,
  ]);
  switch (layout) {
    case 0:
      return { rows: [`${name}\t${amount}${tax}`], named: 0, valued: 0 };
    case 1:
      return { rows: [`${name}\t${quantity}\t${price}\t${amount}${tax}`], named: 0, valued: 0 };
    case 2:
      return { rows: [name, `${code}\t${counted}\t${amount}${tax}`], named: 0, valued: 1 };
    case 3:
      return { rows: [`${code}\t${quantity}\t${price}\t${amount}${tax}`, name], named: 1, valued: 0 };
    case 4:
      return {
        rows: [`${code}\t${name}`, `${counted}\t${rng.pick(['', '0.00\t'])}${amount}${tax}`],
        named: 0,
        valued: 1,
      };
    case 5:
      return { rows: [`${quantity} ${name}\t${amount}${tax}`], named: 0, valued: 0 };
    default:
      return {
        rows: [
          name,
          `${pseudoWord(rng)}${digits(rng, 1, 2)}-${digits(rng, 2, 2)}`,
          `${code}\t${counted}\t${amount}${tax}`,
        ],
        named: 0,
        valued: 2,
      };
  }
}

export function receipt(rng: Random): Receipt {
  const rows: string[] = [];
  const add = (row: string): number => rows.push(row) - 1;
  const stamped = rng.chance(0.5);
  if (stamped)
    add(rng.pick([phrase(rng, 2, 3), phrase(rng, 2, 3), digits(rng, 2, 6), `${rng.int(1, 9)}-${digits(rng, 5, 7)}`]));
  const name = companyName(rng, !stamped && rng.chance(0.2));
  const company = { row: add(name), said: name };
  const around = [
    `(${digits(rng, 6, 6)}-${rng.pick(['x', 't', 'k', 'w'])})`,
    `no. ${rng.int(1, 99)}, ${rng.pick(['jalan', 'lot', 'street'])} ${phrase(rng, 1, 2)}`,
    `${digits(rng, 5, 5)} ${phrase(rng, 1, 2)}`,
    `tel: ${digits(rng, 2, 3)}-${digits(rng, 6, 8)}`,
    `gst id: ${digits(rng, 9, 12)}`,
    rng.pick(['tax invoice', 'cash bill', 'receipt', '-invoice-', 'cash sales']),
  ];
  for (const row of around) if (rng.chance(0.5)) add(row);
  const dated = rng.chance(0.9) ? dateText(rng) : undefined;
  const late = rng.chance(0.3);
  const papers = [
    ...(dated === undefined || late ? [] : [dateRow(rng, dated)]),
    ...(rng.chance(0.5) ? [`cashier: \t${pseudoWord(rng)}`] : []),
    ...(rng.chance(0.4) ? [`inv no:\t${pseudoWord(rng)}${digits(rng, 4, 8)}`] : []),
  ];
  for (const row of rng.shuffle(papers)) add(row);
  if (rng.chance(0.5)) add(rng.pick(HEADS));

  const layout = rng.int(0, 6);
  const decimals = rng.pick([2, 2, 2, 2, 0]);
  const money = (value: number): string => value.toFixed(decimals);
  const names: string[] = [];
  const lines: Line[] = [];
  let sum = 0;
  for (let left = rng.int(1, 6); left > 0; left--) {
    const item = `${phrase(rng, 1, 3)}${rng.chance(0.25) ? ` ${rng.int(1, 99)}${rng.pick(['ml', 'g', 'cm', '', '#', ' pcs'])}` : ''}`;
    if (names.some((one) => one.startsWith(item) || item.startsWith(one))) continue;
    names.push(item);
    const quantity = rng.pick([1, 1, 1, 2, 3, 5]);
    const price = rng.int(1, decimals === 0 ? 90 : 4_000) / (decimals === 0 ? 1 : 100);
    const amount = Number((price * quantity).toFixed(2));
    sum += amount;
    const made = lineRows(rng, layout, item, quantity, money(price), money(amount));
    const from = rows.length;
    for (const row of made.rows) add(row);
    lines.push({ name: item, amount: money(amount), rows: [...new Set([from + made.named, from + made.valued])] });
  }
  if (rng.chance(0.2)) add(rng.pick(['--------', '* * *', '+']));
  const total = totals(rng, add, sum, money);
  if (dated !== undefined && late) add(dateRow(rng, dated));
  for (let left = rng.int(0, 2); left > 0; left--)
    add(rng.pick(['thank you', 'please come again', 'goods sold are not returnable', `member: ${digits(rng, 4, 6)}`]));
  const date = dated === undefined ? undefined : { row: rows.findLastIndex((row) => row.includes(dated)), said: dated };
  return { rows, company, date, lines, total };
}

/** What stands below the lines. @returns what is to be paid in the end */
function totals(
  rng: Random,
  add: (row: string) => number,
  sum: number,
  money: (value: number) => string,
): Receipt['total'] {
  const mark = rng.pick(['', '', 'rm ', '$', 'rm\t']);
  const row = (label: string, value: number): { row: number; said: string } => ({
    row: add(`${label}\t${mark}${money(value)}`),
    said: money(value),
  });
  if (rng.chance(0.3)) add(`total qty\t${rng.int(1, 12)}`);
  if (rng.chance(0.4)) row(rng.pick(['subtotal', 'sub total :', 'total sales (excluding gst) :', 'total']), sum);
  if (rng.chance(0.2)) row(rng.pick(['discount', 'less discount :']), 0);
  const tax = rng.chance(0.3) ? Math.round(sum * 6) / 100 : 0;
  if (tax > 0) row(rng.pick(['gst 6%', 'sales tax', 'total gst']), tax);
  let due = Number((sum + tax).toFixed(2));
  let last = row(
    rng.pick(['total', 'total:', 'grand total', 'net total', 'total amount', 'total sales (inclusive of gst) :']),
    due,
  );
  if (rng.chance(0.4)) {
    const by = rng.int(-2, 2) / 100;
    row(rng.pick(['rounding adjustment', 'rounding', 'rounding adj.']), by);
    due = Number((due + by).toFixed(2));
    last = row(rng.pick(['total rounded', 'rounded total (rm):', 'total after rounding', 'net total rounded']), due);
  }
  if (rng.chance(0.8)) {
    const cash = Math.ceil(due / 10) * 10 + rng.pick([0, 0, 10, 50]);
    row(rng.pick(['cash', 'cash :', 'cash received', 'amount paid', 'tendered']), cash);
    if (rng.chance(0.85)) row(rng.pick(['change', 'change :', 'change due', 'your change']), cash - due);
  }
  return last;
}
