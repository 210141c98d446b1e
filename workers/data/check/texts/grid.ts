/** A table as read: columns with their titles, records, and a row of totals if there is one. */
import { once } from '../remember.ts';
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
      // A word of a name before a figure is rather not its sign.
      const led = numeric && inside > 0 && /^[a-z]/i.test(text) && !/^(?:rm|rs|us|eur|kr)/i.test(text) ? 1 : 0;
      go(to, column + 1, [...cells, text], cost + led + inside + (next !== undefined && !next.apart ? 1 : 0));
    }
  };
  go(0, 0, [], 0);
  return ways.length === 1 ? ways[0] : undefined;
}

/** Figures, times, names and codes among each other. */
const isMixed = (cells: readonly string[]): boolean => {
  const figures = cells.filter((cell) => /\d/.test(cell)).length;
  return figures > 0 && figures < cells.length;
};

/** Unit and decimals that nearly all cells of a column have, as one text; undefined where they differ. */
function likelyUnit(cells: readonly string[], { style }: Column): string | undefined {
  const kinds = cells.map((cell) => kindOfCell(cell, style));
  const first = kinds.toSorted(
    (a, b) => kinds.filter((one) => one === b).length - kinds.filter((one) => one === a).length,
  )[0];
  return kinds.filter((one) => one === first).length * 3 >= kinds.length * 2 ? first : undefined;
}
const kindOfCell = (cell: string, style: AmountStyle): string => {
  const read = amountOf(cell, style);
  return read === undefined || read === 'unclear'
    ? '?'
    : `${read.decimals}${read.unit}${/^[$€£₹]/.test(cell) ? '$' : ''}`;
};

/** A row with one cell too many, a word that belongs to no column: undefined unless it is the one that may be left out. */
function withoutStray(cells: readonly string[], fits: (cells: readonly string[]) => boolean): string[] | undefined {
  const stray = cells.length - 1;
  if (!/^[\p{L}\d-]+$/u.test(cells[stray] as string)) return undefined;
  const rest = cells.slice(0, stray);
  return fits(rest) ? rest : undefined;
}

/**
 * A row of which one cell was not read, by what its other cells are; undefined unless only one column can be the one.
 * @param likely of each column of numbers, what its cells look like
 */
function withGap(
  cells: readonly string[],
  columns: readonly Column[],
  likely: readonly (string | undefined)[],
): string[] | undefined {
  if (columns.length < 3 || cells.length !== columns.length - 1) return undefined;
  const ways = columns.flatMap((_, gap) => {
    const way = [...cells.slice(0, gap), '', ...cells.slice(gap)];
    const fits = columns.every(({ numeric, style }, k) => {
      if (k === gap) return true;
      const cell = way[k] as string;
      if (!numeric) return amountOf(cell, style) === undefined;
      return likely[k] !== undefined && kindOfCell(cell, style) === likely[k];
    });
    return fits ? [way] : [];
  });
  return ways.length === 1 ? ways[0] : undefined;
}

/** A whole row of which one figure cannot be read: the others can be asked for. */
function withUnclear(cells: readonly string[], columns: readonly Column[]): readonly string[] | undefined {
  if (columns.length < 3 || cells.length !== columns.length) return undefined;
  const wrong = columns.flatMap(({ numeric, style }, k) =>
    numeric && !isAmount(cells[k] as string, style) ? [cells[k] as string] : [],
  );
  return wrong.length === 1 && /\d/.test(wrong[0] as string) ? cells : undefined;
}

const TOTALS = /^(?:total|sum|all|overall|totals)$/;
const MEANS = /^(?:average|mean|avg)$/;

/** A title of a chart in two cells, a line above a menu: no titles of columns. */
const NO_HEAD = /^(?:by|per|for) | (?:by|per|for) |\bspecials?$|^open\b|^our\b/i;

/** Cells of a row of titles, without marks that were seen beside them. */
const titlesOf = ({ cells }: Line): readonly string[] => cells.filter((cell) => /[\p{L}\d]/u.test(cell));

