/** Questions about tables: a cell, the record of a value, the most and the least, sums and averages, groups, pairs. */
import type { Derived } from '../contract.ts';
import { type Amount, amountOf, rounded, same } from './amounts.ts';
import { extremeIn, say, sayAmount, UNPARSED } from './answer.ts';
import { meant, nameColumn } from './columns.ts';
import { amountIn, type Column, type Grid, gridOf } from './grid.ts';
import { groupOf } from './groups.ts';
import { type Laid, lay, type Said } from './laid.ts';
import type { Page } from './page.ts';
import { squeeze } from './spelling.ts';

const all = (
  grid: Grid,
  column: number,
  records: readonly (readonly string[])[] = grid.records,
): number[] | undefined => {
  const values = records.map((record) => amountIn(grid, record, column)?.value);
  return values.every((value) => value !== undefined) && values.length > 0 ? (values as number[]) : undefined;
};
const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** What stands in a cell. */
function sayCell(grid: Grid, record: readonly string[], column: number): Derived {
  if (!(grid.columns[column] as Column).numeric) return record[column] === '' ? 'unknown' : say(record[column]);
  const amount = amountIn(grid, record, column);
  return amount ? sayAmount(amount) : 'unknown';
}

/** The one record in which a cell stands, outside a column where it is asked for. */
function recordOf(cells: readonly Required<Said>[], not: number): number | undefined {
  const records = new Set(cells.filter(({ column }) => column !== not).map(({ record }) => record));
  return records.size === 1 ? [...records][0] : undefined;
}

const AVERAGE = /\b(?:average|mean)\b/;
const TOGETHER = /\b(?:together|combined|in total|sum|total|overall|added together|add up to|come to|make)\b/;
const LESS = /\b(?:without|leaving out|leave out|not counting|skip|ignoring|except)\b/;
const APART =
  /\b(?:difference|differ|more|less|higher|lower|older|younger|taller|shorter|longer|heavier|lighter|farther|nearer|faster|slower|bigger|larger|smaller|dearer|cheaper|expensive|fewer)\b/;

