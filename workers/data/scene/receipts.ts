/**
 * Receipts that add up. Two to four rows say "total"; quantities, tax summaries and savings come as distractors, some
 * after the answer; labels may be missing or stand on the row before their value.
 */
import type { Random } from '../random.ts';
import { inventName, inventWord } from '../words/invent.ts';
import type { Vocabulary } from './names.ts';
import { papers, shopHead } from './receipt-head.ts';
import { goodsBlock } from './receipt-items.ts';
import { sumsBlock } from './receipt-sums.ts';
import { receiptWriter } from './receipt-writer.ts';
import type { ReceiptFacts, Scene } from './scene.ts';

const footers = [
  'Thank you',
  'Please come again',
  'Have a nice day',
  'Goods sold are not refundable',
  'No refund without receipt',
  'See you soon',
  'Keep this receipt',
  'Thank you for shopping with us',
  'Exchange within 14 days',
  'Customer copy',
  'We value your opinion',
  'Follow us online',
  'Opening hours 9 - 21',
  'Tax invoice on request',
  'Tell us how we did and win a prize',
  'Scan the code to join our club',
  'Points are added within 2 days',
  'Delivery free from 50.00',
  'All prices include service',
  'Store credit only, no cash back',
  'Your feedback helps us to serve you better',
  'Get our app for more offers',
  'Next visit: 10% off one item',
  'This is a computer printed document',
];

export function receiptScene(rng: Random, words: Vocabulary): Scene {
  const w = receiptWriter(rng, words);
  const taxName = rng.pick(['GST', 'VAT', 'Tax', 'GST', 'Sales Tax', 'SST', 'HST']);
  shopHead(w, taxName);
  const papersLast = rng.chance(0.15);
  if (!papersLast) papers(w);
  const goods = goodsBlock(w);
  sumsBlock(w, goods, taxName);
  if (papersLast) papers(w);
  for (const line of rng.sample(
    footers,
    rng.weighted([
      [0, 3],
      [1, 4],
      [2, 3],
      [4, 2],
      [8, 1.5],
    ] as const),
  ))
    w.out.add('text', [w.inCase(line)]);
  if (rng.chance(0.15))
    w.out.add('text', [w.inCase(rng.chance(0.5) ? `www.${inventWord(rng).toLowerCase()}.com` : inventName(rng))]);
  const facts: ReceiptFacts = { kind: 'receipt', fields: w.fields, items: goods.items };
  return { template: `receipt-${goods.layout}${w.below ? '-below' : ''}`, rows: w.out.rows, facts };
}
