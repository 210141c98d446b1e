/**
 * Receipts that add up: items − discount + service + tax + rounding = total, cash − total = change. Two to four rows say
 * "total"; quantities, tax summaries and savings come as distractors, some after the answer; labels may be missing or
 * stand on the row before their value.
 */
import { cents, money, moneyStyle, price } from '../money.ts';
import type { Random } from '../random.ts';
import { inventName, inventWord, randomCode } from '../words/invent.ts';
import { companyTails, firstNames, shopKinds, streets, surnames, towns } from '../words/shop.ts';
import { dish, distinctNames, type Vocabulary, ware } from './names.ts';
import { type FieldAt, type Place, type ReceiptFacts, type ReceiptField, type Scene, sceneRows } from './scene.ts';

const two = (n: number): string => String(n).padStart(2, '0');

function dateText(rng: Random): string {
  const d = rng.int(1, 28);
  const m = rng.int(1, 12);
  const y = rng.int(2009, 2031);
  const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
  return rng.weighted([
    [`${two(d)}/${two(m)}/${y}`, 5],
    [`${two(d)}-${two(m)}-${y}`, 3],
    [`${y}-${two(m)}-${two(d)}`, 2],
    [`${two(d)}.${two(m)}.${y}`, 2],
    [`${two(d)}/${two(m)}/${two(y % 100)}`, 2],
    [`${two(d)}-${two(m)}-${two(y % 100)}`, 1],
    [`${d} ${months[m - 1]} ${y}`, 2],
    [`${months[m - 1]} ${d}, ${y}`, 1],
  ]);
}

function timeText(rng: Random): string {
  const h = rng.int(7, 22);
  const tail = rng.chance(0.3) ? `:${two(rng.int(0, 59))}` : '';
  if (rng.chance(0.3)) return `${((h + 11) % 12) + 1}:${two(rng.int(0, 59))}${tail} ${h < 12 ? 'AM' : 'PM'}`;
  return `${two(h)}:${two(rng.int(0, 59))}${tail}`;
}

const phoneText = (rng: Random): string =>
  rng.pick([
    `0${rng.int(2, 9)}-${rng.int(1000000, 99999999)}`,
    `(${rng.int(200, 999)}) ${rng.int(200, 999)}-${rng.int(1000, 9999)}`,
    `+${rng.int(10, 99)} ${rng.int(100, 999)} ${rng.int(100000, 999999)}`,
    `${rng.int(200, 999)}-${rng.int(200, 999)}-${rng.int(1000, 9999)}`,
  ]);

/** Rounds to the nearest 0.05, as cash tills of several countries do. */
const toFive = (amount: number): number => cents(Math.round(amount * 20) / 20);

/** Labels of the totals block; a receipt keeps to one case and one kind of colon. */
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
    'TOTAL TO PAY',
    'Balance Due',
    'Amount Due',
    'Takeaway Total',
    'Order Total',
    'Total Inclusive GST',
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

