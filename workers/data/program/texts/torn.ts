/** Pages that lack something: rows, a column, a group, a section, an amount, what an equation needs. */
import { evaluate } from '../../calc.ts';
import type { Random } from '../../random.ts';
import type { EquationFacts, Place, Scene, TableFacts } from '../../scene/scene.ts';
import { columnSubjects } from '../../words/shop.ts';

const key = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** The page without some of its rows; places of facts are not counted anew. Undefined where next to nothing is left. */
export function withoutRows(scene: Scene, gone: ReadonlySet<number>): Scene | undefined {
  const { facts } = scene;
  const rows = scene.rows.filter((_, row) => !gone.has(row));
  if (rows.filter(({ cells }) => cells.length > 0).length < 3) return undefined;
  if (facts.kind !== 'prices') return { ...scene, rows };
  const entries = facts.entries.filter(({ nameAt, valueAt }) => !gone.has(nameAt.row) && !gone.has(valueAt.row));
  // Two names may share a row: both would be gone, and the other one's question has nothing to do with it.
  return entries.length < 2 ? undefined : { ...scene, rows, facts: { ...facts, entries } };
}

/** The page with another text in one cell. */
const withText = (scene: Scene, { row, cell }: Place, text: string): readonly Scene['rows'][number][] =>
  scene.rows.map((one, r) =>
    r === row ? { ...one, cells: one.cells.map((old, k) => (k === cell ? text : old)) } : one,
  );

/** What may be taken for each other: nothing of one kind stands in for another of it. */
const ALIKE: readonly string[] = [
  'salary price cost sales revenue profit budget rent fee tax income margin fuelcost fare adult ticket pay wage',
  'score points goals votes rating stock units population capacity visitors output share growth',
  'weight height length distance speed area mileage hours age',
];
const alikeOf = (title: string): string => ALIKE.find((one) => one.split(' ').includes(key(title))) ?? '';