export function deriveTable(question: string, page: Page): Derived {
  const grid = gridOf(page);
  if (!grid) return UNPARSED;
  const laid = lay(question, grid);
  const { text, columns, cells, strangers, figures } = laid;
  const wide = grid.columns.length > 2;
  if (strangers > 0) {
    // The most, the least or the average of what no column is: with several columns none of them stands in for it.
    if (wide && asksOverAll(text)) return 'unknown';
    const known = columns.length > 0 || cells.length > 0 || /\bK\b/.test(text) || meant(text, grid).length > 0;
    const asksCell =
      /\bU\b.*\b(?:of|for|does|has|have|'s)\b|\b(?:of|for|does|has|have|to|is)\b.*\bU\b|'s U\b|\bU\b/.test(text);
    return known && asksCell ? 'unknown' : UNPARSED;
  }
  // `vesta 2.0` where there is a vesta of another number.
  if (/\bN \d/.test(text)) return 'unknown';
  const by = columns.length > 0 ? [...columns] : meant(text, grid);
  if (wide && by.length === 0 && asksOverAll(text)) return 'unknown';
  // `which city has 94`: a figure that stands in one place says which column is meant.
  if (
    by.length === 0 &&
    cells.length === 1 &&
    /^(?:which|who|what) .*\b(?:is|has|had|got|made|makes|scored)\b/.test(text)
  ) {
    const said = cells[0] as readonly Required<Said>[];
    const named = nameColumn(grid, text);
    const [only] = said;
    return said.length === 1 && only && named !== undefined && only.column !== named
      ? say(grid.records[only.record]?.[named])
      : 'unknown';
  }
  if (by.length === 0)
    return cells.length > 0 && /\b(?:of|for|does|did|has|have|say)\b/.test(text) && figures.length === 0
      ? 'unknown'
      : UNPARSED;
  const whole = grid.broken === 0;
  if (/\b(?:below|under|less than)(?: the)? average\b/.test(text)) {
    const k = by[0] as number;
    const values = whole ? all(grid, k) : undefined;
    const named = nameColumn(grid, text);
    if (!values || named === undefined) return 'unknown';
    const low = grid.records.filter((_, at) => (values[at] as number) < total(values) / values.length);
    return low.length === 1 ? say(low[0]?.[named]) : 'unknown';
  }
  if (AVERAGE.test(text) || (TOGETHER.test(text) && !extremeIn(text) && !/\bthan\b/.test(text)))
    return overSome(laid, by);
  if (cells.length === 2 && APART.test(text)) return apart(laid, by);
  const extreme = extremeIn(text) ?? superlative(text);
  if (extreme && cells.length === 0) return extremeOfTable(laid, by, extreme);
  if (by.length > 1 && columns.length > 1) return cellOfTwo(laid);
  if (by.length > 1) return UNPARSED;
  const k = by[0] as number;
  const asksName = /\b(?:which|who|whose|whom|what|where|name|find|tell)\b/.test(text);
  if (cells.length === 1) {
    const said = cells[0] as readonly Required<Said>[];
    const same = said.filter(({ column }) => column === k);
    const other = said.filter(({ column }) => column !== k);
    if (other.length > 0 && same.length > 0 && !asksName) return UNPARSED;
    if (
      same.length > 0 &&
      (other.length === 0 || (columns.length > 0 && /\b(?:C N|N is the C|C (?:is|of) N|C N belongs)\b/.test(text)))
    ) {
      const named = nameColumn(grid, text);
      return same.length === 1 && named !== undefined && named !== k && asksName
        ? say(grid.records[same[0]?.record as number]?.[named])
        : 'unknown';
    }
    const record = recordOf(said, k);
    return record === undefined ? 'unknown' : sayCell(grid, grid.records[record] as readonly string[], k);
  }
  if (cells.length === 0 && figures.length === 1 && asksName) return byFigure(laid, k, figures[0] as string);
  return UNPARSED;
}

/** `which code does the student with the least age have` is no extreme once it names a cell. */
function cellOfTwo({ grid, columns, cells }: Laid): Derived {
  // `which C does the C N have`: the title beside the name is only what the record is.
  if (cells.length !== 1) return UNPARSED;
  const said = cells[0] as readonly Required<Said>[];
  const asked = columns.filter((k) => !said.some(({ column }) => column === k));
  if (asked.length !== 1) return UNPARSED;
  const record = recordOf(said, asked[0] as number);
  return record === undefined
    ? 'unknown'
    : sayCell(grid, grid.records[record] as readonly string[], asked[0] as number);
}

function byFigure({ grid, text }: Laid, k: number, figure: string): Derived {
  const column = grid.columns[k] as Column;
  const named = nameColumn(grid, text);
  const read = amountOf(figure, { comma: false });
  if (named === undefined || named === k) return 'unknown';
  const fitting = grid.records.filter((record) => {
    const amount = column.numeric ? amountIn(grid, record, k) : undefined;
    return amount && read && read !== 'unclear'
      ? same(amount.value, read.value)
      : squeeze(record[k] as string) === squeeze(figure);
  });
  return fitting.length === 1 ? say(fitting[0]?.[named]) : 'unknown';
}

/** Whether a question is about all records at once: the most and the least, sums and averages. */
const asksOverAll = (text: string): boolean =>
  AVERAGE.test(text) ||
  /\b(?:together|combined|in total|sum|total|overall|add up to)\b/.test(text) ||
  extremeIn(text) !== undefined ||
  superlative(text) !== undefined;

function superlative(text: string): 'max' | 'min' | undefined {
  if (/\b(?:oldest|tallest|longest|heaviest|farthest|furthest|most distant|fastest|best paid|paid best)\b/.test(text))
    return 'max';
  return /\b(?:youngest|shortest|lightest|nearest|closest|slowest|worst paid|paid worst)\b/.test(text)
    ? 'min'
    : undefined;
}

function apart({ grid, cells }: Laid, by: readonly number[]): Derived {
  if (by.length !== 1) return UNPARSED;
  const k = by[0] as number;
  const amounts = cells.map((said) => {
    const record = recordOf(said, k);
    return record === undefined ? undefined : amountIn(grid, grid.records[record] as readonly string[], k);
  });
  const [a, b] = amounts as [Amount | undefined, Amount | undefined];
  return a && b ? say(Math.abs(a.value - b.value)) : 'unknown';
}

/** Sums and averages: of all records, of all but one, of a group, of two that are named. */
function overSome({ grid, text, cells, columns }: Laid, by: readonly number[]): Derived {
  const average = AVERAGE.test(text);
  // `for the department Sales, what is the average age`: the title of the group is no column to add up.
  const groups = new Set(cells.flat().map(({ column }) => column));
  const numeric = by.filter((k) => grid.columns[k]?.numeric);
  const fitting = numeric.length > 1 ? numeric.filter((k) => !groups.has(k)) : numeric;
  if (fitting.length !== 1) return columns.length > 0 && numeric.length === 0 ? 'unknown' : UNPARSED;
  const k = fitting[0] as number;
  const result = (records: readonly (readonly string[])[]): Derived => {
    const values = all(grid, k, records);
    return values ? say(average ? rounded(total(values) / values.length) : total(values)) : 'unknown';
  };
  if (cells.length === 0) {
    const { summary } = grid;
    if (summary && (summary.what === 'average') === average) return sayCell(grid, summary.cells, k);
    return grid.broken > 0 ? 'unknown' : result(grid.records);
  }
  if (LESS.test(text)) {
    const record = cells.length === 1 ? recordOf(cells[0] as readonly Required<Said>[], k) : undefined;
    return record === undefined || grid.broken > 0 ? 'unknown' : result(grid.records.filter((_, at) => at !== record));
  }
  if (cells.length > 1) {
    const records = cells.map((said) => recordOf(said, k));
    return records.includes(undefined) || new Set(records).size !== records.length
      ? 'unknown'
      : result(records.map((record) => grid.records[record as number] as readonly string[]));
  }
  const group = (cells[0] as readonly Required<Said>[]).filter(
    ({ column }) => column !== k && !grid.columns[column]?.numeric,
  );
  if (new Set(group.map(({ column }) => column)).size !== 1 || grid.broken > 0) return 'unknown';
  const members = groupOf(grid, group);
  return members ? result(members.map((record) => grid.records[record] as readonly string[])) : 'unknown';
}

const SUPERLATIVE = '(?:highest|largest|biggest|greatest|top|maximum|lowest|smallest|least|minimum|most|fewest)';

/** What comes after the superlative, and words there that say nothing of what is compared. */
const MOST_OF = new RegExp(`\\b${SUPERLATIVE} (\\w+)`);
const NEUTRAL = new Set(
  'C K N value values entry entries number numbers figure figures amount of in among for listed one'.split(' '),
);

/** Who has the most, how much it is, or something else of that record. */
function extremeOfTable({ grid, text, columns }: Laid, by: readonly number[], which: 'max' | 'min'): Derived {
  const named = nameColumn(grid, text);
  let k = by[0] as number;
  let wanted: number | 'value' | undefined = named;
  if (columns.length === 2) {
    // `the code of the student with the least age`: the column after the superlative is what counts.
    const first = new RegExp(`\\b${SUPERLATIVE} C\\b.*\\bC\\b`).test(text);
    const [one, two] = columns as [number, number];
    k = first ? one : two;
    wanted = first ? two : one;
    if (!new RegExp(`\\b${SUPERLATIVE} C\\b`).test(text)) return UNPARSED;
  } else if (columns.length === 1 && by.length === 1) {
    // `the code of the student with the least age`, where there is no age: the code is not what counts.
    const most = MOST_OF.exec(text)?.[1];
    if (most !== undefined && !NEUTRAL.has(most)) return 'unknown';
    const who =
      /\b(?:which K|which [a-z]+ (?:has|shows|reaches|gets|earns|comes|is)|who|whose|where|name the|the (?:K|[a-z]+) with|belongs to|for which|whoever|what has|which one has)\b/.test(
        text,
      );
    if (!who || /^which is the \w+ C$/.test(text)) wanted = 'value';
  } else if (by.length !== 1) return UNPARSED;
  const values = grid.broken === 0 ? all(grid, k) : undefined;
  if (!values || wanted === undefined) return 'unknown';
  const best = which === 'max' ? Math.max(...values) : Math.min(...values);
  const there = grid.records.filter((_, at) => values[at] === best);
  if (wanted === 'value') return sayAmount(amountIn(grid, there[0] as readonly string[], k));
  if (there.length !== 1) return 'unknown';
  return sayCell(grid, there[0] as readonly string[], wanted);
}