/** Figures in steps, with no name: the axis of a chart. */
const isAxis = ({ cells }: Line): boolean =>
  cells.length > 2 &&
  cells.every((cell) => /^\$?\d[\d.,]*%?$/.test(cell)) &&
  evenSteps(cells.map((cell) => Number.parseFloat(cell.replace(/[$,]/g, ''))));
const evenSteps = (values: readonly number[]): boolean => {
  const step = (values[1] as number) - (values[0] as number);
  return step > 0 && values.every((value, i) => i === 0 || Math.abs(value - (values[i - 1] as number) - step) < 1e-6);
};

/** The table that a page is; undefined where it is none. */
export const gridOf = once(readGrid);

function readGrid({ lines, style }: Page): Grid | undefined {
  // The head is the row without figures whose width most rows after it have.
  let head = -1;
  let best = 1;
  for (let at = 0; at < Math.min(lines.length - 2, 5); at++) {
    const cells = titlesOf(lines[at] as Line);
    if (
      cells.length < 2 ||
      cells.some((cell) => /\d/.test(cell) || !/\p{L}/u.test(cell)) ||
      NO_HEAD.test(cells.join(' '))
    )
      continue;
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
  const titles = titlesOf(lines[head] as Line);
  const width = titles.length;
  const rest = lines.slice(head + 1).filter((line) => !isAxis(line));
  const whole = rest.filter(({ cells }) => cells.length === width);
  if (whole.length * 2 < rest.length) return undefined;
  const columns = titles.map((title, k): Column => {
    const own = whole.map(({ cells }) => [cells[k] as string]);
    const mine = styleOf(own);
    // `68,020` in a column is a thousand and more, whatever mark the page has elsewhere.
    const grouped = own.some(([cell]) => /\d,\d{3}(?!\d)/.test(cell as string));
    const thousands = own.filter(([cell]) => /\d,\d{3}(?!\d)/.test(cell as string)).length;
    const tenths = own.filter(([cell]) => /\d,\d{1,2}(?!\d)/.test(cell as string)).length;
    const columnStyle = {
      ...mine,
      comma: (mine.comma && thousands <= tenths) || (mine.decimals === undefined && !grouped && style.comma),
    };
    const numbers = own.filter(([cell]) => amountOf(cell as string, columnStyle) !== undefined).length;
    const codes =
      own.some(([cell]) => /^(?!RM)[A-Z]{1,3}\d+$|\d-[A-Z]|[A-Z]{2}-\d|^[A-Z]\d\d\//.test(cell as string)) ||
      /^(?:code|id|ref|platform|gate|pier|track)$/.test(squeeze(title));
    return {
      title,
      key: squeeze(title),
      numeric: (!codes || columnStyle.signed === true) && numbers * 3 >= own.length * 2,
      style: columnStyle,
    };
  });
  if (!columns.some(({ numeric }) => !numeric)) return undefined;
  // Labels with what stands beside them, of all kinds: a form.
  if (width === 2 && columns.every(({ numeric }) => !numeric) && isMixed(whole.map(({ cells }) => cells[1] as string)))
    return undefined;
  const likely = columns.map(({ numeric }, k) =>
    numeric
      ? likelyUnit(
          whole.map(({ cells }) => cells[k] as string),
          columns[k] as Column,
        )
      : '',
  );
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
    const mended =
      aligned(piecesOf([line]), columns) ?? (line.cells.length > width ? withoutStray(line.cells, fits) : undefined);
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
    const partly = joined ? undefined : (withGap(line.cells, columns, likely) ?? withUnclear(line.cells, columns));
    if (joined) {
      keep(joined.cells);
      at = joined.to - 1;
    } else if (partly) records.push(partly);
    else if (line.cells.length > 1 || /\d/.test(line.text) || squeeze(line.text).length > 2) broken++;
  }
  // A menu whose first row stands in two cells: most of its rows are no records.
  if (width === 2 && broken * 6 > rest.length) return undefined;
  return records.length < 2 ? undefined : { columns, records, broken, ...(summary ? { summary } : {}) };
}

/** The amount in a cell of a column of numbers. */
export function amountIn({ columns }: Grid, record: readonly string[], column: number): Amount | undefined {
  const read = amountOf(record[column] ?? '', (columns[column] as Column).style);
  return read === 'unclear' ? undefined : read;
}
