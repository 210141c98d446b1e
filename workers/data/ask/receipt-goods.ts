/** Questions that compare the goods of a receipt, or share its total. */
import type { Random } from '../random.ts';
import type { Place, ReceiptFacts } from '../scene/scene.ts';
import { type Ask, resultText, rounded } from './ask.ts';
import { inOrder, phrase, type Split } from './phrase.ts';
import { greatest, least } from './price-words.ts';

type Item = ReceiptFacts['items'][number];

const shares = [
  '[if|when] $n [people|friends|of us] [split|share] the [total|bill|amount due] [equally|evenly|][,|] [how much does each pay|what does each pay|how much is it each]',
  'how much does each of $n [people|friends] pay',
  'the [total|bill] is shared [equally|] by $n[,|.] [how much is that each|what does each one pay]',
  "[what is|what's] the total divided by $n",
  'split the [total|bill] [between|among] $n [people|friends]',
];
const differ = [
  'how much more [did|does|do|was] [the|] $high [cost|] than [the|] $low',
  'how much [cheaper|less] [is|was|were] [the|] $low than [the|] $high',
  "[what is|what's|find] the difference [in price|] between $high and $low",
  'by how much do the [prices|costs] of $high and $low differ',
];
const most = [
  'which [item|thing|article|product] [was|is] the $most',
  'what [was|is] the $most [item|thing|article|product] [bought|on the receipt|on the bill|]',
  '[name|find|tell me] the $most [item|article|product]',
  'what [cost|costs] the $leastword',
];
const words = ['two', 'three', 'four', 'five', 'six', 'seven', 'eight'];

/** @param said how a person names the item, @param evidence where its name and amount stand */
export function askItems(
  rng: Random,
  facts: ReceiptFacts,
  split: Split,
  said: (item: Item) => string,
  evidence: (item: Item) => readonly Place[],
): Ask | undefined {
  const needsPicture = true;
  const { items } = facts;
  const total = facts.fields.total;
  const roll = rng.next();
  if (roll < 0.3 && total?.amount !== undefined) {
    const n = rng.int(2, 8);
    const result = rounded(total.amount / n);
    const p = phrase(rng, shares, { n: rng.chance(0.6) ? (words[n - 2] as string) : String(n) }, split);
    return {
      family: 'sums',
      kind: 'sums/share',
      ...p,
      truth: resultText(result),
      turns: [
        {
          evidence: [total.quote],
          next: { calculate: (v) => `round(${v[0]}/${n}, 2)`, operands: [total.valueAt], result },
        },
        { evidence: [], next: { answer: 'result' } },
      ],
      needsPicture,
    };
  }
  if (roll < 0.65) {
    const [a, b] = rng.sample(items, 2) as [Item, Item];
    const [high, low] = a.amount > b.amount ? [a, b] : [b, a];
    if (high.amount === low.amount) return undefined;
    const result = high.amount - low.amount;
    const p = phrase(rng, differ, { high: said(high), low: said(low) }, split);
    const used = inOrder(p.skeleton, { high, low });
    return {
      family: 'sums',
      kind: 'sums/difference-receipt',
      ...p,
      truth: resultText(result),
      turns: [
        {
          evidence: used.map(evidence),
          next: { calculate: (v) => `abs(${v.join('-')})`, operands: used.map((one) => one.valueAt), result },
        },
        { evidence: [], next: { answer: 'result' } },
      ],
      needsPicture,
    };
  }
  const max = rng.chance(0.6);
  const amounts = items.map((item) => item.amount);
  const result = max ? Math.max(...amounts) : Math.min(...amounts);
  const best = items.filter((item) => item.amount === result);
  if (best.length !== 1 || items.length > 8) return undefined;
  const [item] = best as [Item];
  const slots = { most: rng.pick(max ? greatest : least), leastword: max ? 'most' : 'least' };
  return {
    family: 'extremes',
    kind: 'extremes/receipt',
    ...phrase(rng, most, slots, split),
    truth: item.name,
    turns: [
      {
        evidence: items.map(evidence),
        next: {
          calculate: (v) => `${max ? 'max' : 'min'}(${v.join(', ')})`,
          operands: items.map((one) => one.valueAt),
          result,
        },
      },
      { evidence: [evidence(item)], next: { answer: item.nameAt, as: 'text' } },
    ],
    needsPicture,
  };
}
