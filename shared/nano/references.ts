/**
 * How a turn of cota-nano names what it has just quoted, instead of saying it again digit by digit.
 *
 *   [2]     <rK>        last number of the third row quoted
 *   [2:1]   <rK><c1>    first number in that row's cell behind the first one; [2:0] in the first, a tab in place of <c1>
 *   []      \n          last number of each row quoted that has one
 *   [:1]    \n<c1>      the same of one column
 *   <count> \n          as an answer: how many rows, or things found, were quoted
 *
 * A sum is then said in few tokens, all of them chosen, and its numbers are those of its evidence.
 */
import { NUMBER_WORDS } from '../data/number-words.ts';
import { mended } from './speakable/spans.ts';
import { COLUMNS, columnId, columnOf, glyphId, ID, markId, markOf } from './vocabulary.ts';

/** The answer that counts what was quoted. */
export const COUNT = '<count>';

const NUMBER = /\d+(?:\.\d+)?/g;
const REFERENCE = /\[(\d*)(?::(\d))?\]/g;

/** Number of a row as an expression writes it. @param row normalised, tabs between cells @param column as in `rowGlyphs` */
export function numberOf(row: string, column?: number): string | undefined {
  // Tabs stay: the numbers of two cells are not one that was torn.
  const cell = column === undefined ? row : row.split('\t')[column];
  const numbers = mended(cell ?? '').match(NUMBER);
  return numbers?.at(column === undefined ? -1 : 0);
}

/**
 * An expression with its numbers.
 * @param rows that the turn quotes, normalised, in the order of its quotes
 * @throws Error with words for the model, where a row has no such number, or two would become one
 */
export function written(expression: string, rows: readonly string[]): string {
  if (/[\d.\]]\[|\][\d.]/.test(expression)) throw new Error('two numbers stand side by side without an operator');
  return expression.replace(REFERENCE, (_, nth: string, cell?: string) => {
    const column = cell === undefined ? undefined : Number(cell);
    const said =
      nth === ''
        ? rows.flatMap((row) => numberOf(row, column) ?? [])
        : [numberOf(rows[Number(nth)] ?? '', column) ?? []].flat();
    if (said.length === 0) throw new Error('a row that is calculated with has no number there');
    return said.join(',');
  });
}

/** The token that names a cell: those behind the first are named as in rows, where nothing stands before the first. */
export const cellId = (cell: number): number => (cell === 0 ? ID.gap : columnId(cell));
export const cellOf = (id: number): number | undefined => (id === ID.gap ? 0 : columnOf(id));

/** Tokens of an expression. @param quotes marks, in the order of the turn */
export function expressionIds(expression: string, quotes: readonly number[]): number[] {
  const ids: number[] = [];
  let from = 0;
  const glyphs = (to: number): void => {
    ids.push(...[...expression.slice(from, to)].map(glyphId));
  };
  for (const { 0: all, 1: nth, 2: cell, index } of expression.matchAll(REFERENCE)) {
    glyphs(index);
    from = index + all.length;
    const mark = quotes[Number(nth)];
    if (nth !== '' && mark === undefined) throw new Error(`${all} names no row that is quoted`);
    ids.push(nth === '' ? ID.row : markId(mark as number), ...(cell === undefined ? [] : [cellId(Number(cell))]));
  }
  glyphs(expression.length);
  return ids;
}

/**
 * The reference that begins at ids[at], if one does.
 * @param quotes marks, in the order of the turn
 * @returns its text and how many tokens it takes
 */
export function referenceAt(
  ids: readonly number[],
  at: number,
  quotes: readonly number[],
): { readonly text: string; readonly tokens: number } | undefined {
  const id = ids[at] as number;
  const mark = markOf(id);
  if (mark === undefined && id !== ID.row) return undefined;
  const nth = mark === undefined ? '' : String(quotes.indexOf(mark));
  if (nth === '-1') throw new Error('it calculates with a row that it does not quote');
  const column = cellOf(ids[at + 1] ?? -1);
  return column === undefined ? { text: `[${nth}]`, tokens: 1 } : { text: `[${nth}:${column}]`, tokens: 2 };
}

