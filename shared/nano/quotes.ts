/**
 * How a turn quotes a row: by words that question and row share, so that finding the row is copying on.
 *
 *   rest<rK>                  from the shared words to the row's end, which its mark tells; the whole row, where it begins
 *                             with them or shares none
 *   rest<rK>row<rK>           where the shared words stand further in, the whole row behind them
 *   <rK>                      the row below the one quoted before, and things that were found (but by a computed place)
 *
 * Shared with the question, that is, or with what Calculate just gave. What is asked for then stands in the quote itself, on whichever side of the shared words. A decoder over characters
 * learns this early: each token but the first follows from where the same ones stood before. To choose a mark out of a
 * hundred at once, or the first character of a row that is asked for by what stands at its end, it learns late.
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

/** @param quotes marks of rows, in the order in which they are used */
export function quoteIds(quotes: readonly number[], read: RowsRead): number[] {
  const ids: number[] = [];
  for (const [nth, mark] of quotes.entries()) {
    const row = read.rows.get(mark);
    const said = row && inWords(row, read.result) ? words(row, mark, nth > 0 ? quotes[nth - 1] : undefined, read) : [];
    ids.push(...said, markId(mark));
  }
  return ids;
}

/** Things that were found are quoted by their marks, but the one whose place was computed, by that. */
const inWords = ({ text, found }: RowRead, result: string | undefined): boolean =>
  !found || (result !== undefined && sharedWords(text, result).length > 0);

function words(
  { text, found }: RowRead,
  mark: number,
  before: number | undefined,
  { question, result, rows }: RowsRead,
): number[] {
  const computed = result === undefined ? undefined : sharedWords(text, result);
  const { at, length } = computed && computed.length > 0 ? computed : sharedWords(text, question);
  const key = text.slice(at, at + length);
  // Words that stand in several rows tell none of them.
  const alone =
    length > 0 && ![...rows].some(([other, one]) => other !== mark && one.found === found && holds(one.text, key));
  if (!alone && before !== undefined && markId(before + 1) === markId(mark)) return [];
  const whole = rowGlyphs(text);
  return alone && at > 0 ? [...whole.slice([...text.slice(0, at)].length), markId(mark), ...whole] : whole;
}

function holds(text: string, words: string): boolean {
  for (let at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + 1)) if (begins(text, at)) return true;
  return false;
}
