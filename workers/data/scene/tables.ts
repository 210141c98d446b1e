/** Tables of several columns. */
import { cents, type MoneyStyle, money, moneyStyle } from '../money.ts';
import type { Random } from '../random.ts';
import { inventWord, randomCode } from '../words/invent.ts';
import { columnSubjects, countries, departments, firstNames, surnames, towns, vehicles } from '../words/shop.ts';
import { distinctNames, type Vocabulary, ware } from './names.ts';
import { type Scene, sceneRows, type TableFacts } from './scene.ts';

const capital = (text: string): string => text.replace(/(^| )[a-z]/g, (c) => c.toUpperCase());

interface Maker {
  readonly name: string;
  readonly numeric: boolean;
  readonly make: () => [string, number];
}

function column(rng: Random, name: string): Maker {
  const integer = rng.chance(0.6);
  const high = rng.pick([20, 100, 900, 9000, 90000]);
  const style: MoneyStyle = rng.chance(0.3)
    ? moneyStyle(rng, integer ? 0 : 2)
    : {
        before: '',
        after: rng.chance(0.12) ? rng.pick(['%', ' km', ' kg', 'h']) : '',
        decimals: integer ? 0 : rng.pick([1, 2]),
        comma: false,
        thousands: rng.chance(0.5),
      };
  const used = new Set<number>();
  return {
    name: rng.weighted([
      [capital(name), 5],
      [name, 2],
      [name.toUpperCase(), 1],
    ]),
    numeric: true,
    make: () => {
      for (;;) {
        const raw = integer
          ? rng.int(1, high) * (high > 500 && rng.chance(0.7) ? 10 : 1)
          : rng.int(1, high * 10) / 10 + (style.decimals === 2 ? rng.int(0, 9) / 100 : 0);
        const amount = style.decimals === 2 ? cents(raw) : Number(raw.toFixed(style.decimals));
        if (used.has(amount) && used.size < high) continue;
        used.add(amount);
        return [money(amount, style), amount];
      }
    },
  };
}

/** A table of records: name column first, then one to four columns of text or numbers. */
export function tableScene(rng: Random, words: Vocabulary): Scene {
  const out = sceneRows();
  const kind = rng.pick(['person', 'country', 'car', 'product', 'city', 'student', 'team'] as const);
  const pools: Record<typeof kind, () => string> = {
    person: () => (rng.chance(0.6) ? words.pick(rng, surnames) : inventWord(rng)),
    country: () => (rng.chance(0.65) ? words.pick(rng, countries) : inventWord(rng)),
    car: () =>
      rng.chance(0.6)
        ? words.pick(rng, vehicles)
        : `${inventWord(rng)} ${rng.pick(['X', 'GT', 'S', '200', '5', 'LX'])}`,
    product: () => ware(rng, words),
    city: () => (rng.chance(0.5) ? words.pick(rng, towns) : inventWord(rng)),
    student: () => (rng.chance(0.6) ? words.pick(rng, firstNames) : inventWord(rng)),
    team: () => `${inventWord(rng)}${rng.chance(0.4) ? ` ${rng.pick(['United', 'FC', 'Rovers', 'City'])}` : ''}`,
  };
  const nameHeader: Record<typeof kind, readonly string[]> = {
    person: ['Name', 'Employee', 'Last Name', 'Staff'],
    country: ['Country', 'Nation'],
    car: ['Car', 'Vehicle', 'Model'],
    product: ['Product', 'Item', 'Article'],
    city: ['City', 'Town'],
    student: ['Student', 'Name', 'Pupil'],
    team: ['Team', 'Club'],
  };
  const rowsWanted = rng.weighted([
    [rng.int(3, 5), 4],
    [rng.int(5, 9), 4],
    [rng.int(9, 14), 1],
  ] as const);
  const names = distinctNames(rng, rowsWanted, pools[kind]);
  const numbers = rng
    .sample(columnSubjects, rng.int(1, 3))
    .map((name) => column(rng, rng.chance(0.85) ? name : inventWord(rng)));
  const columns: Maker[] = [...numbers];
  if (rng.chance(0.5)) {
    const isPerson = kind === 'person' || kind === 'student';
    const pool = isPerson
      ? departments
      : kind === 'car' || kind === 'product'
        ? countries
        : kind === 'country'
          ? towns
          : surnames;
    const header = isPerson
      ? rng.pick(['Department', 'Team', 'Unit'])
      : kind === 'car' || kind === 'product'
        ? rng.pick(['Origin', 'Made in'])
        : kind === 'country'
          ? rng.pick(['Capital', 'Port'])
          : rng.pick(['Manager', 'Coach', 'Mayor']);
    columns.push({
      name: header,
      numeric: false,
      make: () => [rng.chance(0.7) ? words.pick(rng, pool) : inventWord(rng), 0],
    });
  }
  if (rng.chance(0.2))
    columns.push({ name: rng.pick(['Code', 'ID', 'Ref']), numeric: false, make: () => [randomCode(rng), 0] });
  const ordered = rng.shuffle(columns).slice(0, 4);
  if (!ordered.some((c) => c.numeric)) ordered[0] = numbers[0] as Maker;
  const wanted = names.length * (ordered.length + 1) * 8;
  const title =
    rng.chance(0.35) && wanted < 600
      ? {
          row: out.add('title', [
            `${rng.pick(['Report', 'Summary', 'Overview', 'Table 1', 'List', 'Results'])}${rng.chance(0.5) ? ` ${rng.int(1990, 2030)}` : ` ${inventWord(rng)}`}`,
          ]),
          cell: 0,
        }
      : undefined;
  const header = [rng.pick(nameHeader[kind]), ...ordered.map((c) => c.name)];
  const headerRow = out.add('header', header);
  const records = names.map((name) => {
    const made = ordered.map((c) => c.make());
    const cells = [name, ...made.map(([text]) => text)];
    return { row: out.add('item', cells), cells, amounts: [0, ...made.map(([, amount]) => amount)] };
  });
  const noun = rng.chance(0.6) ? kind : (header[0] as string).toLowerCase();
  const facts: TableFacts = {
    kind: 'table',
    noun: noun === 'last name' || noun === 'name' || noun === 'staff' ? 'person' : noun,
    headerRow,
    columns: header.map((name, i) => ({ name, numeric: i > 0 && (ordered[i - 1]?.numeric ?? false) })),
    records,
    ...(title ? { title } : {}),
  };
  return { template: `table-${ordered.length}`, rows: out.rows, facts };
}