const same = (a: string | undefined, b: string): boolean => a !== undefined && Number(a) === Number(b);

/**
 * An expression with references in place of the numbers that stand in the rows: of every row at most one. Where a number
 * comes from neither rows nor question, or a row would give several, it stays as it is: exercises are copied.
 * @param expression lower case, without spaces
 * @param rows normalised, in the order of the turn's quotes
 */
export function referred(expression: string, rows: readonly string[], question: string): string {
  return ofAll(expression, rows) ?? ofEach(expression, rows, question) ?? expression;
}

/**
 * Cells in the order in which they are tried, from the last on: one piece costs as much as its line comes to, and it is
 * the line's amount that is meant. In two columns the last number needs no name of its cell.
 */
function columnsOf(rows: readonly string[]): (number | undefined)[] {
  const most = Math.max(0, ...rows.map((row) => row.split('\t').length - 1));
  const named = Array.from({ length: Math.min(COLUMNS - 1, most) }, (_, at) => at + 1).reverse();
  return most < 2 ? [undefined, ...named, 0] : [...named, undefined, 0];
}

const MEAN = /^round\(mean\(([\d.,]+)\),2\)$/;
const EXTREME = /^(max|min)\(([\d.,]+)\)$/;
const SUM = /^\d[\d.]*(?:\+\d[\d.]*){2,}$/;

/** Where the expression takes one number of each row that has one. */
function ofAll(expression: string, rows: readonly string[]): string | undefined {
  const extreme = EXTREME.exec(expression);
  const list = extreme?.[2] ?? MEAN.exec(expression)?.[1];
  const numbers = SUM.test(expression) ? expression.split('+') : list?.split(',');
  if (!numbers || numbers.length < 2) return undefined;
  for (const column of columnsOf(rows)) {
    const all = rows.flatMap((row) => numberOf(row, column) ?? []);
    if (all.length !== numbers.length || !all.every((one, at) => same(one, numbers[at] as string))) continue;
    const reference = column === undefined ? '[]' : `[:${column}]`;
    if (extreme) return `${extreme[1]}(${reference})`;
    return list === undefined ? `sum(${reference})` : `round(mean(${reference}),2)`;
  }
  return undefined;
}

/**
 * Where it takes single rows: by their last numbers, as the lines of receipts have more and fewer cells, and by their
 * cells where a head is quoted before them.
 */
function ofEach(expression: string, rows: readonly string[], question: string): string | undefined {
  const cells = columnsOf(rows);
  const bare = singly(expression, rows, question, [undefined, ...cells.filter((cell) => cell !== undefined)]);
  const headed = bare?.left[0] === 0 && rows[0]?.includes('\t');
  return headed ? singly(expression, rows, question, cells)?.text : bare?.text;
}

/** @returns the expression by the first of these cells that fit, and which rows were left over */
function singly(
  expression: string,
  rows: readonly string[],
  question: string,
  columns: readonly (number | undefined)[],
): { readonly text: string; readonly left: readonly number[] } | undefined {
  const free = rows.map((text, nth) => ({ text, nth }));
  const figures = new Set(question.match(NUMBER));
  const isAsked = (number: string): boolean => {
    const word = NUMBER_WORDS[Number(number)];
    return figures.has(number) || (word !== undefined && question.includes(word));
  };
  let fits = true;
  const text = expression.replace(NUMBER, (number, at: number) => {
    // How often something is taken.
    if (expression[at + number.length] === '*' && isAsked(number)) return number;
    for (const column of columns) {
      const found = free.findIndex((row) => same(numberOf(row.text, column), number));
      if (found < 0) continue;
      const [row] = free.splice(found, 1);
      return column === undefined ? `[${row?.nth}]` : `[${row?.nth}:${column}]`;
    }
    // The places of a rounding, a hundred of per cent.
    const constant = expression.endsWith(',2)') && at === expression.length - 2;
    if (!constant && number !== '100' && !isAsked(number)) fits = false;
    return number;
  });
  return fits && text.includes('[') ? { text, left: free.map(({ nth }) => nth) } : undefined;
}
