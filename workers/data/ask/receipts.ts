/** Questions about receipts. "The total" is the amount payable after rounding. */
import type { Random } from '../random.ts';
import type { Place, ReceiptFacts, ReceiptField } from '../scene/scene.ts';
import { inventName } from '../words/invent.ts';
import { type Ask, resultText, type Turn } from './ask.ts';
import { partOf, phrase, type Split, spoken } from './phrase.ts';
import { askItems } from './receipt-goods.ts';

const paper = '[receipt|bill|invoice|slip|ticket]';
const asks: Readonly<Record<ReceiptField, readonly string[]>> = {
  total: [
    "[what is|what's|give me|tell me|find|read|show me] the [total|grand total|final total|total amount|total price|amount payable|amount due|total to pay|overall total|sum to pay|bill total]",
    `[what is|what's|tell me] the total [of|on|shown on|printed on] [the|this] ${paper}`,
    `how much [is|was] [the|this] ${paper} [in total|altogether|]`,
    'how much [should|must|do|does|did] [i|we|the customer|one|they|the buyer] [pay|owe|have to pay|spend] [in total|altogether|in all|]',
    `[total|grand total|amount due|total amount|total payable] [of the ${paper}|]`,
    `what [amount|sum] [has to be paid|was payable|is payable|is due|must be paid|was charged] [in the end|]`,
    `what [does|did] [everything|it all|the purchase|the shopping|the order|the meal] [cost|come to]`,
    `what is the total [cost|bill|sum|price|payable amount|after rounding|with tax]`,
  ],
  subtotal: [
    "[what is|what's|give me|find|read] the [subtotal|sub total|sum before tax|total before tax|net amount]",
    `[what is the|tell me the|] subtotal [of|on] [the|this] ${paper}`,
    'how much [is|was] it before [tax|taxes and discounts]',
    'what do the goods come to before tax',
  ],
  tax: [
    "[what is|what's|give me|find|read|how much is] the [tax|gst|vat|tax amount|sales tax]",
    'how much [tax|vat|gst|sales tax] [is|was] [charged|paid|included|there|on it]',
    `[tax|gst|vat] [on|of] the ${paper}`,
    'how much [of it|of the bill] is tax',
    '[how much|what] tax [did i pay|do i pay|was paid]',
  ],
  service: [
    "[what is|what's|how much is|give me|find] the service [charge|fee]",
    'how much [is charged|was charged|did they charge] for service',
    'how much service charge [is|was] [there|added]',
  ],
  discount: [
    "[what is|what's|how much is|give me|find] the [discount|reduction]",
    'how much [discount|reduction] [did i get|was given|is there|was taken off]',
    'how much was taken off [the bill|the price|]',
  ],
  rounding: [
    "[what is|what's|how much is|give me|find] the rounding [adjustment|amount|difference|]",
    'by how much was [the total|it|the bill] rounded',
  ],
  cash: [
    "[what is|what's|how much is|give me|find] the [cash amount|amount tendered|cash tendered|cash paid|cash received]",
    'how much [cash|money] [was paid|was handed over|was given|was tendered|was received|did the customer give|did i hand over]',
    'with how much cash was it paid',
  ],
  change: [
    "[what is|what's|how much is|give me|find] the change",
    'how much change [was given|did i get|was returned|is due|do i get|was handed back]',
    'how much [money|] [did i get|was given|came|came back to me] back',
  ],
  date: [
    "[what is|what's|give me|find|read] the date",
    `[what is|tell me] the date [of|on] [the|this] ${paper}`,
    `when was [the|this] ${paper} [issued|printed|made]`,
    `[on|] [what|which] [date|day] was [it|this] [bought|issued|printed|paid]`,
    'what [day|date] was the purchase',
  ],
  time: [
    "[what is|what's|give me|find|read] the time",
    `at what time was [it|the ${paper}] [issued|printed|paid|made]`,
    'what time was the purchase',
  ],
  invoice: [
    "[what is|what's|give me|find|read] the [invoice|receipt|bill|document] [number|no|no.|id]",
    `which [invoice|receipt|bill] number [is on it|does it have|is printed|is given]`,
    `what number does [the|this] ${paper} [have|carry|bear]`,
  ],
  store: [
    "[what is|what's|give me|find|read] the [store|shop|company|seller|business|merchant] [name|called|]",
    '[what is|tell me] the name of the [shop|store|company|seller|business|merchant|restaurant]',
    `[where|at which shop|in which store|from which company] [was this bought|is this ${paper} from|was it bought|did i buy this|was it issued]`,
    `[which|what] [shop|store|company|seller|business] [issued|printed|wrote|gave] [the|this] ${paper}`,
    `who issued [the|this] ${paper}`,
  ],
  phone: [
    "[what is|what's|give me|find|read] the [phone|telephone|tel|phone number|telephone number] [of the shop|]",
    'which number [can i call|do i call|must i call]',
    'what number do i call to reach the [shop|store]',
  ],
  count: [
    'how many [items|pieces|things|articles] [were bought|are there|did i buy|were sold|are on it|in total]',
    "[what is|what's|give me] the [number of items|total quantity|item count|quantity of items]",
  ],
  cashier: [
    'who [was|is] the [cashier|server|operator]',
    "[what is|what's] the [name of the cashier|cashier|cashier's name|name of the server]",
    'who served [me|us|the customer]',
  ],
};
/** The total in the fewest words: most people ask like this. */
const plainTotal = [
  'what is the total',
  "what's the total",
  'what is the total amount',
  'how much is the total',
  'total',
];
const item = [
  'how much [is|was|were|did i pay for] [the|] $name',
  "[what is|what's|give me|find|read] the [price|cost|amount] [of|for] [the|] $name",
  'what [did|does] [the|] $name cost',
  '[price|cost|amount] [of|for] [the|] $name',
  `how much did they [charge|ask|take] for [the|] $name`,
  'what [amount|price] is [listed|printed|given|shown] for [the|] $name',
];
const itemsTogether = [
  'how much [are|were|do|did] $name1 and $name2 [together|in total|cost together|come to]',
  "[what is|what's|find] the [sum|total] [of|for] $name1 and $name2",
  'what [do|did] $name1 and $name2 [cost|come to] [together|altogether]',
];

