/** What the rows of a receipt are, told by their labels. */
import { remembered } from '../remember.ts';
import { type Amount, amountOf } from './amounts.ts';
import type { Line, Page } from './page.ts';
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

export const TAX = /^(?:add|total|incl|plus)?(?:gst|vat|sst|hst|(?:sales)?tax)/;
/** Labels as they are spelt without spaces; the first pattern that fits decides. */
const KINDS: readonly (readonly [RegExp, RowKind | 'none'])[] = [
  [
    /saved|savings|point|exchange|invoice|receipt|refund|opening|included?all|regno|taxid|^(?:gst|vat|tax|sst|hst|salestax)(?:id|no|number|reg)|freefrom|nocash|storecredit/,
    'none',
  ],
  [
    /^(?:items?\d+)?total(?:qty|quantity)|^itemcount|^noofitem|^totalitem|^items?s?$|^qtys?$|^numberofitem|^totalpieces|^(?:total)?quantity$/,
    'count',
  ],
  [/afterround|roundedtotal|totalrounded|(?:total|nett?|payable)\w*rounded/, 'total'],
  [/^(?:bill)?round|^rnd/, 'rounding'],
  [/^(?:less|member|total)?disc|discount$|^totaldis|^voucher|^coupon/, 'discount'],
  [/^service(?:charge|\d*$)|svc|^serv(?:charge|chg)?\d*$|servcharge/, 'service'],
  [/subtotal|excl|eforetax|^net$|merchandise|goodstotal|foodtotal|^gross$|netamount/, 'subtotal'],
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
  ['totalqty', 'count'],
  ['totalquantity', 'count'],
  ['totalamt', 'total'],
  ['takeawaytotal', 'total'],
  ['mastercard', 'card'],
  ['amountpayable', 'total'],
  ['totalpayable', 'total'],
  ['cashpaid', 'cash'],
  ['cashreceived', 'cash'],
  ['amountpaid', 'cash'],
];

/** What a label names; digits that are letters read badly are letters again. */
export const kindOf = remembered((label: string): RowKind | 'none' | undefined => {
  const key = squeeze(
    label
      .replace(/\([^\p{L}]*\)|\((?:rm|rs|kr|eur|usd|[sa-z]?\$|€)\)/giu, '')
      .replace(/(?<=\p{L})0|0(?=\p{L})/gu, 'o')
      .replace(/(?<=\p{L})1(?=\p{L})/gu, 'l')
      .replace(/(?<=\p{L})4(?=\p{L})/gu, 'a')
      .replace(/(?<=\p{L})9(?=\p{L})/gu, 'g')
      .replace(/\d+ ?%/g, ''),
  ).replace(/\d+$/, '');
  if (key.length < 3) return undefined;
  for (const [pattern, kind] of KINDS) if (pattern.test(key)) return kind;
  return SPELT.find(([spelt]) => alike(key, spelt))?.[1];
});

export const CODE =
  /^(?=(?:.*\d){3})[A-Z]{0,3}[-/]?\d[\dA-Z/-]*$|^[A-Z]{1,3}\d?[-/]\d{3,}$|^\d{2,3}-[A-Z]{2}-\d\d$|^[A-Z]\d\d\/\d{4}$/i;
export const wordy = (text: string): boolean => /\p{L}{2}/u.test(text) && !CODE.test(text);

export interface Ending {
  readonly label: string;
  readonly amount: Amount | 'unclear' | undefined;
  readonly figures: number;
}

/** A row as label and the amount at its end. */
export function endingOf({ cells: all }: Line, page: Page): Ending {
  // A word that was seen behind the amount belongs to something else.
  const stray =
    all.length === 3 && /^\p{L}{4,}$/u.test(all[2] as string) && amountOf(all[1] as string, page.style) !== undefined;
  const cells = stray && kindOf(all[0] as string) !== undefined ? all.slice(0, 2) : all;
  let at = cells.length;
  let figures = 0;
  let last: Amount | 'unclear' | undefined;
  while (at > 0) {
    const cell = cells[at - 1] as string;
    const read = /^[:=]$/.test(cell) ? undefined : amountOf(cell, page.style);
    if (read === undefined && !/^(?:[:=]|rm|rs|kr|usd|[^\p{L}\d]{1,2}|[a-z]\$?)$/iu.test(cell)) break;
    // `Crackers  2L  66.00`: how much is in it belongs to the name.
    if (read !== undefined && figures > 0 && read !== 'unclear' && /^(?:k?g|m?l|h|km)$/i.test(read.unit)) break;
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
export const isHead = ({ cells }: Line): boolean =>
  cells.length > 1 &&
  cells.filter((cell) => HEAD.test(squeeze(cell.replace(/\(.*/, '')))).length * 2 > cells.length &&
  !cells.some((cell) => /\d[.,]\d\d/.test(cell));

export const PAPERS =
  /^(?:date|time|tel|phone(?! case)|ph|telephone|fax|invoice|inv|receipt|bill|doc|cashier|served|server|operator|table|till|counter|terminal|member|ref|salesperson|tax|gst|vat|simplified|cash ?(?:bill|sales)|sales ?receipt)\b/i;
