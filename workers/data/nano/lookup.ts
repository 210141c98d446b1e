import {
  encodeChain,
  encodePrompt,
  encodeTurn,
  glyphIds,
  ID,
  type NanoExample,
  type NanoTurn,
  normalise,
  turnWeights,
} from '../../../shared/nano/format.ts';
import type { Random } from '../random.ts';

/** How hard a lookup is; the curriculum grows `rows` over the first half of training. */
export interface LookupShape {
  /** Fewest and most rows of an observation. */
  rows: readonly [number, number];
  /** Questions about one observation: the first stands before the rows, as in service, the others after the answer. */
  questions: number;
  /** Share of observations whose questions ask more than name to value (reverse, columns, sums). */
  harder: number;
}

/** One observation and what may be asked of it. `names` are unique, no name is the start of another. */
export interface Board {
  names: string[];
  /** values[row][column]; one column unless `heads`. */
  values: string[][];
  heads: string[];
  rows: string[];
  /** Where the quoted part of a row begins: the text before the name (counts, bullets) is left out. */
  quotes: string[];
  numeric: boolean;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const ONSETS = [
  'b',
  'br',
  'c',
  'ch',
  'd',
  'dr',
  'f',
  'g',
  'gr',
  'h',
  'j',
  'k',
  'l',
  'm',
  'n',
  'p',
  'pl',
  'r',
  's',
  'st',
  't',
  'tr',
  'v',
  'w',
  'z',
  '',
];
const VOWELS = ['a', 'e', 'i', 'o', 'u', 'ea', 'io', 'ai', 'ou'];
const CODAS = ['', '', '', 'n', 'r', 's', 'l', 't', 'm', 'nd', 'ck'];

function letters(random: Random, low: number, high: number): string {
  return Array.from({ length: random.int(low, high) }, () => LETTERS[random.int(0, 25)]).join('');
}

export function pseudoWord(random: Random): string {
  return Array.from(
    { length: random.int(1, 3) },
    () => random.pick(ONSETS) + random.pick(VOWELS) + random.pick(CODAS),
  ).join('');
}

/** Half of the names are random letters, half made of syllables; `shared` words make neighbours that begin alike. */
export function inventedName(random: Random, shared: readonly string[]): string {
  if (random.chance(0.5)) {
    const words = random.pick([1, 1, 1, 2]);
    return Array.from({ length: words }, () => letters(random, words === 1 ? 3 : 2, words === 1 ? 9 : 6)).join(' ');
  }
  const words = Array.from({ length: random.pick([1, 1, 2, 2, 3]) }, () => pseudoWord(random));
  if (shared.length > 0 && words.length > 1 && random.chance(0.4))
    words[random.int(0, words.length - 1)] = random.pick(shared);
  if (random.chance(0.06)) words.push(String(random.int(1, 99)));
  return words.join(' ');
}

type ValueMaker = (random: Random) => string;
const price: ValueMaker = (random) =>
  `${random.int(0, random.pick([9, 9, 99, 999]))}.${String(random.int(0, 99)).padStart(2, '0')}`;
const NUMERIC: readonly ValueMaker[] = [
  price,
  price,
  price,
  (random) => String(random.int(0, random.pick([9, 99, 999, 9999, 99999]))),
  (random) => `${random.int(0, 99)}.${random.int(0, 9)}`,
  (random) => `${random.int(0, 9)}.${String(random.int(0, 999)).padStart(3, '0')}`,
];
const PLAIN: readonly ValueMaker[] = [
  (random) => `${random.int(0, 100)}%`,
  (random) => `${random.int(0, 23)}:${String(random.int(0, 59)).padStart(2, '0')}`,
  (random) => `${random.int(1, 28)}/${random.int(1, 12)}/${random.int(1990, 2030)}`,
  pseudoWord,
  (random) => `${pseudoWord(random)} ${pseudoWord(random)}`,
  (random) => `${letters(random, 1, 3)}-${random.int(1, 9999)}`,
];

/** @param headed whether a row of column heads stands above */
export function board(random: Random, shape: Pick<LookupShape, 'rows'>, columns: number, headed = columns > 1): Board {
  const count = random.int(...shape.rows);
  const shared = Array.from({ length: 3 }, () => pseudoWord(random));
  const names: string[] = [];
  while (names.length < count) {
    const next = normalise(inventedName(random, shared)).text;
    if (next.length > 1 && !names.some((one) => one.startsWith(next) || next.startsWith(one))) names.push(next);
  }
  const numeric = random.chance(0.75);
  const makers = Array.from({ length: columns }, () => random.pick(numeric ? NUMERIC : PLAIN));
  const mark = numeric && random.chance(0.25) ? random.pick(['$', '€', '£', 'rm ']) : '';
  const after = mark === '' && numeric && random.chance(0.1) ? random.pick([' €', ' kg', ' eur', '%']) : '';
  const values = names.map(() => makers.map((maker) => `${mark}${maker(random)}${after}`));
  const heads = headed ? Array.from({ length: columns + 1 }, () => pseudoWord(random)) : [];
  const gap = headed ? '\t' : random.pick(['\t', '\t', '\t', '\t', ' ', ': ', ' - ', ' .... ']);
  const prefix = random.pick(['', '', '', '', '', '', 'count', 'bullet', 'code']);
  const quotes = names.map((one, at) => `${one}${gap}${values[at]!.join('\t')}`);
  const rows = quotes.map((quote) => {
    if (prefix === 'count') return `${random.int(1, 9)}${random.pick([' ', 'x ', '\t'])}${quote}`;
    if (prefix === 'bullet') return `${random.pick(['·', '-', '*'])} ${quote}`;
    return prefix === 'code' ? `${random.int(100, 99999)}\t${quote}` : quote;
  });
  return { names, values, heads, rows, quotes, numeric };
}

/** A question and the turn that answers it from the board. */
interface Ask {
  question: string;
  turn: NanoTurn;
}

/** Asks a name as people type it: the whole name, sometimes with a slip, in one of few words. */
function wording(random: Random, asked: string): string {
  return random.pick([
    asked,
    asked,
    `${asked}?`,
    `value of ${asked}`,
    `price of ${asked}?`,
    `how much is ${asked}?`,
    `find ${asked}`,
    `what does ${asked} say?`,
  ]);
}

const terminate = (quotes: string[], argument: string): NanoTurn => ({
  quotes,
  action: { name: 'Terminate', argument },
});

/** A value as an answer says it: numerals without currency or unit, as in the whole chains; a percent sign stays. */
export function answer(board: Board, row: number, column: number): string {
  const value = board.values[row]![column]!;
  return board.numeric ? value.replace(/[^\d.%]/g, '') : value;
}

function askValue(random: Random, board: Board): Ask {
  const row = random.int(0, board.names.length - 1);
  return {
    question: wording(random, board.names[row]!),
    turn: terminate([board.quotes[row]!], answer(board, row, 0)),
  };
}

/** Value to name: only values that stand once. */
function askName(random: Random, board: Board): Ask {
  const all = board.values.map((one) => one[0]!);
  const once = all.flatMap((one, at) => (all.indexOf(one) === all.lastIndexOf(one) ? [at] : []));
  if (once.length === 0) return askValue(random, board);
  const row = random.pick(once);
  const question = random.pick(['which one has', 'which is', 'what costs', 'who has', 'name with']);
  return { question: `${question} ${all[row]}?`, turn: terminate([board.quotes[row]!], board.names[row]!) };
}

/** A named row and column: head row and row are quoted up to the asked column, as in the whole chains. */
function askColumn(random: Random, board: Board): Ask {
  const row = random.int(0, board.names.length - 1);
  const column = random.int(0, board.heads.length - 2);
  const head = board.heads[column + 1]!;
  const question = random.pick([
    `${head} of ${board.names[row]}`,
    `${board.names[row]} ${head}?`,
    `what is the ${head} for ${board.names[row]}?`,
  ]);
  const upTo = [board.names[row]!, ...board.values[row]!.slice(0, column + 1)].join('\t');
  return { question, turn: terminate([board.heads.slice(0, column + 2).join('\t'), upTo], answer(board, row, column)) };
}

/** Two named rows, both quoted, into one Calculate over the bare numbers. */
function askPair(random: Random, board: Board): Ask {
  if (!board.numeric || board.names.length < 2) return askValue(random, board);
  const [a, b] = random.shuffle(board.names.map((_, at) => at)) as [number, number];
  const bare = (row: number) => board.values[row]![0]!.replace(/[^\d.]/g, '');
  const [question, sign] = random.pick([
    [`${board.names[a]} and ${board.names[b]} together`, '+'],
    [`sum of ${board.names[a]} and ${board.names[b]}`, '+'],
    [`difference of ${board.names[a]} and ${board.names[b]}`, '-'],
  ] as const);
  const argument = sign === '-' ? `abs(${bare(a)}-${bare(b)})` : `${bare(a)}+${bare(b)}`;
  return { question, turn: { quotes: [board.quotes[a]!, board.quotes[b]!], action: { name: 'Calculate', argument } } };
}

/** An observation with one or more questions; all turns are the model's own, questions and rows are given. */
export function lookupExample(random: Random, shape: LookupShape): NanoExample & { kind: string } {
  const hard = random.chance(shape.harder) ? random.pick(['reverse', 'column', 'pair', 'pair'] as const) : 'value';
  const made = board(random, shape, hard === 'column' ? random.int(2, 4) : 1);
  const asker = { value: askValue, reverse: askName, column: askColumn, pair: askPair }[hard];
  const rows = made.heads.length > 0 ? [made.heads.join('\t'), ...made.rows] : made.rows;
  const first = asker(random, made);
  const prompt = {
    tools: random.chance(0.8) ? (['OCR', 'Calculate'] as const) : (['OCR'] as const),
    budget: random.int(2, 3),
    images: [{ width: random.int(3, 30) * 100, height: random.int(3, 40) * 100 }],
  };
  const chain = encodeChain({
    prompt: { ...prompt, question: first.question },
    turns: [{ quotes: [], action: { name: 'OCR', argument: 'image-0' } }, first.turn],
    observations: [{ rows }],
  });
  for (let more = 1; more < shape.questions; more++) {
    const ask = asker(random, made);
    const question = [ID.question, ...glyphIds(normalise(ask.question).text), ID.turn];
    const turn = encodeTurn(ask.turn);
    chain.ids.push(...question, ...turn);
    chain.weights.push(...question.map(() => 0), ...turnWeights(turn));
  }
  return { ...chain, kind: hard };
}

/** A random string said twice: the plainest form of copying. The second half is the model's own. */
export function repeatExample(random: Random, longest: number): NanoExample & { kind: string } {
  const glyphs = `${LETTERS}0123456789 .\t\n`;
  const text = Array.from({ length: random.int(8, longest) }, () => glyphs[random.int(0, glyphs.length - 1)]).join('');
  const ids = glyphIds(text);
  const head = [
    ...encodePrompt({ tools: ['OCR'], budget: 1, images: [], question: 'repeat' }),
    ID.observation,
    ...ids,
    ID.turn,
    ID.quote,
  ];
  return {
    ids: [...head, ...ids, ID.end],
    weights: [...head.map(() => 0), ...ids.map((_, at) => (at < 2 ? 0 : 1)), 1],
    kind: 'repeat',
  };
}
