/** The sums of a receipt: items − discount + service + tax + rounding = total, cash − total = change. */
import { cents, money, price } from '../money.ts';
import type { Goods } from './receipt-items.ts';
import type { ReceiptWriter } from './receipt-writer.ts';

const labels = {
  subtotal: [
    'Subtotal',
    'Sub Total',
    'Sub-Total',
    'Total Excl. Tax',
    'Total before tax',
    'Net',
    'Goods total',
    'Total Sales (Excl. GST)',
    'Total excluding VAT',
    'Merchandise',
    'Food total',
    'Gross',
  ],
  discount: ['Discount', 'Disc', 'Less Discount', 'Voucher', 'Member Discount', 'Coupon', 'Total Discount'],
  service: ['Service Charge', 'Service', 'Svc Chg 10%', 'Serv. Charge', 'Service 10%'],
  total: [
    'Total',
    'Total Amount',
    'Total Amt',
    'Total Sales',
    'Total Incl. Tax',
    'Grand Total',
    'Total (Inclusive of GST)',
    'Total Due',
    'Sum',
    'Total Incl VAT',
    'Bill Total',
    'Amount',
    'Net Total',
    'Total to pay',
    'Balance Due',
    'Amount Due',
    'Takeaway Total',
    'Order Total',
    'Total Inclusive GST',

    'Total Sales (Incl. GST)',
  ],
  rounding: [
    'Rounding',
    'Rounding Adj',
    'Rounding Adj.',
    'Rounding Adjustment',
    'Rnd',
    'Round Off',
    'Rounding Diff',
    'Bill rounding',
  ],
  rounded: [
    'Total Rounded',
    'Rounded Total',
    'Net Total',
    'Grand Total',
    'Total',
    'Amount Due',
    'Net Total Rounded',
    'Total Payable',
    'Payable',
    'Nett',
    'Amount Payable',
    'Total After Rounding',
    'Total Due',
    'Final Total',
    'Total Sales',
    'To Pay',
    'Nett Total',
    'Total Incl. GST',
    'Total Sales (Inclusive Tax)',
  ],
  cash: [
    'Cash',
    'Cash Tendered',
    'Cash Received',
    'Paid',
    'Tendered',
    'Cash Paid',
    'Amount Tendered',
    'Amount Paid',
    'Payment',
  ],
  card: ['Visa', 'Mastercard', 'Card', 'Debit Card', 'Credit Card', 'Visa ****'],
  change: ['Change', 'Change Due', 'Your Change', 'Cash Change', 'Balance'],
  quantity: ['Total Qty', 'Item(s)', 'No. of Items', 'Items', 'Total Items', 'Qty(s)', 'Item Count', 'Total Quantity'],
} as const;

/** Rounds to the nearest 0.05, as cash tills of several countries do. */
const toFive = (amount: number): number => cents(Math.round(amount * 20) / 20);

