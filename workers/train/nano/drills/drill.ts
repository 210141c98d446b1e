/**
 * Short made-up boards, tables and searches with questions of every kind about each: what must be learnt before whole
 * chains teach anything is to find a row by its name, for names never seen. Half of the names are random letters.
 */
import {
  fitRows,
  MARKS,
  type NanoChain,
  type NanoTool,
  type NanoTurn,
  normaliseRow,
} from '../../../../shared/nano/format.ts';
import { referred } from '../../../../shared/nano/references.ts';
import type { Random } from '../../../data/random.ts';
import { answer, type Board, board, inventedName, pseudoWord } from './boards.ts';
import { listDrill } from './lists.ts';
import { receiptDrill } from './receipts.ts';
import { regionDrill } from './regions.ts';
import { tableDrill } from './tables.ts';
import { among, isJumbled, wording } from './wordings.ts';

interface Asked {
  readonly question: string;
  readonly turns: readonly NanoTurn[];
  /** What Calculate gives, where it is called. */
  readonly result?: string;
}

/** A board with the row numbers of what can be asked. */
interface Page {
  readonly board: Board;
  readonly rows: readonly string[];
  /** Number of the head row, and of the first row below it. */
  readonly head: number | undefined;
  readonly first: number;
}

const bare = (page: Page, row: number, column = 0): string =>
  (page.board.values[row]?.[column] ?? '').replace(/[^\d.]/g, '');
const terminate = (quotes: number[], argument: string): NanoTurn => ({
  quotes,
  action: { name: 'Terminate', argument },
});

/** Rows between which the asked ones stand do not matter: titles above and lines below, as pages have. */
function page(rng: Random, rows: readonly [number, number], columns: number): Page {
  const made = board(rng, rows, columns);
  const above = Array.from({ length: rng.pick([0, 0, 0, 1, 2]) }, () => inventedName(rng, []));
  const below = Array.from({ length: rng.pick([0, 0, 0, 0, 1, 2]) }, () => inventedName(rng, []));
  const heads = made.heads.length > 0 ? [made.heads.join('\t')] : [];
  return {
    board: made,
    rows: [...above, ...heads, ...made.rows, ...below],
    head: heads.length > 0 ? above.length : undefined,
    first: above.length + heads.length,
  };
}

function askValue(rng: Random, made: Page): Asked {
  const row = rng.int(0, made.board.names.length - 1);
  const column = rng.int(0, (made.board.values[row]?.length ?? 1) - 1);
  const name = made.board.names[row] as string;
  const value = answer(made.board, row, column);
  if (made.head === undefined) return { question: wording(rng, name), turns: [terminate([made.first + row], value)] };
  const head = made.board.heads[column + 1] as string;
  const question = isJumbled(rng)
    ? among(rng, head, name)
    : rng.pick([
        `${head} of ${name}`,
        `${name} ${head}?`,
        `what is the ${head} for ${name}?`,
        `which ${head} does ${name} have`,
      ]);
  return { question, turns: [terminate([made.head, made.first + row], value)] };
}

/** Value to name: only values that stand once. */
function askName(rng: Random, made: Page): Asked | undefined {
  const column = rng.int(0, (made.board.values[0]?.length ?? 1) - 1);
  const all = made.board.values.map((values) => values[column] as string);
  const once = all.flatMap((value, at) => (all.indexOf(value) === all.lastIndexOf(value) ? [at] : []));
  if (once.length === 0) return undefined;
  const row = rng.pick(once);
  const said = rng.chance(0.5) ? (all[row] as string) : answer(made.board, row, column);
  const head = made.head === undefined ? undefined : (made.board.heads[column + 1] as string);
  const question = isJumbled(rng)
    ? among(rng, ...(head === undefined ? [] : [head]), said)
    : head
      ? rng.pick([`which one has ${head} ${said}?`, `what has the ${head} ${said}`, `${head} ${said} belongs to what?`])
      : rng.pick([
          `which one has ${said}?`,
          `what costs ${said}?`,
          `who has ${said}`,
          `name with ${said}`,
          `${said} is for what?`,
        ]);
  return {
    question,
    turns: [
      terminate([...(made.head === undefined ? [] : [made.head]), made.first + row], made.board.names[row] as string),
    ],
  };
}

