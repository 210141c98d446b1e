/**
 * How a turn quotes a row: by words that question and row share, so that finding the row is copying on.
 *
 *   rest<rK>                  from the shared words to the row's end, which its mark tells
 *   rest<rK>start<rK>         where the shared words stand further in, what stands before them behind that
 *   row<rK>                   a row that no words tell, but what it says: "taken off" is the line of the discount
 *   <rK>row<rK>               a row that only its place tells: its mark first
 *   <rK>                      each of several that no words tell, and things that were found (but by a computed place)
 *
 * Shared with the question, that is, or with what Calculate just gave. What is asked for then stands in the quote itself,
 * on whichever side of the shared words, and what stands right before the last mark is the column of a head that is
 * asked for: `price<c3>stock<r0>name<c1>size<c2><r0>`. A decoder over characters learns this early: each token but the
 * first follows from where the same ones stood before. To choose the first character of a row that is asked for by what
 * stands at its end, it learns late, and that of the third of a list, not at all: a mark can be told by its place.
 */
import { begins, ends } from './speakable/spans.ts';
import { markId, rowGlyphs } from './vocabulary.ts';

export interface RowRead {
  /** Normalised, tabs between cells. */
  readonly text: string;
  readonly found: boolean;
}

/** What a turn may quote. */
export interface RowsRead {
  readonly question: string;
  /** What Calculate gave last: the row that has it is found by it. */
  readonly result?: string | undefined;
  readonly rows: ReadonlyMap<number, RowRead>;
}

/** Words that stand in most questions and name nothing. */
const COMMON = new Set(
  'the and for what which how many much does are has have with from this that there than who when where you can'.split(
    ' ',
  ),
);

/** Longest text that begins a word at both places and ends one in either. @returns its length, 0 if it names nothing */
function shared(row: string, at: number, question: string, from: number): number {
  let length = 0;
  while (at + length < row.length && row[at + length] === question[from + length] && row[at + length] !== undefined)
    length++;
  for (; length > 0; length--) {
    const whole = Number(ends(row, at + length)) + Number(ends(question, from + length));
    const text = row.slice(at, at + length);
    const number = /\d/.test(text);
    // Numbers count as wholes, words from three letters on.
    if (whole === 2 && (number || length > 2)) return COMMON.has(text.trim()) ? 0 : length;
    if (whole === 1 && length > 2 && !(number && length < 4)) return COMMON.has(text.trim()) ? 0 : length;
  }
  return 0;
}

const starts = (text: string): number[] => [...text].flatMap((_, at) => (begins(text, at) ? [at] : []));

/** Where the longest words that row and question share begin in the row, and how long they are. */
export function sharedWords(row: string, question: string): { readonly at: number; readonly length: number } {
  const asked = starts(question);
  let best = { at: 0, length: 0 };
  for (const at of starts(row))
    for (const from of asked) {
      // One look passes over most pairs: where the row ends or both differ this far on, nothing longer is shared.
      const next = row[at + best.length];
      if (next === undefined || next !== question[from + best.length]) continue;
      const length = shared(row, at, question, from);
      if (length > best.length) best = { at, length };
    }
  return best;
}

/**
 * @param quotes marks of rows, in the order in which they are used
 * @param placed whether a row that no words tell is asked for by its place
 */
export function quoteIds(quotes: readonly number[], read: RowsRead, placed = false): number[] {
  // Of several things that were found, none is there by its place.
  const alone = quotes.length === 1;
  const told = quotes.map((mark) => ({
    mark,
    by: !alone && read.rows.get(mark)?.found ? undefined : toldBy(mark, read),
  }));
  const single = told.filter(({ mark, by }) => by === undefined && read.rows.get(mark)?.found === false).length === 1;
  return told.flatMap(({ mark, by }) => {
    const { text, found } = read.rows.get(mark) ?? { text: '', found: true };
    const whole = rowGlyphs(text);
    const id = markId(mark);
    if (by === undefined && (found || !single)) return [id];
    if (by === undefined) return placed ? [id, ...whole, id] : [...whole, id];
    const start = rowGlyphs(text.slice(0, by));
    return by === 0 ? [...whole, id] : [...whole.slice(start.length), id, ...start, id];
  });
}

/** Where the words begin that tell this row from the others, if any do. */
function toldBy(mark: number, { question, result, rows }: RowsRead): number | undefined {
  const row = rows.get(mark);
  if (!row) return undefined;
  const { text, found } = row;
  const computed = result === undefined ? undefined : sharedWords(text, result);
  // Things that were found are quoted by their marks, but the one whose place was computed, by that.
  if (found && !computed?.length) return undefined;
  const { at, length } = computed?.length ? computed : sharedWords(text, question);
  const key = text.slice(at, at + length);
  if (length === 0) return undefined;
  const others = [...rows].filter(([other, one]) => other !== mark && one.found === found);
  const alone = !others.some(([, one]) => (at === 0 ? one.text.startsWith(key) : holds(one.text, key)));
  return alone ? at : undefined;
}

function holds(text: string, words: string): boolean {
  for (let at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + 1)) if (begins(text, at)) return true;
  return false;
}
