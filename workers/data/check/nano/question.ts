/** What a question asks, read from its words alone. */
import { numbersIn } from './text.ts';

export type Intent =
  | { kind: 'extreme'; max: boolean }
  | { kind: 'below-average' }
  | { kind: 'average'; without: boolean }
  | { kind: 'sum-of-all' }
  | { kind: 'difference' }
  | { kind: 'how-many'; money: number }
  | { kind: 'units'; count: number }
  | { kind: 'change'; from: number }
  | { kind: 'percent-off'; percent: number }
  | { kind: 'unit-price' }
  | { kind: 'pack' }
  | { kind: 'portions'; count: number }
  | { kind: 'share' }
  | { kind: 'field'; field: string }
  | { kind: 'equation' }
  | { kind: 'name' };

const COUNTS: Readonly<Record<string, number>> = {
  a: 1,
  an: 1,
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
};

/** A count in words or digits. */
export function countOf(word: string): number | undefined {
  const lower = word.toLowerCase();
  return COUNTS[lower] ?? (/^\d+$/.test(lower) ? Number(lower) : undefined);
}

/** What receipts are asked for, told by its words; the first that fits. */
const FIELDS: readonly (readonly [string, RegExp])[] = [
  ['rounding', /\bround(ing|ed)\b(?!.*total.*after)/],
  ['service', /\bservice\b/],
  ['discount', /\b(discount|reduction|taken off)\b/],
  ['subtotal', /sub ?total|before (tax|taxes)|net amount/],
  ['tax', /\b(tax|gst|vat)\b(?! ?free)/],
  ['change', /\bchange\b|(?<!me )\bback\b/],
  ['cash', /\b(cash|tendered|handed over|hand over|customer give|money was)\b/],
  ['date', /\b(date|day|when)\b/],
  ['time', /\btime\b/],
  ['count', /how many (items|pieces|things|articles)|(number|quantity) of items|item count|total quantity/],
  ['invoice', /\b(invoice|receipt|bill|document) (number|no|id)\b|\bnumber does\b/],
  ['cashier', /\b(cashier|server|operator)\b|\bserved\b/],
  ['phone', /\b(phone|telephone|tel|call)\b/],
  ['store', /\b(store|shop|company|seller|business|merchant|restaurant)\b|who issued/],
  [
    'total',
    /\b(total|pay|payable|owe|due|altogether|in all|spend|charged)\b|everything|it all|cost|come to|how much (is|was) (the|this) (receipt|bill|invoice|slip|ticket)/,
  ],
];

/**
 * @param receipt whether what was read is a receipt: there `total` and `change` name fields
 */
export function intentOf(question: string, receipt: boolean): Intent {
  const q = question.toLowerCase();
  const numbers = numbersIn(q);
  const first = numbers[0] ?? Number.NaN;
  if (/\b(equation|sum|exercise|problem|expression)\b/.test(q) && !/sum of|sum for|the sum,/.test(q))
    return { kind: 'equation' };
  if (/\b(split|shared?|divided|each (of|pay|one pay)|each)\b/.test(q) && /\b(pay|split|shared?|divided)\b/.test(q))
    return { kind: 'share' };
  if (receipt) {
    if (/\b(dearest|priciest|costliest|cheapest|least|most)\b/.test(q))
      return { kind: 'extreme', max: !/cheapest|least|affordable/.test(q) };
    for (const [field, pattern] of FIELDS) if (pattern.test(q)) return { kind: 'field', field };
    return { kind: 'name' };
  }
  if (/calories|kcal|servings|portions/.test(q)) {
    const portions = /(\w+) (servings|portions)/.exec(q);
    const count = portions?.[1] ? countOf(portions[1]) : undefined;
    if (count !== undefined) return { kind: 'portions', count };
    if (/whole|full|complete|all of|calories (in|for) the/.test(q)) return { kind: 'pack' };
  }
  if (/(below|under|less than)( the)? average/.test(q)) return { kind: 'below-average' };
  if (/\b(average|mean)\b/.test(q))
    return { kind: 'average', without: /without|leaving out|leave out|not counting|skip|ignoring|except/.test(q) };
  const off = /(\d+)% ?(off|discount|reduction)/.exec(q);
  if (off) return { kind: 'percent-off', percent: Number(off[1]) };
  if (/\bchange\b|(?<!me )\bback\b|is left/.test(q)) return { kind: 'change', from: first };
  if (/per (gallon|litre|liter)|(one|a|each) (gallon|litre|liter)\b|(fuel|petrol|gas|pump) price|unit price/.test(q))
    return { kind: 'unit-price' };
  if (
    /how many (gallons|litres|liters)|how much .*(buy|for [$€£]?\d)|[$€£]\d/.test(q) &&
    /gallon|litre|liter|buy|get/.test(q) &&
    !/\d+ (gallons|litres|liters)/.test(q)
  )
    return { kind: 'how-many', money: first };
  const units = /(\d+) (gallons|litres|liters)/.exec(q);
  if (units) return { kind: 'units', count: Number(units[1]) };
  if (/\b(most expensive|dearest|priciest|costliest|highest|largest|biggest|greatest|top|maximum|the most)\b/.test(q))
    return { kind: 'extreme', max: true };
  if (/\b(cheapest|lowest|smallest|least|minimum|most affordable)\b/.test(q)) return { kind: 'extreme', max: false };
  if (
    /difference|differ\b|how much (more|less|cheaper|dearer|higher|lower|larger|smaller|extra)|beat|exceed|\btop\b|\bsaved?\b|\bgap\b/.test(
      q,
    )
  )
    return { kind: 'difference' };
  if (/(sum|total) (of|over|across) (all|the)|overall/.test(q) && !/\band\b/.test(q)) return { kind: 'sum-of-all' };
  return { kind: 'name' };
}