/** Two named rows into one Calculate over the bare numbers. */
function askPair(rng: Random, made: Page): Asked | undefined {
  const { names, numeric, values } = made.board;
  if (!numeric || names.length < 2 || values[0]?.length !== 1) return undefined;
  const [a, b] = rng.shuffle(names.map((_, at) => at)) as [number, number];
  const [x, y] = [bare(made, a), bare(made, b)];
  const plus = rng.chance(0.5);
  const question = plus
    ? rng.pick([
        `${names[a]} and ${names[b]} together`,
        `sum of ${names[a]} and ${names[b]}`,
        `what do ${names[a]} and ${names[b]} cost`,
      ])
    : rng.pick([`difference of ${names[a]} and ${names[b]}`, `how far apart are ${names[a]} and ${names[b]}`]);
  return calculated(
    made,
    [made.first + a, made.first + b],
    question,
    plus ? `${x}+${y}` : `abs(${x}-${y})`,
    plus ? Number(x) + Number(y) : Math.abs(Number(x) - Number(y)),
  );
}

function calculated(made: Page, quotes: number[], question: string, expression: string, value: number): Asked {
  const result = String(Number(value.toFixed(10)));
  return { question, result, turns: [calculate(made, quotes, question, expression), terminate([], result)] };
}

function calculate({ rows }: Page, quotes: number[], question: string, expression: string): NanoTurn {
  const quoted = quotes.map((row) => normaliseRow(rows[row] ?? ''));
  return { quotes, action: { name: 'Calculate', argument: referred(expression, quoted, question) } };
}

/** The row of the greatest or the least: Calculate names the value, the row is found by it. */
function askExtreme(rng: Random, made: Page): Asked | undefined {
  const { names, numeric, values } = made.board;
  if (!numeric || values[0]?.length !== 1 || names.length > 14) return undefined;
  const numbers = names.map((_, row) => bare(made, row));
  const most = rng.chance(0.5);
  const best = (most ? Math.max : Math.min)(...numbers.map(Number));
  const row = numbers.findIndex((number) => Number(number) === best);
  if (numbers.filter((number) => Number(number) === best).length > 1) return undefined;
  const result = String(best);
  const question = most
    ? rng.pick(['which is the greatest?', 'highest one', 'what has the most', 'the maximum is which'])
    : rng.pick(['which is the least?', 'lowest one', 'what has the fewest', 'the minimum is which']);
  const quotes = numbers.map((_, at) => made.first + at);
  return {
    question,
    result,
    turns: [
      calculate(made, quotes, question, `${most ? 'max' : 'min'}(${numbers.join(',')})`),
      terminate([made.first + row], names[row] as string),
    ],
  };
}

/** Something that the page does not have: another name, or a value that stands nowhere. */
function askMissing(rng: Random, made: Page): Asked {
  const { names, values } = made.board;
  for (;;) {
    // Half of them share a beginning or a word with a name that is there.
    const near = rng.pick(names);
    const name = rng.chance(0.5)
      ? inventedName(rng, [])
      : rng.pick([`${near.slice(0, 3)}${pseudoWord(rng)}`, `${near.split(' ')[0]} ${pseudoWord(rng)}`]);
    if (names.some((one) => one.includes(name) || name.includes(one))) continue;
    const value = `${rng.int(1, 99)}.${rng.int(10, 99)}`;
    if (values.flat().some((one) => one.includes(value))) continue;
    const question = rng.chance(0.7)
      ? wording(rng, name)
      : rng.pick([`which one has ${value}?`, `what costs ${value}?`]);
    return { question, turns: [{ quotes: [], action: 'unknown' }] };
  }
}

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'];

/** The n-th of the list, or the last. */
function askPlace(rng: Random, made: Page): Asked | undefined {
  if (made.board.rows.length !== made.rows.length) return undefined;
  const count = made.board.names.length;
  const nth = rng.chance(0.3) ? count - 1 : rng.int(0, Math.min(count, ORDINALS.length) - 1);
  const said = nth === count - 1 ? 'last' : (ORDINALS[nth] as string);
  return {
    question: rng.pick([`the ${said} one`, `which is ${said}?`, `${said} name`]),
    turns: [{ ...terminate([nth], made.board.names[nth] as string), placed: true }],
  };
}

