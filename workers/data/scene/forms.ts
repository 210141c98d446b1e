/** Forms, badges, tickets and cards: labels with a word, a code, a date or a number each. */
import type { Random } from '../random.ts';
import { inventName, inventWord, randomCode } from '../words/invent.ts';
import { departments, firstNames, surnames, towns } from '../words/shop.ts';
import type { Vocabulary } from './names.ts';
import { type Entry, type Scene, sceneRows } from './scene.ts';

type Maker = (rng: Random, words: Vocabulary) => string;
const person: Maker = (rng, words) =>
  `${rng.chance(0.6) ? words.pick(rng, firstNames) : inventWord(rng)} ${rng.chance(0.5) ? words.pick(rng, surnames) : inventWord(rng)}`;
const place: Maker = (rng, words) => (rng.chance(0.5) ? words.pick(rng, towns) : inventWord(rng));
const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const two = (n: number): string => String(n).padStart(2, '0');
const day: Maker = (rng) => {
  const month = rng.int(1, 12);
  const year = rng.int(1990, 2039);
  return rng.pick([
    `${rng.int(1, 28)} ${MONTHS[month - 1]} ${year}`,
    `${MONTHS[month - 1]} ${rng.int(1, 28)}, ${year}`,
    `${two(rng.int(1, 28))}/${two(month)}/${year}`,
    `${year}-${two(month)}-${two(rng.int(1, 28))}`,
    `${rng.int(1, 28)}.${month}.${year}`,
  ]);
};
const hour: Maker = (rng) => `${rng.int(5, 23)}:${two(rng.int(0, 59))}`;
const code: Maker = (rng) => randomCode(rng);
const ending =
  (...ends: readonly string[]): Maker =>
  (rng) =>
    `${inventWord(rng)} ${rng.pick(ends)}`;
const upTo =
  (high: number): Maker =>
  (rng) =>
    String(rng.int(1, high));

const LABELS: readonly (readonly [string, Maker])[] = [
  ['Name', person],
  ['Visitor', person],
  ['Host', person],
  ['Passenger', person],
  ['Doctor', person],
  ['Company', (rng) => inventName(rng)],
  ['Department', (rng, words) => words.pick(rng, departments)],
  ['Event', ending('Fair', 'Meeting', 'Congress', 'Festival', 'Cup')],
  ['Venue', ending('Hall', 'Arena', 'Theatre', 'House')],
  ['From', place],
  ['To', place],
  ['Destination', place],
  ['City', place],
  ['Date', day],
  ['Valid until', day],
  ['Expires', day],
  ['Date of birth', day],
  ['Issued', day],
  ['Time', hour],
  ['Doors open', hour],
  ['Departure', hour],
  ['Arrival', hour],
  ['Ticket no.', code],
  ['Order number', code],
  ['Member ID', code],
  ['Serial number', code],
  ['Model', code],
  ['Reference', code],
  ['Seat', (rng) => `${rng.int(1, 60)}${rng.pick(['A', 'B', 'C', 'D', 'F'])}`],
  ['Row', upTo(60)],
  ['Gate', (rng) => `${rng.pick(['A', 'B', 'C', ''])}${rng.int(1, 40)}`],
  ['Platform', upTo(20)],
  ['Room', upTo(999)],
  ['Table', upTo(60)],
  ['Phone', (rng) => `${rng.int(20, 999)} ${rng.int(100, 999)} ${rng.int(1000, 9999)}`],
  ['Status', (rng) => rng.pick(['Paid', 'Open', 'Confirmed', 'Pending', 'Approved', 'Closed'])],
];

export function formScene(rng: Random, words: Vocabulary): Scene {
  const out = sceneRows();
  const title = rng.chance(0.6)
    ? {
        row: out.add('title', [
          rng.chance(0.5)
            ? inventName(rng)
            : ending('Pass', 'Ticket', 'Card', 'Permit', 'Badge', 'Voucher')(rng, words),
        ]),
        cell: 0,
      }
    : undefined;
  const mark = rng.pick([':', ':', ' :', '']);
  const below = rng.chance(0.12);
  const entries = rng.sample(LABELS, rng.int(3, 9)).map(([name, make]): Entry => {
    const value = make(rng, words);
    const label = (rng.chance(0.15) ? name.toUpperCase() : name) + mark;
    const row = below
      ? out.add('text', [label])
      : out.add('item', [label, value], false, mark !== '' && rng.chance(0.5) ? [0] : []);
    const valueAt = below ? { row: out.add('text', [value]), cell: 0 } : { row, cell: 1 };
    return { name, value, amount: Number.NaN, nameAt: { row, cell: 0 }, valueAt };
  });
  if (rng.chance(0.3))
    out.add('text', [rng.pick(['Please keep this card', 'Not transferable', 'Thank you', 'Valid with photo ID only'])]);
  return {
    template: below ? 'form-below' : 'form',
    rows: out.rows,
    facts: { kind: 'prices', what: 'form', entries, subject: 'entry', noun: 'entry', ...(title ? { title } : {}) },
  };
}