export function receiptScene(rng: Random, words: Vocabulary): Scene {
  const out = sceneRows();
  const fields: Partial<Record<ReceiptField, FieldAt>> = {};
  const base = moneyStyle(rng);
  const bare = { ...base, before: '', after: '' };
  const caps = rng.weighted([
    ['upper', 4],
    ['title', 5],
    ['lower', 1],
  ] as const);
  const inCase = (text: string): string =>
    caps === 'upper' ? text.toUpperCase() : caps === 'lower' ? text.toLowerCase() : text;
  const colon = rng.weighted([
    ['', 5],
    [':', 4],
    [' :', 2],
    ['......', 1],
    ['=', 0.3],
  ] as const);
  const sign = base.before || base.after;
  const signAt = sign
    ? rng.weighted([
        ['value', 3],
        ['label', 2],
        ['total', 3],
        ['none', 1],
        ['own', 1],
      ] as const)
    : 'none';
  const field = (name: ReceiptField, value: string, quote: readonly Place[], amount?: number): void => {
    fields[name] = { value, quote, valueAt: quote.at(-1) as Place, ...(amount === undefined ? {} : { amount }) };
  };

  // Head: shop, address, papers.
  const store = inCase(
    rng.weighted([
      [() => `${inventWord(rng)} ${words.pick(rng, shopKinds)}`, 5],
      [() => `${inventName(rng)} ${words.pick(rng, companyTails)}`, 3],
      [() => `${words.pick(rng, surnames)} & ${words.pick(rng, surnames)} ${words.pick(rng, shopKinds)}`, 1],
      [() => `${inventWord(rng)} ${words.pick(rng, shopKinds)} ${words.pick(rng, companyTails)}`, 3],
    ])(),
  );
  if (rng.chance(0.06)) out.add('text', [rng.chance(0.5) ? inventName(rng) : String(rng.int(100, 99999))]);
  const storeRow = out.add('title', [store]);
  field('store', store, [{ row: storeRow, cell: 0 }]);
  if (rng.chance(0.3)) out.add('text', [`(${rng.int(100000, 999999)}-${rng.pick(['X', 'T', 'K', 'W'])})`]);
  if (rng.chance(0.75))
    out.add('text', [inCase(`${rng.pick(['No. ', '', '', 'Lot '])}${rng.int(1, 199)}, ${words.pick(rng, streets)}`)]);
  if (rng.chance(0.6)) out.add('text', [inCase(`${rng.int(10000, 99999)} ${words.pick(rng, towns)}`)]);
  if (rng.chance(0.5)) {
    const phone = phoneText(rng);
    const row = out.add(
      'text',
      [inCase(rng.pick(['Tel', 'Tel:', 'Phone', 'Ph:', 'Telephone :'])), phone],
      false,
      rng.chance(0.6) ? [0] : [],
    );
    field('phone', phone, [
      { row, cell: 0 },
      { row, cell: 1 },
    ]);
  }
  const taxName = rng.pick(['GST', 'VAT', 'Tax', 'GST', 'Sales Tax', 'SST', 'HST']);
  if (rng.chance(0.35))
    out.add('text', [inCase(`${taxName} ${rng.pick(['ID', 'Reg No', 'No.'])}: ${rng.int(100000000, 999999999)}`)]);
  if (rng.chance(0.5))
    out.add('section', [
      inCase(
        rng.pick(['Receipt', 'Tax Invoice', 'Invoice', 'Simplified Tax Invoice', 'Cash Bill', 'Sales Receipt', 'Bill']),
      ),
    ]);

  const date = dateText(rng);
  const time = timeText(rng);
  const invoice = randomCode(rng);
  const meta: (() => void)[] = [
    () => {
      const style = rng.int(0, 3);
      if (style === 0) {
        const row = out.add('text', [date, time]);
        field('date', date, [{ row, cell: 0 }]);
        field('time', time, [{ row, cell: 1 }]);
      } else if (style === 1) {
        const row = out.add('text', [
          inCase(rng.pick(['Date', 'Date:', 'Date :'])),
          date,
          ...(rng.chance(0.5) ? [inCase(rng.pick(['Time', 'Time:'])), time] : []),
        ]);
        field('date', date, [
          { row, cell: 0 },
          { row, cell: 1 },
        ]);
        if (out.rows[row]?.cells.length === 4)
          field('time', time, [
            { row, cell: 2 },
            { row, cell: 3 },
          ]);
      } else {
        const row = out.add('text', [inCase(rng.pick(['Date', 'Date:', 'Bill Date'])), date]);
        field('date', date, [
          { row, cell: 0 },
          { row, cell: 1 },
        ]);
        if (rng.chance(0.5)) {
          const timeRow = out.add('text', [inCase(rng.pick(['Time', 'Time:'])), time]);
          field('time', time, [
            { row: timeRow, cell: 0 },
            { row: timeRow, cell: 1 },
          ]);
        }
      }
    },
  ];
  if (rng.chance(0.6)) {
    meta.push(() => {
      const row = out.add('text', [
        inCase(
          rng.pick(['Invoice No', 'Inv No:', 'Receipt No', 'Bill No', 'Doc No', 'Invoice #', 'Receipt #:', 'Inv#']),
        ),
        invoice,
      ]);
      field('invoice', invoice, [
        { row, cell: 0 },
        { row, cell: 1 },
      ]);
    });
  }
  if (rng.chance(0.5)) {
    meta.push(() => {
      const name = inCase(rng.chance(0.5) ? words.pick(rng, firstNames) : inventWord(rng));
      const row = out.add('text', [
        inCase(rng.pick(['Cashier', 'Cashier:', 'Served by', 'Server:', 'Operator'])),
        name,
      ]);
      field('cashier', name, [
        { row, cell: 0 },
        { row, cell: 1 },
      ]);
    });
  }
  if (rng.chance(0.2))
    meta.push(
      () => void out.add('text', [inCase(rng.pick(['Table', 'Till', 'Counter', 'Terminal'])), String(rng.int(1, 40))]),
    );
  const metaAtEnd = rng.chance(0.15);
  if (!metaAtEnd) for (const line of rng.shuffle(meta)) line();

  // Items.
  const food = rng.chance(0.5);
  const count = rng.weighted([
    [1, 3],
    [2, 4],
    [3, 4],
    [4, 3],
    [5, 2],
    [6, 1],
    [8, 0.4],
  ] as const);
  const names = distinctNames(rng, count, () => inCase(food ? dish(rng, words) : ware(rng, words)));
  const layout = rng.weighted([
    ['plain', 4],
    ['quantity-first', 3],
    ['two-line', 4],
    ['columns', 3],
  ] as const);
  const itemSign = signAt === 'value' ? base : bare;
  const high = rng.pick([5, 12, 40, 150]);
  const head: Record<typeof layout, readonly string[]> = {
    plain: ['Item', 'Amount'],
    'quantity-first': ['Qty', 'Description', 'Total'],
    'two-line': ['Item', 'Qty', 'Price', 'Amount'],
    columns: ['Description', 'Qty', 'U.Price', 'Amount'],
  };
  if (rng.chance(0.6))
    out.add(
      'header',
      head[layout].map((h) =>
        inCase(
          h === 'Amount' && rng.chance(0.5)
            ? `${rng.pick(['Amt', 'Total', 'Amount'])}${sign.trim() && rng.chance(0.5) ? `(${sign.trim()})` : ''}`
            : h,
        ),
      ),
    );
  const taxMark = rng.chance(0.15) ? ` ${rng.pick(['S', 'SR', 'T', 'ZR', 'A'])}` : '';
  let itemsSum = 0;
  let pieces = 0;
  const items = names.map((name) => {
    const quantity =
      layout === 'plain'
        ? 1
        : rng.weighted([
            [1, 6],
            [2, 3],
            [3, 1],
            [rng.int(4, 12), 1],
          ] as const);
    const unit = price(rng, 0, high) || 1;
    const amount = cents(unit * quantity);
    itemsSum = cents(itemsSum + amount);
    pieces += quantity;
    const value = money(amount, itemSign) + taxMark;
    if (layout === 'plain') {
      const row = out.add('item', [name, value], true);
      return { name, value, amount, quantity, unit, nameAt: { row, cell: 0 }, valueAt: { row, cell: 1 } };
    }
    if (layout === 'quantity-first') {
      const row = out.add('item', [rng.chance(0.8) ? String(quantity) : `${quantity}x`, name, value], true);
      return { name, value, amount, quantity, unit, nameAt: { row, cell: 1 }, valueAt: { row, cell: 2 } };
    }
    if (layout === 'columns') {
      const row = out.add('item', [name, String(quantity), money(unit, bare), value], true);
      return { name, value, amount, quantity, unit, nameAt: { row, cell: 0 }, valueAt: { row, cell: 3 } };
    }
    const row = out.add('item', [name]);
    const valueRow = out.add(
      'item',
      [
        ...(rng.chance(0.6) ? [randomCode(rng)] : []),
        ...(rng.chance(0.5) ? [`${quantity} x ${money(unit, bare)}`] : [String(quantity), money(unit, bare)]),
        value,
      ],
      true,
    );
    return {
      name,
      value,
      amount,
      quantity,
      unit,
      nameAt: { row, cell: 0 },
      valueAt: { row: valueRow, cell: (out.rows[valueRow]?.cells.length ?? 1) - 1 },
    };
  });
  if (rng.chance(0.5)) out.add('rule', []);

  // The sums.
  const discount = rng.chance(0.25) ? cents(Math.min(itemsSum / 2, price(rng, 0, Math.max(1, itemsSum / 5)))) : 0;
  const service = food && rng.chance(0.2) ? cents((itemsSum - discount) * 0.1) : 0;
  const rate = rng.pick([0.05, 0.06, 0.07, 0.08, 0.1, 0.15, 0.19, 0.2]);
  const taxed = rng.chance(0.6);
  const inclusive = taxed && rng.chance(0.35);
  const net = cents(itemsSum - discount + service);
  const tax = taxed ? cents(inclusive ? net - net / (1 + rate) : net * rate) : 0;
  const exact = cents(net + (inclusive ? 0 : tax));
  const rounds = rng.chance(0.5);
  const payable = rounds ? toFive(exact) : exact;
  const rounding = cents(payable - exact);
  const below = rng.chance(0.1);
  const inOne = rng.chance(0.06);

  const used = new Set<string>();
  const label = (kind: keyof typeof labels): string => {
    let text: string;
    do text = rng.pick(labels[kind] as readonly string[]);
    while (used.has(text));
    used.add(text);
    return inCase(text);
  };
  const amountRow = (name: ReceiptField | undefined, text: string, amount: number, main = false): FieldAt => {
    const style = signAt === 'value' || (signAt === 'total' && main) ? base : bare;
    const value = money(amount, style);
    const shown = `${text}${signAt === 'label' ? ` (${sign.trim()})` : ''}${text === '' ? '' : colon}`;
    let quote: Place[];
    if (text === '') {
      const row = out.add('total', signAt === 'own' || signAt === 'label' ? [sign.trim(), value] : [value], true);
      quote = [{ row, cell: (out.rows[row]?.cells.length ?? 1) - 1 }];
    } else if (inOne) {
      const row = out.add('total', [shown, value], false, [0]);
      quote = [
        { row, cell: 0 },
        { row, cell: 1 },
      ];
    } else if (below) {
      const row = out.add('total', [shown]);
      const valueRow = out.add('total', [value]);
      quote = [
        { row, cell: 0 },
        { row: valueRow, cell: 0 },
      ];
    } else {
      const cells = signAt === 'own' ? [shown, sign.trim(), value] : [shown, value];
      const row = out.add('total', cells, true);
      quote = [
        { row, cell: 0 },
        { row, cell: cells.length - 1 },
      ];
    }
    const at: FieldAt = { value, amount, quote, valueAt: quote.at(-1) as Place };
    if (name) fields[name] = at;
    return at;
  };

  const quantityRow = rng.chance(0.4);
  const quantityFirst = rng.chance(0.7);
  const putQuantity = (): void => {
    const value = String(pieces);
    const text = label('quantity') + colon;
    const row = out.add(
      'total',
      rng.chance(0.12) && !rounds ? [text, value, money(itemsSum, bare)] : [text, value],
      true,
    );
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
  if (quantityRow && quantityFirst) putQuantity();
  const hasSub = discount > 0 || service > 0 || (taxed && !inclusive) || rng.chance(0.3);
  if (hasSub && rng.chance(0.85))
    amountRow('subtotal', label('subtotal'), inclusive && rng.chance(0.5) ? cents(net - tax) : itemsSum);
  if (discount > 0) amountRow('discount', label('discount'), rng.chance(0.6) ? -discount : discount);
  else if (rng.chance(0.12)) amountRow(undefined, label('discount'), 0);
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
  if (!rounds) {
    amountRow('total', label('total'), payable, true);
    if (rng.chance(0.12)) amountRow('total', label('rounded'), payable, true);
  } else {
    const before = rng.chance(0.8);
    if (before) amountRow(undefined, label('total'), exact);
    amountRow('rounding', label('rounding'), rounding);
    amountRow('total', before && rng.chance(0.12) ? '' : label(before ? 'rounded' : 'total'), payable, true);
  }
  if (quantityRow && !quantityFirst) putQuantity();

  // Payment.
  if (rng.chance(0.8)) {
    if (rng.chance(0.7)) {
      const notes = [1, 2, 5, 10, 20, 50, 100, 200, 500];
      const note = notes.find((n) => n >= payable) ?? Math.ceil(payable / 100) * 100;
      const paid = rng.weighted([
        [note, 4],
        [payable, 2],
        [Math.ceil(payable / 10) * 10, 2],
        [Math.ceil(payable), 1],
        [note * 2 > 500 ? note : note * 2, 1],
      ]);
      amountRow('cash', label('cash'), paid);
      if (rng.chance(0.9)) amountRow('change', label('change'), cents(paid - payable));
    } else {
      amountRow(undefined, label('card'), payable);
      if (rng.chance(0.3)) amountRow('change', label('change'), 0);
    }
  }
  // After the answer: tax summaries, savings and points, some of which say total again.
  if (inclusive) {
    const text = inCase(
      rng.pick([
        `${taxName} ${percent} included`,
        `Total includes ${percent} ${taxName}`,
        `Incl. ${taxName} ${percent}`,
        `${taxName} included in total`,
      ]),
    );
    amountRow('tax', text, tax);
  }
  if (taxed && rng.chance(0.35)) {
    out.add('section', [inCase(`${taxName} ${rng.pick(['Summary', 'Analysis', 'Details'])}`)]);
    if (rng.chance(0.6)) out.add('header', ['Code', '%', inCase('Amount'), inCase('Tax')]);
    const taxable = cents(exact - tax);
    out.add('total', [
      rng.pick(['SR', 'S', 'A', 'SR @']),
      String(Math.round(rate * 100)),
      money(taxable, bare),
      money(tax, bare),
    ]);
    if (rng.chance(0.5)) out.add('total', [inCase(`Total${colon}`), money(taxable, bare), money(tax, bare)]);
  }
  if (rng.chance(0.1))
    out.add('total', [
      inCase(rng.pick(['You saved', 'Total savings', 'Points earned', 'Total points'])),
      String(rng.int(1, 300)),
    ]);
  if (metaAtEnd) for (const line of meta) line();
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
    'Visit www.' + inventWord(rng).toLowerCase() + '.com',
    'Customer copy',
  ];
  for (const line of rng.sample(
    footers,
    rng.weighted([
      [0, 3],
      [1, 4],
      [2, 3],
    ] as const),
  ))
    out.add('text', [inCase(line)]);
  const facts: ReceiptFacts = { kind: 'receipt', fields, items };
  return { template: `receipt-${layout}${below ? '-below' : ''}`, rows: out.rows, facts };
}
