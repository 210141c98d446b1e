/** The head of a receipt: shop, address, phone, papers, date. */
import type { Random } from '../random.ts';
import { inventName, inventWord, randomCode } from '../words/invent.ts';
import { companyTails, firstNames, shopKinds, streets, surnames, towns } from '../words/shop.ts';
import type { ReceiptWriter } from './receipt-writer.ts';

const two = (n: number): string => String(n).padStart(2, '0');

function dateText(rng: Random): string {
  const d = rng.int(1, 28);
  const m = rng.int(1, 12);
  const y = rng.int(2009, 2031);
  const month = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][m - 1];
  return rng.weighted([
    [`${two(d)}/${two(m)}/${y}`, 5],
    [`${two(d)}-${two(m)}-${y}`, 3],
    [`${y}-${two(m)}-${two(d)}`, 2],
    [`${two(d)}.${two(m)}.${y}`, 2],
    [`${two(d)}/${two(m)}/${two(y % 100)}`, 2],
    [`${two(d)}-${two(m)}-${two(y % 100)}`, 1],
    [`${d} ${month} ${y}`, 2],
    [`${month} ${d}, ${y}`, 1],
  ]);
}

function timeText(rng: Random): string {
  const h = rng.int(7, 22);
  const tail = rng.chance(0.4) ? `:${two(rng.int(0, 59))}` : '';
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

/** Shop, address and what the law wants printed. */
export function shopHead(w: ReceiptWriter, taxName: string): void {
  const { rng, words, out, inCase } = w;
  const store = inCase(
    rng.weighted([
      [() => `${inventWord(rng)} ${words.pick(rng, shopKinds)}`, 5],
      [() => `${inventName(rng)} ${words.pick(rng, companyTails)}`, 3],
      [() => `${words.pick(rng, surnames)} & ${words.pick(rng, surnames)} ${words.pick(rng, shopKinds)}`, 1],
      [() => `${inventWord(rng)} ${words.pick(rng, shopKinds)} ${words.pick(rng, companyTails)}`, 3],
    ])(),
  );
  // A scribble or a number of the archive above the shop's name, which its trade or its legal form then tells.
  if (rng.chance(0.2)) out.add('text', [rng.chance(0.6) ? inventName(rng).toLowerCase() : String(rng.int(100, 99999))]);
  const row = out.add('title', [store]);
  w.field('store', store, [{ row, cell: 0 }]);
  if (rng.chance(0.3))
    out.add('text', [
      `(${rng.chance(0.3) ? 'Co. Reg. ' : ''}${rng.int(100000, 999999)}-${rng.pick(['X', 'T', 'K', 'W', 'M'])})`,
    ]);
  if (rng.chance(0.75))
    out.add('text', [
      inCase(
        `${rng.pick(['No. ', '', '', 'Lot ', 'No.'])}${rng.int(1, 199)}, ${words.pick(rng, streets)}${rng.pick(['', ','])}`,
      ),
    ]);
  if (rng.chance(0.3)) out.add('text', [inCase(`${inventName(rng)}, ${inventWord(rng)}${rng.pick(['', '.', ','])}`)]);
  if (rng.chance(0.6)) out.add('text', [inCase(`${rng.int(10000, 99999)} ${words.pick(rng, towns)}`)]);
  // Some tills print half a page before anything is sold.
  for (let n = rng.chance(0.2) ? rng.int(2, 6) : 0; n > 0; n--) {
    out.add('text', [
      inCase(
        rng.pick([
          `${inventName(rng)} ${inventWord(rng)}`,
          `formerly ${inventName(rng)}`,
          `Branch ${rng.int(1, 300)} ${inventWord(rng)}`,
          `Level ${rng.int(1, 9)}, ${inventName(rng)}`,
          `Reg. ${randomCode(rng)}`,
          `www.${inventWord(rng).toLowerCase()}.com`,
        ]),
      ),
    ]);
  }
  if (rng.chance(0.5)) {
    const phone = phoneText(rng);
    const label = inCase(rng.pick(['Tel', 'Tel:', 'Phone', 'Ph:', 'Telephone :', 'Tel :']));
    const fax = rng.chance(0.2) ? [inCase(rng.pick(['Fax:', 'Fax :'])), phoneText(rng)] : [];
    const at = out.add('text', [label, phone, ...fax], false, rng.chance(0.6) ? [0, 2] : []);
    w.field('phone', phone, [
      { row: at, cell: 0 },
      { row: at, cell: 1 },
    ]);
  }
  if (rng.chance(0.35))
    out.add('text', [inCase(`${taxName} ${rng.pick(['ID', 'Reg No', 'No.'])}: ${rng.int(100000000, 999999999)}`)]);
  if (rng.chance(0.5))
    out.add('section', [
      inCase(
        rng.pick([
          'Receipt',
          'Tax Invoice',
          'Invoice',
          'Simplified Tax Invoice',
          'Cash Bill',
          'Sales Receipt',
          'Bill',
          '- Invoice -',
          'Cash Sales',
        ]),
      ),
    ]);
}

/** Date, time, number, cashier: some of them, in any order. */
export function papers(w: ReceiptWriter): void {
  const { rng, words, out, inCase } = w;
  const date = dateText(rng);
  const time = timeText(rng);
  const lines: (() => void)[] = [
    () => {
      const style = rng.int(0, 4);
      if (style === 0) {
        const row = out.add('text', [date, time], false, rng.chance(0.5) ? [0] : []);
        w.field('date', date, [{ row, cell: 0 }]);
        w.field('time', time, [{ row, cell: 1 }]);
      } else if (style === 1) {
        const tail = rng.chance(0.5) ? [inCase(rng.pick(['Time', 'Time:'])), time] : [];
        const row = out.add(
          'text',
          [inCase(rng.pick(['Date', 'Date:', 'Date :'])), date, ...tail],
          false,
          rng.chance(0.3) ? [0, 2] : [],
        );
        w.field('date', date, [
          { row, cell: 0 },
          { row, cell: 1 },
        ]);
        if (tail.length > 0)
          w.field('time', time, [
            { row, cell: 2 },
            { row, cell: 3 },
          ]);
      } else if (style === 2) {
        const row = out.add('text', [inCase(rng.pick(['Date', 'Date:', 'Date :'])), date, time], false, [1]);
        w.field('date', date, [
          { row, cell: 0 },
          { row, cell: 1 },
        ]);
        w.field('time', time, [
          { row, cell: 0 },
          { row, cell: 2 },
        ]);
      } else {
        w.pair('date', inCase(rng.pick(['Date', 'Date:', 'Bill Date'])), date);
        if (rng.chance(0.5)) w.pair('time', inCase(rng.pick(['Time', 'Time:'])), time);
      }
    },
  ];
  if (rng.chance(0.6)) {
    lines.push(() =>
      w.pair(
        'invoice',
        inCase(
          rng.pick([
            'Invoice No',
            'Inv No:',
            'Receipt No',
            'Bill No',
            'Doc No',
            'Invoice #',
            'Receipt #:',
            'Inv#',
            'Doc No.',
          ]),
        ),
        randomCode(rng),
      ),
    );
  }
  if (rng.chance(0.5)) {
    const name = inCase(rng.chance(0.5) ? words.pick(rng, firstNames) : inventWord(rng));
    lines.push(() =>
      w.pair(
        'cashier',
        inCase(rng.pick(['Cashier', 'Cashier:', 'Served by', 'Server:', 'Operator', 'Cashier :'])),
        name,
      ),
    );
  }
  if (rng.chance(0.3))
    lines.push(() =>
      w.pair(
        undefined,
        inCase(rng.pick(['Table', 'Till', 'Counter', 'Terminal', 'Member:', 'Ref.', 'Salesperson'])),
        rng.chance(0.7) ? String(rng.int(1, 40)) : inventWord(rng),
      ),
    );
  for (const line of rng.shuffle(lines)) line();
}
