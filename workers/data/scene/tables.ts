/** Tables of several columns. */
import { cents, type MoneyStyle, money, moneyStyle } from '../money.ts';
import type { Random } from '../random.ts';
import { inventName, inventWord, randomCode } from '../words/invent.ts';
import {
  columnSubjects,
  countries,
  departments,
  firstNames,
  professions,
  surnames,
  towns,
  vehicles,
} from '../words/shop.ts';
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
  const kind = rng.pick(['person', 'person', 'country', 'car', 'product', 'city', 'student', 'team', 'trip'] as const);
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
    trip: () => (rng.chance(0.4) ? words.pick(rng, towns) : inventName(rng)),
    team: () => `${inventWord(rng)}${rng.chance(0.4) ? ` ${rng.pick(['United', 'FC', 'Rovers', 'City'])}` : ''}`,
  };
  const nameHeader: Record<typeof kind, readonly string[]> = {
    person: ['Name', 'Name', 'Employee', 'Last Name', 'Staff'],
    country: ['Country', 'Nation'],
    car: ['Car', 'Vehicle', 'Model'],
    product: ['Product', 'Item', 'Article'],
    city: ['City', 'Town'],
    student: ['Student', 'Name', 'Pupil'],
    trip: ['Destination', 'To', 'Destination'],
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
  const isPerson = kind === 'person' || kind === 'student';
  // People's names often stand in two columns; asked is by the one that is called Name, Last Name or the like.
  if (kind === 'person' && rng.chance(0.3))
    columns.push({
      name: rng.pick(['First Name', 'First', 'Forename']),
      numeric: false,
      make: () => [words.pick(rng, firstNames), 0],
    });
  if (isPerson && rng.chance(0.25)) {
    const posts = rng.sample(professions, rowsWanted);
    columns.push({
      name: rng.pick(['Role', 'Job', 'Position', 'Profession']),
      numeric: false,
      make: () => [posts.pop() ?? inventWord(rng), 0],
    });
  }
  if (kind === 'trip') {
    const clock = (): [string, number] => [
      `${rng.chance(0.5) ? String(rng.int(5, 23)).padStart(2, '0') : rng.int(5, 23)}:${String(rng.int(0, 11) * 5).padStart(2, '0')}`,
      0,
    ];
    columns.splice(0, 2);
    columns.push({ name: rng.pick(['Departure', 'Departs', 'Leaves', 'Dep.']), numeric: false, make: clock });
    if (rng.chance(0.4)) columns.push({ name: rng.pick(['Arrival', 'Arrives', 'Arr.']), numeric: false, make: clock });
    columns.push(column(rng, rng.pick(['Fare', 'Price', 'Adult', 'Ticket'])));
    if (rng.chance(0.4))
      columns.push({
        name: rng.pick(['Platform', 'Gate', 'Pier', 'Track']),
        numeric: false,
        make: () => [`${rng.chance(0.3) ? rng.pick(['A', 'B', 'C']) : ''}${rng.int(1, 12)}`, 0],
      });
  } else if (rng.chance(0.5)) {
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
    const fresh = (): string => (rng.chance(0.7) ? words.pick(rng, pool) : inventWord(rng));
    // Half of the time a few that come again and again: records fall into groups.
    const few = rng.chance(0.5) ? [fresh(), fresh(), fresh()].slice(0, rng.int(2, 3)) : undefined;
    columns.push({ name: header, numeric: false, make: () => [few ? rng.pick(few) : fresh(), 0] });
  }
  if (rng.chance(0.2))
    columns.push({ name: rng.pick(['Code', 'ID', 'Ref']), numeric: false, make: () => [randomCode(rng), 0] });
  const ordered = rng.shuffle(columns).slice(0, 4);
  if (!ordered.some((c) => c.numeric)) ordered[0] = numbers[0] as Maker;

  const title =
    rng.chance(0.35) && names.length * (ordered.length + 1) < 75
      ? {
          row: out.add('title', [
            `${rng.pick(['Report', 'Summary', 'Overview', 'Table 1', 'List', 'Results'])}${rng.chance(0.5) ? ` ${rng.int(1990, 2030)}` : ` ${inventWord(rng)}`}`,
          ]),
          cell: 0,
        }
      : undefined;
  // The names need not come first: `Department, Name, Salary`.
  const nameColumn = rng.chance(0.2) ? rng.int(1, ordered.length) : 0;
  const nameTitle = rng.pick(nameHeader[kind]);
  const insert = <T>(list: readonly T[], item: T): T[] => [
    ...list.slice(0, nameColumn),
    item,
    ...list.slice(nameColumn),
  ];
  const header = insert(
    ordered.map((c) => c.name),
    nameTitle,
  );
  const numeric = insert(
    ordered.map((c) => c.numeric),
    false,
  );
  const headerRow = out.add('header', header);
  const records = names.map((name) => {
    const made = ordered.map((c) => c.make());
    const cells = insert(
      made.map(([text]) => text),
      name,
    );
    const amounts = insert(
      made.map(([, amount]) => amount),
      0,
    );
    return { row: out.add('item', cells), cells, amounts };
  });
  const vehicle = rng.pick(['ferry', 'train', 'bus', 'boat', 'flight', 'coach', 'tram']);
  const noun = kind === 'trip' ? vehicle : rng.chance(0.6) ? kind : nameTitle.toLowerCase();
  let summary: TableFacts['summary'];
  if (nameColumn === 0 && rng.chance(0.15) && ordered.every((c) => c.numeric)) {
    const what = rng.pick(['total', 'average'] as const);
    const label = rng.pick(what === 'total' ? ['Total', 'Sum', 'TOTAL', 'All'] : ['Average', 'Mean', 'Avg', 'AVERAGE']);
    const amounts = header.map((_, k) => {
      const total = records.reduce((sum, r) => sum + (r.amounts[k] as number), 0);
      return Number((what === 'total' ? total : total / records.length).toFixed(2));
    });
    const cells = header.map((_, k) => (k === 0 ? label : String(amounts[k])));
    summary = { row: out.add('item', cells), label, what, cells, amounts };
  }
  const facts: TableFacts = {
    kind: 'table',
    noun: noun === 'last name' || noun === 'name' || noun === 'staff' ? 'person' : noun,
    headerRow,
    nameColumn,
    columns: header.map((name, i) => ({ name, numeric: numeric[i] as boolean })),
    records,
    ...(summary ? { summary } : {}),
    ...(title ? { title } : {}),
  };
  return { template: `table-${ordered.length}`, rows: out.rows, facts };
}