const KINDS = [
  [askValue, 8],
  [askName, 6],
  [askMissing, 2.5],
  [askPair, 2],
  [askExtreme, 2],
  [askPlace, 1],
] as const;
const SIMPLE = [
  [askValue, 1],
  [askName, 1],
] as const;
const LOOK_UPS = KINDS.filter(([ask]) => ask !== askPair && ask !== askExtreme);

const SIGNS = 'abcdefghijklmnopqrstuvwxyz0123456789 .-';

/** A line of random characters to be said again: copying comes before choosing what to copy. */
function copyDrill(rng: Random): NanoChain[] {
  const line = (): string =>
    Array.from({ length: rng.int(8, 60) }, () => SIGNS[rng.int(0, SIGNS.length - 1)])
      .join('')
      .trim();
  const rows = Array.from({ length: rng.pick([1, 1, 2, 3]) }, line).map((text) => normaliseRow(text));
  if (rows.some((text) => text.length < 4)) return copyDrill(rng);
  const row = rng.int(0, rows.length - 1);
  const text = rows[row] as string;
  const question =
    rows.length === 1
      ? rng.pick(['read it', 'what does it say?'])
      : `read the line that begins with ${text.slice(0, 4)}`;
  return [
    {
      prompt: {
        tools: ['OCR'],
        budget: 3,
        images: [{ width: rng.int(3, 30) * 100, height: rng.int(3, 40) * 100 }],
        question,
      },
      turns: [{ quotes: [], action: { name: 'OCR', argument: '0' } }, terminate([row], text)],
      observations: [{ rows }],
    },
  ];
}

/** Whether the model sees every row of it, each with a mark of its own: turns quote rows by their place on the page. */
const isWhole = ({ rows }: Page): boolean => rows.length <= MARKS && fitRows(rows).seen.length === rows.length;

export interface DrillShape {
  /** Fewest and most rows of a page; pages that the model would not see whole are made shorter. */
  readonly rows: readonly [number, number];
  readonly questions: number;
  /** Share of searches for things. */
  readonly regions: number;
  /** Share of lines to be said again. */
  readonly copies: number;
  /** Share of lists that are asked by place. */
  readonly lists?: number;
  /** Share of tables that are computed by column. */
  readonly tables?: number;
  /** Share of receipts. */
  readonly receipts?: number;
  /** Look-ups alone: no Calculate, nothing but finding. */
  readonly lookUps?: boolean;
  /** Names and values in two columns, asked from either side: what all others build on. */
  readonly simple?: boolean;
}

/** @returns chains that share one reading, or one search */
export function drill(rng: Random, shape: DrillShape): NanoChain[] {
  const { rows, questions, regions, copies, lists = 0, tables = 0, receipts = 0, lookUps, simple } = shape;
  const kind = rng.next();
  if (kind < copies) return copyDrill(rng);
  if (kind < copies + regions) return regionDrill(rng);
  if (kind < copies + regions + lists) return listDrill(rng, questions);
  if (kind < copies + regions + lists + tables) return tableDrill(rng, questions);
  if (kind < copies + regions + lists + tables + receipts) return receiptDrill(rng, questions);
  const columns = simple ? 1 : rng.pick([1, 1, 1, 2, 3]);
  let made = page(rng, rows, columns);
  for (let [fewest, most] = rows; !isWhole(made); made = page(rng, [fewest, most], columns)) {
    fewest = Math.ceil(fewest / 2);
    most = Math.ceil(most * 0.8);
  }
  const tools: NanoTool[] = rng.chance(0.8) ? ['OCR', 'Calculate', 'LocalizeObjects', 'ZoomIn'] : ['OCR', 'Calculate'];
  const images = [{ width: rng.int(3, 30) * 100, height: rng.int(3, 40) * 100 }];
  const chains: NanoChain[] = [];
  for (let tries = 0; chains.length < questions && tries < questions * 3; tries++) {
    const asked = rng.weighted(simple ? SIMPLE : lookUps ? LOOK_UPS : KINDS)(rng, made);
    if (!asked) continue;
    chains.push({
      prompt: { tools, budget: 3, images, question: asked.question },
      turns: [{ quotes: [], action: { name: 'OCR', argument: '0' } }, ...asked.turns],
      observations: [{ rows: made.rows }, ...(asked.result === undefined ? [] : [{ result: asked.result }])],
    });
  }
  return chains;
}
