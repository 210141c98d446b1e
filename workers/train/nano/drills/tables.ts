/** Tables of several columns in any order: a cell by head and name, and numbers that are computed by column. */
import { type NanoChain, type NanoTool, type NanoTurn, normaliseRow } from '../../../../shared/nano/format.ts';
import { referred } from '../../../../shared/nano/references.ts';
import type { Random } from '../../../data/random.ts';
import { inventedName, pseudoWord } from './boards.ts';
import { among, dressed, isJumbled } from './wordings.ts';

interface Table {
  readonly rows: readonly string[];
  readonly heads: readonly string[];
  readonly cells: readonly (readonly string[])[];
  /** Rows above the first one of cells. */
  readonly above: number;
  /** Columns by what stands in them. */
  readonly names: number;
  readonly group: number | undefined;
  readonly numeric: readonly number[];
}

function distinct(rng: Random, count: number, make: () => string): string[] {
  const made: string[] = [];
  while (made.length < count) {
    const next = make();
    if (next.length > 1 && !made.some((one) => one.startsWith(next) || next.startsWith(one))) made.push(next);
  }
  return rng.shuffle(made);
}

function numbers(rng: Random, count: number): string[] {
  const most = rng.pick([9, 99, 999, 99_999]);
  const decimals = rng.pick([0, 0, 0, 1, 2]);
  const unit = rng.pick(['', '', '', '', '%', ' km']);
  return distinct(rng, count, () => `${rng.int(10, most * 10 + 9)}`).map(
    (digits) => `${(Number(digits) / 10 ** decimals).toFixed(decimals)}${unit}`,
  );
}

function table(rng: Random): Table {
  const count = rng.int(3, 10);
  const kinds = rng.shuffle([
    'name',
    ...(rng.chance(0.6) ? ['group'] : []),
    ...Array.from({ length: rng.pick([1, 2, 2, 3]) }, () => 'number'),
  ]);
  const groups = distinct(rng, rng.int(2, 3), () => inventedName(rng, []));
  const columns = kinds.map((kind) => {
    if (kind === 'name') return distinct(rng, count, () => inventedName(rng, []));
    return kind === 'group' ? Array.from({ length: count }, () => rng.pick(groups)) : numbers(rng, count);
  });
  const heads = distinct(rng, kinds.length, () => pseudoWord(rng));
  const cells = Array.from({ length: count }, (_, row) => columns.map((column) => column[row] as string));
  const title = rng.chance(0.4) ? [inventedName(rng, [])] : [];
  const group = kinds.indexOf('group');
  return {
    ...{ heads, cells, above: title.length + 1, names: kinds.indexOf('name'), group: group < 0 ? undefined : group },
    numeric: kinds.flatMap((kind, at) => (kind === 'number' ? [at] : [])),
    rows: [...title, heads.join('\t'), ...cells.map((row) => row.join('\t'))],
  };
}

const bare = (cell: string): string => cell.replace(/[^\d.]/g, '');
const rounded = (value: number): string => String(Number(value.toFixed(10)));

/** A question that is answered from the rows alone. */
interface Read {
  readonly question: string;
  readonly turn: NanoTurn;
}

/** A cell by its head and its row's name, or the name by a cell; some heads and names are not there. */
function askCell(rng: Random, made: Table): Read {
  const row = rng.int(0, made.cells.length - 1);
  const others = made.heads.map((_, at) => at).filter((at) => at !== made.names);
  const column = rng.pick(others);
  const [head, name, cell] = [made.heads[column], made.cells[row]?.[made.names], made.cells[row]?.[column]] as string[];
  const missing = rng.next();
  const [asked, of] =
    missing < 0.06 ? [pseudoWord(rng), name] : missing < 0.12 ? [head, inventedName(rng, [])] : [head, name];
  const words = made.rows.join(' ').toLowerCase();
  const absent = [asked, of].some((one) => !words.includes(one as string));
  const once = made.cells.filter((one) => one[column] === cell).length === 1;
  const back = once && !absent && rng.chance(0.35);
  const question = back
    ? rng.pick([
        `which ${made.heads[made.names]} has ${head} ${cell}?`,
        `${cell} is the ${head} of what?`,
        `${made.heads[made.names]} with a ${head} of ${cell}`,
      ])
    : isJumbled(rng)
      ? among(rng, asked as string, of as string)
      : rng.pick([
          `${asked} of ${of}?`,
          `what is the ${asked} of ${of}`,
          `what ${asked} does ${of} have?`,
          `${of}: ${asked}?`,
          `for ${of}, which ${asked} is given`,
          `what ${of} has as ${asked}`,
        ]);
  if (absent) return { question, turn: { quotes: [], action: 'unknown' } };
  const argument = (back ? name : cell) as string;
  const quotes = [made.above - 1, made.above + row];
  return { question, turn: { quotes, action: { name: 'Terminate', argument } } };
}

interface Computed {
  readonly question: string;
  /** Rows of cells that are computed with, and whether the head is quoted before them. */
  readonly of: readonly number[];
  readonly headed: boolean;
  readonly expression: string;
  readonly result: string;
  /** The row whose cell answers; none where the result does. */
  readonly found?: { readonly row: number; readonly column: number };
}