/** The table with a column of another title where the asked one stood, which means nothing like it. */
export function retitled(rng: Random, scene: Scene, column: number): Scene | undefined {
  const { facts } = scene;
  if (facts.kind !== 'table' || facts.columns.length < 3) return undefined;
  const old = facts.columns[column]?.name ?? '';
  const here = new Set(facts.columns.map(({ name }) => alikeOf(name)));
  // Stock and units: the one that is left may be taken for the one that is asked for.
  if (facts.columns.some(({ name }, k) => k !== column && alikeOf(name) !== '' && alikeOf(name) === alikeOf(old)))
    return undefined;
  const free = columnSubjects.filter((name) => {
    const kind = alikeOf(name);
    // `the cost of the people` would be how many there are.
    if (name === 'population' && facts.noun === 'person') return false;
    // Nor may it be what another column means: then that one could be asked for by either title.
    return (
      kind !== '' && !here.has(kind) && !scene.rows.some(({ cells }) => cells.some((cell) => key(cell) === key(name)))
    );
  });
  if (old === '' || free.length === 0) return undefined;
  const name = rng.pick(free);
  const title =
    old === old.toUpperCase() ? name.toUpperCase() : old[0] === old[0]?.toUpperCase() ? capital(name) : name;
  const columns = facts.columns.map((one, k) => (k === column ? { ...one, name: title } : one));
  const rows = withText(scene, { row: facts.headerRow, cell: column }, title);
  return { ...scene, rows, facts: { ...facts, columns } };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The table without the records that evidence stands on. */
export function withoutRecords(scene: Scene, facts: TableFacts, gone: ReadonlySet<number>): Scene | undefined {
  const records = facts.records.filter(({ row }) => !gone.has(row));
  return records.length < 3 ? undefined : withoutRows(scene, gone);
}

/** The menu without a section: its heading and all that stands under it. */
export function withoutSection(scene: Scene, section: string): Scene | undefined {
  const from = scene.rows.findIndex(({ style, cells }) => style === 'section' && cells[0] === section);
  if (from < 0 || scene.facts.kind !== 'prices') return undefined;
  const after = scene.rows.findIndex(({ style }, row) => row > from && style === 'section');
  const to = after < 0 ? scene.rows.length : after;
  const torn = withoutRows(scene, new Set(Array.from({ length: to - from }, (_, i) => from + i)));
  // `the cheapest pizza` is told by what is left where that has one elsewhere.
  const words = section
    .toLowerCase()
    .split(/\P{L}+/u)
    .filter((word) => word.length > 2)
    .map((word) => word.replace(/(?:ies|s)$/, ''));
  const left = torn?.rows.some(({ cells }) =>
    cells.some((cell) => words.some((word) => cell.toLowerCase().includes(word))),
  );
  return left ? undefined : torn;
}

const MARKS = ['?', '??', '???'];

/** A page on which something cannot be told. */
export interface Marked {
  readonly scene: Scene;
  /** Where the gap is. */
  readonly gap: Place;
  /** The same page, with facts for questions about the rest of it alone. */
  readonly rest: Scene;
}

/**
 * The page with a mark where an amount stood.
 * @param named whether a name is asked for: then nothing drawn may show what the mark hides
 */
export function marked(rng: Random, scene: Scene, place: Place, named: boolean): Marked | undefined {
  const { facts, template } = scene;
  if (facts.kind === 'table') {
    const torn = { ...scene, rows: withText(scene, place, rng.pick(MARKS)) };
    return { scene: torn, gap: place, rest: torn };
  }
  if (facts.kind !== 'prices') return undefined;
  const { entries, percent } = facts;
  const entry = entries.find(({ valueAt }) => valueAt.row === place.row && valueAt.cell === place.cell);
  const printed = scene.rows[place.row]?.cells[place.cell] ?? '';
  if (!entry || printed !== entry.value || entries.length < 4) return undefined;
  const drawn = template === 'line' || template === 'pie' || facts.what === 'columns';
  // Of a whole in per cent the others say how much is missing.
  if ((drawn && named) || (template === 'pie' && percent)) return undefined;
  const mark = rng.pick(MARKS);
  const rows = withText(scene, place, mark);
  const others = entries.filter((one) => one !== entry);
  const shown = drawn ? entries.map((one) => (one === entry ? { ...one, value: mark } : one)) : others;
  return {
    scene: { ...scene, rows, facts: { ...facts, entries: shown } },
    gap: place,
    rest: { ...scene, rows, facts: { ...facts, entries: others } },
  };
}

type Equation = EquationFacts['equations'][number];

/** Another letter for the unknown of an equation, which the page has nowhere else. */
function relettered(rng: Random, scene: Scene, { text, unknown }: Equation): string | undefined {
  const all = scene.rows.flatMap(({ cells }) => cells).join(' ');
  const free = ['y', 'n', 'a', 'z', 'b', 'k', 'm'].filter((letter) => letter !== unknown && !all.includes(letter));
  return unknown === undefined || free.length === 0 ? undefined : text.replace(unknown, rng.pick(free));
}

/** An equation of which a number is missing, so that it comes to anything. */
function gapped(rng: Random, { text, expression, unknown }: Equation): string | undefined {
  const mark = rng.pick(['?', '__']);
  if (unknown !== undefined) return text.replace(/\d+$/, mark);
  const numbers = [...expression.matchAll(/\d+/g)];
  const printed = [...text.matchAll(/\d+/g)];
  const at = rng.int(0, numbers.length - 1);
  const [number, shown] = [numbers[at], printed[at]];
  if (!number || !shown || number[0] !== shown[0]) return undefined;
  const changed = (by: number): string =>
    expression.slice(0, number.index) + (Number(number[0]) + by) + expression.slice(number.index + number[0].length);
  if (Math.abs(evaluate(changed(1)) - evaluate(expression)) < 1e-9) return undefined;
  return text.slice(0, shown.index) + mark + text.slice(shown.index + shown[0].length);
}

/** The page with an equation that cannot be solved for what is asked. @param letter whether it is asked for by its letter */
export function unsolvable(rng: Random, scene: Scene, place: Place, letter: boolean): Marked | undefined {
  const { facts } = scene;
  if (facts.kind !== 'equations') return undefined;
  const equation = facts.equations.find(({ at }) => at.row === place.row && at.cell === place.cell);
  if (!equation || scene.rows[place.row]?.cells[place.cell] !== equation.text) return undefined;
  const text = letter ? relettered(rng, scene, equation) : gapped(rng, equation);
  if (text === undefined) return undefined;
  const rows = withText(scene, place, text);
  const others = facts.equations.filter((one) => one !== equation);
  const shown = facts.equations.map((one) => (one === equation ? { ...one, text } : one));
  return {
    scene: { ...scene, rows, facts: { ...facts, equations: shown } },
    gap: place,
    rest: { ...scene, rows, facts: { ...facts, equations: others } },
  };
}
