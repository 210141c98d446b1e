/** Questions about receipts: what is printed on them, what is to pay, their goods. */
import type { Derived } from '../contract.ts';
import { type Amount, rounded } from './amounts.ts';
import { countIn, extremeIn, say, sayAmount, UNPARSED } from './answer.ts';
import { itemsOf } from './bought.ts';
import { extremeOf } from './extremes.ts';
import type { Good } from './goods.ts';
import type { RowKind } from './labels.ts';
import { indexOf, masked, type Named, partsOf } from './naming.ts';
import type { Entry, Line, Page } from './page.ts';
import { printed } from './papers.ts';
import { amountAt } from './prices.ts';
import { amountFor, payable, tillOf } from './till.ts';
import { tokensOf, withWords } from './wording.ts';

const WORDS = withWords(`
subtotal sub tax taxes gst vat service fee rounding rounded adjustment cash tendered handed hand received change date day time invoice
document id no store shop company seller business merchant restaurant issued issue printed made wrote called phone telephone tel call reach
pieces cashier cashier's server operator served serve goods everything due owe purchase meal shopping final grand carry bear have money
customer sales net included discounts paid end it this on where payable amounts friends us equally evenly quantity count said customers under from name owner`);

/** What may be asked for; the first that fits. */
const FIELDS: readonly (readonly [RowKind | 'date' | 'time' | 'invoice' | 'cashier' | 'phone' | 'store', RegExp])[] = [
  ['total', /\btotal (?:payable amount |after rounding|with tax)|\bafter rounding\b/],
  ['rounding', /\bround(?:ing|ed)\b/],
  ['service', /\bservice\b/],
  ['discount', /\b(?:discount|reduction|taken off)\b(?!.*\bbefore\b)/],
  ['subtotal', /\bsub ?total\b|\bbefore (?:the )?tax(?:es)?\b|\bnet amount\b/],
  [
    'count',
    /\bhow many (?:items|pieces|things|articles|goods)\b|\b(?:number|quantity) of items\b|\bitem count\b|\btotal quantity\b/,
  ],
  ['tax', /\b(?:tax|gst|vat)\b/],
  ['change', /\bchange\b|\bback\b|\breturned\b/],
  ['cash', /\bcash(?!ier)\b|\btendered\b|\bhand(?:ed)? over\b|\bmoney (?:was|did)\b|\bcustomer give\b/],
  ['date', /\b(?:date|day|when)\b/],
  ['time', /\btime\b/],
  ['phone', /\b(?:phone|telephone|tel|call|reach)\b/],
  ['invoice', /\b(?:invoice|receipt|bill|document) (?:number|no|id)\b|\bwhat number does\b/],
  ['cashier', /\b(?:cashier|cashier's|server|operator|served?)\b/],
  [
    'store',
    /\b(?:store|shop|company|seller|business|merchant|restaurant)\b|^who (?:issued|wrote|printed|gave)\b|^where (?:was|is|did)\b/,
  ],
  [
    'total',
    /\btotal\b|\b(?:pay|paid|payable|owe|due|altogether|in all|spend|charged)\b|\b(?:everything|it all|the purchase|the shopping|the order|the meal)\b.*\b(?:cost|come)\b|\bcome to\b|^how much (?:is|was) (?:the|this) (?:receipt|bill|invoice|slip|ticket)\b/,
  ],
];

const named = (goods: readonly Good[]): Named<Entry>[] =>
  goods.filter(({ amount }) => amount !== undefined).map((good) => ({ key: good.key, text: good.name, is: good }));

export function deriveReceipt(question: string, page: Page): Derived {
  const till = tillOf(page);
  const index = indexOf(named(till.goods));
  const tokens = tokensOf(question, WORDS, (key) => index.words.has(key));
  const parts = partsOf(tokens, index, WORDS);
  const text = masked(parts);
  const { items } = itemsOf(parts);
  if (items.some(({ part }) => part.kind === 'stranger')) return 'unknown';
  const amounts = items.map(({ part }) => amountAt(part));
  if (items.length > 0) {
    const missing = amounts.includes(undefined);
    if (
      /\bhow many N\b|\bquantity of(?: the)? N\b|\bhow many (?:of|pieces of)(?: the)? N\b/.test(text) &&
      items.length === 1
    ) {
      const part = items[0]?.part;
      const good = part?.kind === 'name' && part.of.length === 1 ? (part.of[0] as Good) : undefined;
      return say(good?.quantity);
    }
    if (missing) return 'unknown';
    const values = (amounts as Amount[]).map(({ value }) => value);
    if (items.length === 2 && /\b(?:more|cheaper|less|dearer|differ|difference)\b/.test(text))
      return say(Math.abs((values[0] as number) - (values[1] as number)));
    if (items.length === 1) return /\b(?:which|who|where|when)\b/.test(text) ? UNPARSED : sayAmount(amounts[0]);
    return say(values.reduce((sum, value) => sum + value, 0));
  }
  if (/\b(?:split|shared?|shares|divided|each)\b/.test(text) && /\b(?:pays?|split|shared?|divided|each)\b/.test(text)) {
    const people = parts
      .flatMap((part) => (part.kind === 'word' ? [countIn(part.text)] : []))
      .filter((n) => n !== undefined && n > 1);
    const total = payable(till);
    if (people.length !== 1) return UNPARSED;
    return total ? say(rounded(total.value / (people[0] as number))) : 'unknown';
  }
  const extreme = extremeIn(text);
  if (extreme && !/\b(?:total|date)\b/.test(text))
    return till.loose > 0 ? 'unknown' : extremeOf(till.goods, extreme, /^how much\b/.test(text));
  const field = FIELDS.find(([, said]) => said.test(text))?.[0];
  switch (field) {
    case undefined:
    case 'tax-block':
    case 'card':
      return UNPARSED;
    case 'total':
      return sayAmount(payable(till));
    case 'discount': {
      const amount = amountFor(till, 'discount');
      return amount ? say(amount.value, -amount.value) : 'unknown';
    }
    case 'date':
    case 'time':
    case 'invoice':
    case 'cashier':
    case 'phone':
    case 'store':
      return say(...printed(page, field));
    default:
      return sayAmount(amountFor(till, field));
  }
}

/** How much of a page looks like a receipt: kinds of cues, not how often they come. */
export function receiptCues({ lines }: Page): number {
  const cues = [
    /t[o0]ta[l1i]|amount due|payable|subtotal|nett\b|^sum\b|merchandise/im,
    /\b(?:cash|tender|paid|payment|visa|mastercard|debit|credit)/i,
    /change\b/i,
    /receipt|invoice|\bbill no|\bdoc no|\binv\b|cash ?(?:bill|sales)/i,
    /rounding|round off|\brnd\b/i,
    /\b(?:gst|vat|sst|hst|sales tax|tax)\b/i,
    /\b(?:tel|phone|ph|telephone)\b/i,
    /\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d\d-\d\d|\d{1,2} (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)/i,
    /cashier|served by|server|operator/i,
    /discount|voucher|service charge|svc/i,
    /\bqty\b|quantity|\bitems?\b.*\d|description|^item\tamount/im,
    /thank you|come again|refund/i,
  ];
  const text = lines.map((line: Line) => line.text).join('\n');
  return cues.filter((cue) => cue.test(text)).length;
}
