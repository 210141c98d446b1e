/** Boards of names and values that nobody has seen: what drills ask about. Half of the names are random letters. */
import { normalise } from '../../../../shared/nano/format.ts';
import type { Random } from '../../../data/random.ts';

/** `names` are unique, no name is the start of another. */
export interface Board {
  readonly names: readonly string[];
  /** values[row][column]; one column unless `heads`. */
  readonly values: readonly (readonly string[])[];
  readonly heads: readonly string[];
  /** Tabs between cells, without the heads. */
  readonly rows: readonly string[];
  readonly numeric: boolean;
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

/**
 * @param rows fewest and most
 * @param columns of values; a row of heads stands above where there are several
 */
export function board(random: Random, rows: readonly [number, number], columns: number): Board {
  const count = random.int(...rows);
  const headed = columns > 1;
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
  const lines = names.map((name, at) => {
    const line = `${name}${gap}${values[at]!.join('\t')}`;
    if (prefix === 'count') return `${random.int(1, 9)}${random.pick([' ', 'x ', '\t'])}${line}`;
    if (prefix === 'bullet') return `${random.pick(['·', '-', '*'])} ${line}`;
    return prefix === 'code' ? `${random.int(100, 99999)}\t${line}` : line;
  });
  return { names, values, heads, rows: lines, numeric };
}

/** A value as an answer says it: numerals without currency or unit, a percent sign stays. */
export function answer(board: Board, row: number, column: number): string {
  const value = board.values[row]![column]!;
  return board.numeric ? value.replace(/[^\d.%]/g, '') : value;
}