export function sumsBlock(w: ReceiptWriter, goods: Goods, taxName: string): void {
  const { rng, out, bare, inCase, colon, amountRow, field } = w;
  const { sum, pieces } = goods;
  const discount = rng.chance(0.25) ? cents(Math.min(sum / 2, price(rng, 0, Math.max(1, Math.floor(sum / 5))))) : 0;
  const service = w.food && rng.chance(0.2) ? cents((sum - discount) * 0.1) : 0;
  const rate = rng.pick([0.05, 0.06, 0.07, 0.08, 0.1, 0.15, 0.19, 0.2]);
  const taxed = rng.chance(0.6);
  const inclusive = taxed && rng.chance(0.35);
  const net = cents(sum - discount + service);
  const tax = taxed ? cents(inclusive ? net - net / (1 + rate) : net * rate) : 0;
  const exact = cents(net + (inclusive ? 0 : tax));
  const rounds = rng.chance(0.5);
  const payable = rounds ? toFive(exact) : exact;

  const used = new Set<string>();
  const label = (kind: keyof typeof labels): string => {
    let text: string;
    do text = rng.pick(labels[kind] as readonly string[]);
    while (used.has(text));
    used.add(text);
    return inCase(text);
  };
  const putQuantity = (): void => {
    const value = String(pieces);
    const text = colon(label('quantity'));
    // A second pair on the row, or the sum of the goods behind the number.
    const tail = rng.chance(0.15) ? [colon(label('quantity')), value] : rng.chance(0.15) ? [money(sum, bare)] : [];
    const row = out.add('total', [text, value, ...tail], true, rng.chance(0.3) ? [0, 2] : []);
    field(
      'count',
      value,
      [
        { row, cell: 0 },
        { row, cell: 1 },
      ],
      pieces,
    );
  };
  const quantityAt = rng.chance(0.4)
    ? rng.weighted([
        ['before', 7],
        ['after', 3],
      ] as const)
    : 'nowhere';
  if (quantityAt === 'before') putQuantity();
  const hasSub = discount > 0 || service > 0 || (taxed && !inclusive) || rng.chance(0.3);
  if (hasSub && rng.chance(0.85))
    amountRow('subtotal', label('subtotal'), inclusive && rng.chance(0.5) ? cents(net - tax) : sum);
  if (discount > 0) amountRow('discount', label('discount'), rng.chance(0.6) ? -discount : discount);
  else if (rng.chance(0.15)) amountRow(undefined, label('discount'), 0);
  if (service > 0) amountRow('service', label('service'), service);
  const percent = `${Math.round(rate * 100)}%`;
  const taxLabel = inCase(
    rng.pick([
      taxName,
      `${taxName} ${percent}`,
      `${taxName} @ ${percent}`,
      `Total ${taxName}`,
      `${taxName} (${percent})`,
      `Add ${taxName}`,
    ]),
  );
  if (taxed && !inclusive) amountRow('tax', taxLabel, tax);
  else if (!taxed && rng.chance(0.1)) amountRow('tax', taxLabel, 0);
  if (rounds) {
    const before = rng.chance(0.75);
    if (before) amountRow(undefined, label('total'), exact);
    amountRow('rounding', label('rounding'), cents(payable - exact));
    amountRow('total', before && rng.chance(0.12) ? '' : label(before ? 'rounded' : 'total'), payable, true);
  } else {
    amountRow('total', label('total'), payable, true);
    if (rng.chance(0.15)) {
      if (rng.chance(0.5)) amountRow('rounding', label('rounding'), 0);
      amountRow('total', label('rounded'), payable, true);
    }
  }
  if (quantityAt === 'after') putQuantity();
  if (rng.chance(0.82)) {
    if (rng.chance(0.75)) {
      const notes = [1, 2, 5, 10, 20, 50, 100, 200, 500];
      const note = notes.find((n) => n >= payable) ?? Math.ceil(payable / 100) * 100;
      const paid = rng.weighted([
        [note, 4],
        [payable, 2.5],
        [Math.ceil(payable / 10) * 10, 2],
        [Math.ceil(payable), 1],
        [cents(note + (payable % 1)), 1],
      ] as const);
      amountRow('cash', label('cash'), paid);
      if (rng.chance(0.9)) amountRow('change', label('change'), cents(paid - payable));
    } else {
      amountRow(undefined, label('card'), payable);
      if (rng.chance(0.3)) amountRow('change', label('change'), 0);
    }
  }
  // After the answer come tax summaries, savings and points, some of which say total again.
  if (inclusive)
    amountRow(
      'tax',
      inCase(
        rng.pick([
          `${taxName} ${percent} included`,
          `${percent} ${taxName} is in the total`,
          `Incl. ${taxName} ${percent}`,
          `${taxName} included in total`,
        ]),
      ),
      tax,
    );
  if (taxed && rng.chance(0.45)) {
    out.add('section', [inCase(`${taxName} ${rng.pick(['Summary', 'Analysis', 'Details'])}`)]);
    if (rng.chance(0.6)) out.add('header', ['Code', '%', inCase('Amount'), inCase('Tax')]);
    const taxable = cents(exact - tax);
    out.add('total', [
      rng.pick(['SR', 'S', 'A', 'SR @']),
      String(Math.round(rate * 100)),
      money(taxable, bare),
      money(tax, bare),
    ]);
    if (rng.chance(0.6)) out.add('total', [inCase(colon('Total')), money(taxable, bare), money(tax, bare)]);
  }
  if (rng.chance(0.1))
    out.add('total', [
      inCase(rng.pick(['You saved', 'Total savings', 'Points earned', 'Total points'])),
      String(rng.int(1, 300)),
    ]);
}
