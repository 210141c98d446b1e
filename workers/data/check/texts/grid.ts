/** A table as read: columns with their titles, records, and a row of totals if there is one. */
import { type Amount, type AmountStyle, amountOf, styleOf } from './amounts.ts';
import type { Line, Page } from './page.ts';
import { squeeze } from './spelling.ts';

export interface Column {
  readonly title: string;
  readonly key: string;
  readonly numeric: boolean;
  readonly style: AmountStyle;
}

export interface Grid {
  readonly columns: readonly Column[];
  /** Cells in the order of the columns. */
  readonly records: readonly (readonly string[])[];
  /** Rows below the head that are no record as they were read: something of the table is missing. */
  readonly broken: number;
  readonly summary?: { readonly what: 'total' | 'average'; readonly cells: readonly string[] };
}

interface Piece {
  readonly text: string;
  /** Whether a gap between cells stands before it. */
  readonly apart: boolean;
}

const piecesOf = (lines: readonly Line[]): Piece[] =>
  lines.flatMap(({ cells }) =>
    cells.flatMap((cell) => cell.split(/\s+/).map((text, at) => ({ text, apart: at === 0 }))),
  );

const isAmount = (text: string, style: AmountStyle): boolean => {
  const read = amountOf(text, style);
  return read !== undefined && read !== 'unclear';
};

/**
 * Pieces as cells of the columns, where gaps were lost or seen in the middle of a cell: the way with the fewest such
 * gaps in which every column of numbers gets one number. Undefined where there is none, or more than one.
 */
function aligned(pieces: readonly Piece[], columns: readonly Column[]): string[] | undefined {
  if (pieces.length < columns.length || pieces.length > columns.length * 3 + 3) return undefined;
  let best = Number.POSITIVE_INFINITY;
  let ways: string[][] = [];
  const go = (at: number, column: number, cells: string[], cost: number): void => {
    if (cost > best) return;
    if (column === columns.length) {
      if (at !== pieces.length) return;
      if (cost < best) {
        best = cost;
        ways = [];
      }
      ways.push(cells);
      return;
    }
    const { numeric, style } = columns[column] as Column;
    let text = '';
    let inside = 0;
    const left = columns.length - column - 1;
    for (let to = at + 1; to <= pieces.length - left; to++) {
      const piece = pieces[to - 1] as Piece;
      if (to > at + 1 && piece.apart) inside++;
      text += (text === '' ? '' : ' ') + piece.text;
      if (numeric && to - at > 3) break;
      if (numeric && !isAmount(text, style)) continue;
      const next = pieces[to];
      go(to, column + 1, [...cells, text], cost + inside + (next !== undefined && !next.apart ? 1 : 0));
    }
  };
  go(0, 0, [], 0);
  return ways.length === 1 ? ways[0] : undefined;
}

const TOTALS = /^(?:total|sum|all|overall|totals)$/;
const MEANS = /^(?:average|mean|avg)$/;

export function gridOf({ lines, style }: Page): Grid | undefined {
  // The head is the row without figures whose width most rows after it have.
  let head = -1;
  let best = 1;
  for (let at = 0; at < Math.min(lines.length - 2, 5); at++) {
    const { cells } = lines[at] as Line;
    if (cells.length < 2 || cells.some((cell) => /\d/.test(cell) || !/\p{L}/u.test(cell))) continue;
    const fitting = lines
      .slice(at + 1)
      .filter(
        (line) => line.cells.length === cells.length && line.cells.some((cell) => /\d/.test(cell) || cells.length > 1),
      ).length;
    if (fitting > best) {
      best = fitting;
      head = at;
    }
  }
  if (head < 0) return undefined;
  const titles = (lines[head] as Line).cells;
  const width = titles.length;
  const rest = lines.slice(head + 1);
  const whole = rest.filter(({ cells }) => cells.length === width);
  if (whole.length * 2 < rest.length) return undefined;
  const columns = titles.map((title, k): Column => {
    const own = whole.map(({ cells }) => [cells[k] as string]);
    const mine = styleOf(own);
    // `68,020` in a column is a thousand and more, whatever mark the page has elsewhere.
    const grouped = own.some(([cell]) => /\d,\d{3}(?!\d)/.test(cell as string));
    const columnStyle = { ...mine, comma: mine.comma || (mine.decimals === undefined && !grouped && style.comma) };
    const numbers = own.filter(([cell]) => amountOf(cell as string, columnStyle) !== undefined).length;
    const codes =
      own.some(([cell]) => /^[A-Z]{1,3}\d+$|\d-[A-Z]|[A-Z]{2}-\d|^[A-Z]\d\d\//.test(cell as string)) ||
      /^(?:code|id|ref|platform|gate|pier|track)$/.test(squeeze(title));
    return { title, key: squeeze(title), numeric: !codes && numbers * 3 >= own.length * 2, style: columnStyle };
  });
  if (!columns.some(({ numeric }) => !numeric)) return undefined;
  const fits = (cells: readonly string[]): boolean =>
    cells.length === width &&
    columns.every(({ numeric, style: own }, k) => !numeric || isAmount(cells[k] as string, own));
  const records: (readonly string[])[] = [];
  let summary: Grid['summary'];
  let broken = 0;
  const keep = (cells: readonly string[]): void => {
    const named = cells.findIndex((_, k) => !columns[k]?.numeric);
    const label = squeeze(cells[named] ?? '');
    if (records.length > 1 && (TOTALS.test(label) || MEANS.test(label)))
      summary = { what: TOTALS.test(label) ? 'total' : 'average', cells };
    else records.push(cells);
  };
  for (let at = 0; at < rest.length; at++) {
    const line = rest[at] as Line;
    if (fits(line.cells)) {
      keep(line.cells);
      continue;
    }
    const mended = aligned(piecesOf([line]), columns);
    if (mended) {
      keep(mended);
      continue;
    }
    // A record whose cells were read as rows of their own.
    let joined: { cells: string[]; to: number } | undefined;
    for (let to = at + 2; to <= Math.min(rest.length, at + width); to++) {
      const some = rest.slice(at, to);
      if (some.some(({ cells }) => cells.length >= width)) break;
      const cells = aligned(piecesOf(some), columns);
      if (cells && fits(cells)) {
        joined = { cells, to };
        break;
      }
    }
    if (joined) {
      keep(joined.cells);
      at = joined.to - 1;
    } else if (line.cells.length > 1 || /\d/.test(line.text) || squeeze(line.text).length > 2) broken++;
  }
  return records.length < 2 ? undefined : { columns, records, broken, ...(summary ? { summary } : {}) };
}

/** The amount in a cell of a column of numbers. */
export function amountIn({ columns }: Grid, record: readonly string[], column: number): Amount | undefined {
  const read = amountOf(record[column] ?? '', (columns[column] as Column).style);
  return read === 'unclear' ? undefined : read;
}