export function askReceipt(rng: Random, facts: ReceiptFacts, split: Split, wanted?: ReceiptField): Ask | undefined {
  const one = (places: readonly Place[]): readonly Place[] => places;
  const itemEvidence = (e: ReceiptFacts['items'][number]): readonly Place[] =>
    e.nameAt.row === e.valueAt.row ? [e.nameAt, e.valueAt] : [e.nameAt, { row: e.valueAt.row, cell: 0 }, e.valueAt];
  const field = (name: ReceiptField): Ask => {
    const at = facts.fields[name];
    const plain = name === 'total' && split === 'train' && rng.chance(0.3);
    const p = phrase(rng, plain ? plainTotal : asks[name], {}, split);
    if (!at)
      return {
        family: 'unanswerable',
        kind: 'unanswerable/field',
        ...p,
        truth: '<unknown>',
        turns: [{ evidence: [], next: 'unknown' }],
        needsPicture: true,
      };
    const as = at.amount === undefined ? 'text' : 'amount';
    const turn: Turn = { evidence: [one(at.quote)], next: { answer: at.valueAt, as } };
    return {
      family: 'receipt',
      kind: `receipt/${name}`,
      ...p,
      truth: at.amount === undefined ? at.value : resultText(at.amount),
      turns: [turn],
      needsPicture: true,
    };
  };
  const names = Object.keys(facts.fields) as ReceiptField[];
  if (wanted) return facts.fields[wanted] ? field(wanted) : undefined;
  const roll = rng.next();
  if (roll < 0.34) return field('total');
  if (roll < 0.72) return field(rng.pick(names.filter((n) => n !== 'total')));
  if (roll < 0.77) {
    // What the receipt does not show. A subtotal or count could be worked out, so they are not asked in vain.
    const missing = (['phone', 'cashier', 'invoice', 'service', 'tax', 'change', 'cash', 'time'] as const).filter(
      (n) => !facts.fields[n] && !(n === 'change' && facts.fields.cash),
    );
    return missing.length > 0 ? field(rng.pick(missing)) : undefined;
  }
  const said = (e: { name: string }): string =>
    spoken(
      rng,
      rng.chance(0.2)
        ? partOf(
            rng,
            e.name,
            facts.items.map((o) => o.name),
          )
        : e.name,
    );
  if (roll < 0.795) {
    const p = phrase(rng, item, { name: spoken(rng, inventName(rng)) }, split);
    return {
      family: 'unanswerable',
      kind: 'unanswerable/item',
      ...p,
      truth: '<unknown>',
      turns: [{ evidence: [], next: 'unknown' }],
      needsPicture: true,
    };
  }
  if (roll < 0.9 || facts.items.length < 2) {
    const e = rng.pick(facts.items);
    const p = phrase(rng, item, { name: said(e) }, split);
    return {
      family: 'receipt',
      kind: 'receipt/item',
      ...p,
      truth: resultText(e.amount),
      turns: [{ evidence: [itemEvidence(e)], next: { answer: e.valueAt, as: 'amount' } }],
      needsPicture: true,
    };
  }
  const more = rng.chance(0.55) ? askItems(rng, facts, split, said, itemEvidence) : undefined;
  if (more) return more;
  const [a, b] = rng.sample(facts.items, 2) as [ReceiptFacts['items'][number], ReceiptFacts['items'][number]];
  const p = phrase(rng, itemsTogether, { name1: said(a), name2: said(b) }, split);
  return {
    family: 'sums',
    kind: 'sums/receipt',
    ...p,
    truth: resultText(a.amount + b.amount),
    turns: [
      {
        evidence: [itemEvidence(a), itemEvidence(b)],
        next: { calculate: (v) => v.join('+'), operands: [a.valueAt, b.valueAt], result: a.amount + b.amount },
      },
      { evidence: [], next: { answer: 'result' } },
    ],
    needsPicture: true,
  };
}