/** A sum or a mean of a column. */
function askAll(rng: Random, made: Table): Computed {
  const column = rng.pick(made.numeric);
  const head = made.heads[column] as string;
  const mean = rng.chance(0.5);
  const what = mean
    ? rng.pick([`average ${head}`, `mean ${head}`, `mean of the ${head} column`])
    : rng.pick([`total ${head}`, `sum of ${head}`, `all ${head} together`, `${head} added up`]);
  const every = made.cells.map((_, row) => row);
  const named = rng.pick(every);
  const name = made.cells[named]?.[made.names] as string;
  const group = made.group === undefined ? undefined : (made.cells[named]?.[made.group] as string);
  const [question, of] = rng.weighted([
    [[rng.pick([`${what}?`, `the ${what}`, `what is the ${what}`]), every] as const, 2],
    [
      [
        rng.pick([
          `${what} without ${name}?`,
          `but for ${name}, the ${what}`,
          `${what}, but not that of ${name}`,
          `${name} excepted: ${what}?`,
          `ignoring ${name}, the ${what}`,
          `${what} of all except ${name}`,
          `leaving ${name} out, ${what}?`,
          `the ${what} when ${name} is not counted`,
          `skip ${name}: ${what}`,
        ]),
        every.filter((row) => row !== named),
      ] as const,
      2,
    ],
    [
      [
        rng.pick([
          `${what} of ${group}?`,
          `for ${group} the ${what}`,
          `${what} in ${group}`,
          `${what} where it says ${group}`,
          `only ${group}: ${what}?`,
          `the ${what} of the ${made.heads[made.group ?? 0]} ${group}`,
          `${what} of those with ${group}`,
        ]),
        every.filter((row) => made.cells[row]?.[made.group ?? 0] === group),
      ] as const,
      group === undefined ? 0 : 4,
    ],
  ]);
  const list = of.map((row) => bare(made.cells[row]?.[column] as string));
  const sum = list.reduce((all, one) => all + Number(one), 0);
  return {
    ...{ question, of, headed: true },
    expression: mean ? `round(mean(${list.join(',')}),2)` : list.join('+'),
    result: rounded(mean ? Math.round((sum / list.length) * 100) / 100 : sum),
  };
}

/** The greatest or least of a column, or what else stands in its row. */
function askExtreme(rng: Random, made: Table): Computed {
  const column = rng.pick(made.numeric);
  const head = made.heads[column] as string;
  const most = rng.chance(0.5);
  const list = made.cells.map((row) => bare(row[column] as string));
  const best = (most ? Math.max : Math.min)(...list.map(Number));
  const row = list.findIndex((one) => Number(one) === best);
  const word = most ? rng.pick(['highest', 'greatest', 'top', 'most']) : rng.pick(['lowest', 'smallest', 'least']);
  const other = rng.pick(made.heads.map((_, at) => at));
  const question =
    other === column
      ? rng.pick([`the ${word} ${head}?`, `what is the ${word} ${head}`, `${word} ${head} of all`])
      : rng.pick([
          `which ${made.heads[other]} has the ${word} ${head}?`,
          `${made.heads[other]} with the ${word} ${head}`,
          `${word} ${head}: which ${made.heads[other]}?`,
        ]);
  return {
    ...{ question, of: list.map((_, at) => at), headed: false, result: rounded(best) },
    ...{ expression: `${most ? 'max' : 'min'}(${list.join(',')})`, found: { row, column: other } },
  };
}

function askPair(rng: Random, made: Table): Computed {
  const column = rng.pick(made.numeric);
  const head = made.heads[column] as string;
  const [a, b] = rng.shuffle(made.cells.map((_, row) => row)) as [number, number];
  const [one, two] = [made.cells[a]?.[made.names], made.cells[b]?.[made.names]];
  const [x, y] = [bare(made.cells[a]?.[column] ?? ''), bare(made.cells[b]?.[column] ?? '')];
  const plus = rng.chance(0.4);
  return {
    question: plus
      ? rng.pick([`${head} of ${one} and ${two} together`, `${one} plus ${two}: ${head}?`])
      : rng.pick([`difference in ${head} between ${one} and ${two}`, `how far is ${two} from ${one} in ${head}`]),
    ...{ of: [a, b], headed: true },
    expression: plus ? `${x}+${y}` : `abs(${x}-${y})`,
    result: rounded(plus ? Number(x) + Number(y) : Math.abs(Number(x) - Number(y))),
  };
}

/** @returns chains that share one reading */
export function tableDrill(rng: Random, questions: number): NanoChain[] {
  const made = table(rng);
  const tools: NanoTool[] = rng.chance(0.8) ? ['OCR', 'Calculate', 'LocalizeObjects', 'ZoomIn'] : ['OCR', 'Calculate'];
  const images = [{ width: rng.int(3, 30) * 100, height: rng.int(3, 40) * 100 }];
  return Array.from({ length: questions }, (): NanoChain => {
    const prompt = { tools, budget: 3, images };
    const look: NanoTurn = { quotes: [], action: { name: 'OCR', argument: '0' } };
    if (rng.chance(0.5)) {
      const { question, turn } = askCell(rng, made);
      return { prompt: { ...prompt, question }, turns: [look, turn], observations: [{ rows: made.rows }] };
    }
    const asked = rng.weighted([
      [askAll, 5],
      [askExtreme, 2],
      [askPair, 1],
    ] as const)(rng, made);
    const quotes = [...(asked.headed ? [made.above - 1] : []), ...asked.of.map((row) => row + made.above)];
    const quoted = quotes.map((row) => normaliseRow(made.rows[row] ?? ''));
    const argument = referred(asked.expression, quoted, asked.question);
    const answer = asked.found ? (made.cells[asked.found.row]?.[asked.found.column] as string) : asked.result;
    const last: NanoTurn = {
      quotes: asked.found ? [asked.found.row + made.above] : [],
      action: { name: 'Terminate', argument: answer },
    };
    return {
      prompt: { ...prompt, question: dressed(rng, asked.question) },
      turns: [look, { quotes, action: { name: 'Calculate', argument } }, last],
      observations: [{ rows: made.rows }, { result: asked.result }],
    };
  });
}
