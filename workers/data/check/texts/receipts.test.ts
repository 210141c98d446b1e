import { describe, expect, it } from 'vitest';
import { deriveFromRows } from './derive.ts';

type Expected = number | string;
const heard = (question: string, rows: readonly string[]): readonly Expected[] => {
  const derived = deriveFromRows(question, rows);
  return derived === 'unknown' ? ['unknown'] : 'answers' in derived ? derived.answers : ['unparsed'];
};

const full = [
  'MELVIN HARDWARE LTD',
  '12, Canal Street',
  'Tel: 03-7781920',
  'TAX INVOICE',
  'Date: 14/03/2021 10:45 AM',
  'Invoice No: KB-20418',
  'Cashier: Nora',
  'Description\tQty\tPrice\tAmount',
  'Paint Brush\t2\t6.00\t12.00',
  'Wood Glue\t1\t8.50\t8.50',
  'Masking Tape\t3\t3.10\t9.30',
  'Total Items\t6',
  'Subtotal\t29.80',
  'Discount\t-1.80',
  'GST 6%\t1.68',
  'Total\t29.68',
  'Rounding\t0.02',
  'Total Rounded\t29.70',
  'Cash\t50.00',
  'Change\t20.30',
  'GST Summary',
  'Code\t%\tAmount\tTax',
  'S\t6\t28.00\t1.68',
  'Total\t28.00\t1.68',
  'Points earned\t29',
  'Thank you',
];
const codeFirst = [
  'KORO MART',
  'Receipt No\tX-4411',
  'Date\t2 Mar 2020',
  'Code\tQty\tPrice\tAmount',
  'A44120\t1 x 3.50\t3.50',
  'Candle',
  'B81234\t2 x 1.25\t2.50',
  'Paper A4',
  'Total\t6.00',
  'Visa\t6.00',
];
const nameFirst = [
  'LUMO CAFE',
  'Date 02.05.2022',
  'Bill No 771-AB-12',
  'Oat Latte',
  '2 x 4.00\t8.00',
  'Rye Bun',
  '1 x 2.20\t2.20',
  'Total\t10.20',
  'Cash\t20.00',
  'Change\t9.80',
];
const unlabelled = [
  'NOVA',
  'Date 2021-05-06',
  'Tea\t3.33',
  'Total\t3.33',
  'Rounding\t0.02',
  '3.35',
  'Cash\t5.00',
  'Change\t1.65',
];
const lost = [
  'NOVA',
  'Date 2021-05-06',
  'Tea\t3.35',
  'Bun\t4.10',
  'Milk\t1.10',
  'Total\t8 55',
  'Cash\t10.00',
  'Change\t1.45',
];
const conflicting = [
  'NOVA',
  'Date 2021-05-06',
  'Tea\t3.35',
  'Bun\t4.10',
  'Total\t7.45',
  'Net Total\t1.45',
  'Thank you',
];
const settled = [
  'NOVA',
  'Date 2021-05-06',
  'Tea\t3.35',
  'Bun\t4.10',
  'Total\t7.95',
  'Net Total\t7.45',
  'Cash\t10.00',
  'Change\t2.55',
];
const before = ['NOVA', 'Date 2021-05-06', 'Tea\t3.33', 'Total\t3.33', 'Rounding\t0.02', 'Cash\t5.00', 'Change\t1.65'];

const TABLE: readonly (readonly [readonly string[], readonly (readonly [string, Expected])[]])[] = [
  [
    full,
    [
      ['What is the total?', 29.7],
      ['how much did I pay in total', 29.7],
      ['What is the total amount payable?', 29.7],
      ['how much is this bill', 29.7],
      ['what does everything cost', 29.7],
      ['What is the subtotal?', 29.8],
      ['how much is it before tax', 29.8],
      ['How much tax was charged?', 1.68],
      ['what is the gst', 1.68],
      ['how much discount was given', 1.8],
      ['By how much was the bill rounded?', 0.02],
      ['How much cash was handed over?', 50],
      ['how much change was given', 20.3],
      ['how much did I get back', 20.3],
      ['What is the date?', '14/03/2021'],
      ['when was this receipt issued', '14/03/2021'],
      ['at what time was it printed', '10:45 AM'],
      ['What is the invoice number?', 'KB-20418'],
      ['who was the cashier', 'Nora'],
      ['who served me', 'Nora'],
      ['what is the phone number', '03-7781920'],
      ['what is the name of the shop', 'MELVIN HARDWARE LTD'],
      ['who issued this invoice', 'MELVIN HARDWARE LTD'],
      ['How many items were bought?', 6],
      ['how much is the service charge', 'unknown'],
      ['How much was the wood glue?', 8.5],
      ['price of masking tape', 9.3],
      ['how many masking tape were bought', 'unknown'],
      ['how much was the hammer', 'unknown'],
      ['how much were wood glue and paint brush together', 20.5],
      ['how much more did the paint brush cost than the wood glue', 3.5],
      ['which item was the cheapest', 'Wood Glue'],
      ['what was the most expensive item', 'Paint Brush'],
      ['if three people split the bill, how much does each pay', 9.9],
      ['the total is shared by four. what does each one pay', 7.43],
      ['what colour is the shop', 'unknown'],
    ],
  ],
  [
    codeFirst,
    [
      ['how much is the candle', 3.5],
      ['how much was the paper a4', 2.5],
      ['what is the total', 6],
      ['how much change was given', 'unknown'],
      ['how much cash was paid', 'unknown'],
      ['what is the date', '2 Mar 2020'],
      ['which item is the dearest', 'Candle'],
    ],
  ],
  [
    nameFirst,
    [
      ['how much was the oat latte', 8],
      ['how much was the rye bun', 2.2],
      ['what is the receipt number', '771-AB-12'],
      ['how much change did i get', 9.8],
      ['who was the cashier', 'unknown'],
      ['what time was the purchase', 'unknown'],
    ],
  ],
  [unlabelled, [['what is the total', 3.35]]],
  [lost, [['what is the total', 8.55]]],
  [conflicting, [['what is the total', 'unknown']]],
  [settled, [['what is the total', 7.45]]],
  [
    before,
    [
      ['what is the total', 'unknown'],
      ['how much was the tea', 3.33],
    ],
  ],
];

describe('questions about receipts', () => {
  it.each(TABLE.flatMap(([rows, asked]) => asked.map(([question, answer]) => [question, answer, rows] as const)))(
    '%s -> %s',
    (question, answer, rows) => expect(heard(question, rows)).toContain(answer),
  );

  it('is not misled by a total of a tax summary', () => {
    const rows = full.map((row) => (row === 'Total\t28.00\t1.68' ? 'Total\t99.00\t1.68' : row));
    expect(heard('what is the total', rows)).toEqual([29.7]);
  });
});
