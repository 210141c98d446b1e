/**
 * Whether a reading shows where what was read belongs: figures that nobody printed beside a value, cells that ran into
 * each other and titles that stand over no column of their own leave open what is whose, even where each was read right.
 */
import type { Ask, Evidence } from '../../ask/ask.ts';
import type { Place, Scene, TableFacts } from '../../scene/scene.ts';
import type { PageSet } from './course.ts';
import { familyOf } from './families.ts';
import type { TextPage } from './page.ts';
import { bare } from './values.ts';

/** What of the scene stands on a row that was read. */
interface Line {
  readonly text: string;
  /** Letters and digits of it, without marks. */
  readonly letters: number;
  readonly digits: number;
  readonly cells: { readonly start: number; readonly end: number }[];
  printedLetters: number;
  printedDigits: number;
}

const digitsIn = (text: string): number => text.replace(/\D/g, '').length;
const known = new WeakMap<TextPage, readonly Line[]>();

function linesOf(page: TextPage): readonly Line[] {
  const before = known.get(page);
  if (before) return before;
  const { scene, reading } = page;
  const lines = reading.observed.rows.map(
    (text): Line => ({
      text,
      letters: bare(text).length,
      digits: digitsIn(text),
      cells: [],
      printedLetters: 0,
      printedDigits: 0,
    }),
  );
  scene.rows.forEach(({ cells }, row) => {
    cells.forEach((text, cell) => {
      const span = reading.observed.at({ row, cell });
      const line = span && lines[span.row];
      if (!line) return;
      line.cells.push(span);
      line.printedLetters += bare(text).length;
      line.printedDigits += digitsIn(text);
    });
  });
  known.set(page, lines);
  return lines;
}

/** More figures than were printed there, but for one that a sign may have been read as. */
const crowded = ({ digits, printedDigits }: Line): boolean => digits > printedDigits + 1;
const overgrown = ({ letters, printedLetters }: Line): boolean => letters > printedLetters + 2;

/** Cells that were read, without marks alone. */
const cellsOf = ({ text }: Line): number => text.split('\t').filter((cell) => /[\p{L}\p{N}]/u.test(cell)).length;

/** Whether cells stand one beside the other without anything between them. */
const ranTogether = ({ cells, text }: Line): boolean => {
  const sorted = cells.toSorted((a, b) => a.start - b.start);
  return sorted.some(({ start }, i) => {
    const before = sorted[i - 1];
    return before !== undefined && !/\s/.test(text.slice(before.end, start));
  });
};

function rowShows(line: Line, table: TableFacts | undefined, isHead: boolean): boolean {
  if (!table) return true;
  const columns = table.columns.length;
  if (isHead) return cellsOf(line) === columns && line.cells.length === columns;
  return cellsOf(line) <= columns && line.cells.length === columns && !ranTogether(line);
}

const tableOf = ({ facts }: Scene): TableFacts | undefined => (facts.kind === 'table' ? facts : undefined);

/** Whether the rows that evidence stands on show what of them belongs together. Rows that were not read are not judged. */
export function shows({ pages, offsets }: PageSet, evidence: Evidence, isText: boolean): boolean {
  return evidence.every((place: Place) => {
    const at = Math.max(
      0,
      offsets.findLastIndex((offset) => offset <= place.row),
    );
    const page = pages[at] as TextPage;
    const own = { row: place.row - (offsets[at] ?? 0), cell: place.cell };
    const span = page.reading.observed.at(own);
    const line = span && linesOf(page)[span.row];
    if (!line) return true;
    const table = tableOf(page.scene);
    return !crowded(line) && !(isText && overgrown(line)) && rowShows(line, table, own.row === table?.headerRow);
  });
}

/** Whether a page shows all that a question over the whole of it needs: every record, every sum, every item. */
export function pageShows({ pages }: PageSet, ask: Ask): boolean {
  const family = familyOf(ask);
  return pages.every((page) => {
    const { facts } = page.scene;
    const lines = linesOf(page);
    const read = (place: Place): Line | undefined => {
      const span = page.reading.observed.at(place);
      return span && lines[span.row];
    };
    if (facts.kind === 'equations')
      return facts.equations.every(({ at }) => {
        const span = page.reading.observed.at(at);
        const line = span && lines[span.row];
        // A sum in pieces, or two without a gap: which one is the third cannot be counted.
        return (
          line !== undefined &&
          span !== undefined &&
          !line.text.slice(span.start, span.end).trim().includes('\t') &&
          !ranTogether(line)
        );
      });
    if (facts.kind === 'list') return facts.entries.every(({ at }) => read(at) !== undefined);
    const whole = family === 'extremes' || family === 'average';
    // Figures on a row of nothing may be one more entry.
    if (facts.kind === 'prices' && whole) return lines.every(({ cells, digits }) => cells.length > 0 || digits === 0);
    if (facts.kind !== 'table') return true;
    const head = page.scene.rows[facts.headerRow]?.cells.every((_, cell) => read({ row: facts.headerRow, cell }));
    if (!head) return false;
    if (!whole) return true;
    // A row with nothing of the table on it may be one more record.
    const first = page.reading.observed.at({ row: facts.headerRow, cell: 0 })?.row ?? 0;
    if (lines.some(({ cells, letters }, at) => at > first && cells.length === 0 && letters > 2)) return false;
    return facts.records.every(({ row, cells }) =>
      cells.every((_, cell) => {
        const line = read({ row, cell });
        return line !== undefined && !crowded(line) && rowShows(line, facts, false);
      }),
    );
  });
}
