/** The answer that readings bear out for a question about texts; docs/data.md has the rules that it follows. */
import type { Derive, Derived, ParsedQuestion, Seen } from '../contract.ts';
import { once } from '../remember.ts';
import { isUnparsed, UNPARSED } from './answer.ts';
import { gridOf } from './grid.ts';
import { deriveNourishment, isNourishment } from './nourishment.ts';
import { entriesOf, type Page, pageOf } from './page.ts';
import { ask, derivePrices } from './prices.ts';
import { derivePump, displayOf } from './pump.ts';
import { readingsOf } from './readings.ts';
import { deriveReceipt, receiptCues } from './receipts.ts';
import { deriveSeveral } from './several.ts';
import { derivePlain, deriveSums, sumsOf } from './sums.ts';
import { deriveTable } from './tables.ts';
import { deriveForm, deriveList, deriveSign, labelsOn } from './writing.ts';

type Reader = (question: string, page: Page) => Derived;

/**
 * A page of two columns may be a table, or names with amounts below a title that was read in two cells: what the
 * titles do not answer the names may.
 */
function deriveNarrow(question: string, page: Page): Derived {
  const derived = deriveTable(question, page);
  if (derived !== 'unknown' || ask(question, page).parts.some(({ kind }) => kind === 'stranger')) return derived;
  const priced = derivePrices(question, page);
  return isUnparsed(priced) ? derived : priced;
}

/** Whom to ask about a page, the likeliest first. */
const readersOf = once((page: Page): readonly Reader[] => {
  const { grid, gapped } = sumsOf(page);
  const sums = grid.flat().filter((one) => one !== undefined).length + gapped;
  if (sums > 0 && sums * 2 >= page.lines.length) return [deriveSums];
  if (isNourishment(page)) return [deriveNourishment, derivePrices];
  const cues = receiptCues(page);
  const labels = labelsOn(page);
  if (labels >= 3 && labels * 2 >= page.lines.length - 1 && labels > cues) return [deriveForm];
  if (displayOf(page) && cues < 3) return [derivePump, derivePrices];
  if (cues >= 3 && cues > labels) return [deriveReceipt];
  const table = gridOf(page);
  if (table !== undefined) return [table.columns.length === 2 ? deriveNarrow : deriveTable, derivePrices, deriveList];
  if (cues >= 3) return [deriveReceipt];
  if (labels >= 2) return [deriveForm, derivePrices];
  const priced = entriesOf(page).entries.filter(({ amount }) => amount !== undefined).length;
  // `the jakoyam plate` of a menu is no number plate.
  if (priced >= 3 && priced * 3 >= page.lines.length) return [derivePrices, deriveTable, deriveList, deriveSign];
  if (priced >= 2 && priced * 3 >= page.lines.length) return [deriveSign, derivePrices, deriveTable, deriveList];
  return [deriveSign, deriveList, deriveTable, derivePrices, ...(sums > 0 ? [deriveSums] : [])];
});

/** The answer for what was read of one picture. */
export function deriveFromRows(question: string, rows: readonly string[]): Derived {
  const page = pageOf(rows);
  if (page.lines.every(({ cells }) => cells.length === 0)) return 'unknown';
  for (const reader of readersOf(page)) {
    const derived = reader(question, page);
    if (!isUnparsed(derived)) return derived;
  }
  return UNPARSED;
}

/** An image that could not be read is tried once more; after that nothing can be told of it. */
const unread = ({ failed }: Seen, input: number): Derived =>
  failed.filter(({ action, place }) => action.name === 'OCR' && place?.input === input).length > 1
    ? 'unknown'
    : { missing: `OCR of image-${input}` };

export const deriveText: Derive = (question: ParsedQuestion, seen: Seen): Derived => {
  const readings = readingsOf(seen);
  const tried = readings.size > 0 || seen.failed.some(({ action }) => action.name === 'OCR');
  if (!tried || question.images.length === 0) return derivePlain(question.body);
  if (question.images.length > 1) return deriveSeveral(question.body, readings, question.images.length);
  const rows = readings.get(0);
  return rows ? deriveFromRows(question.body, rows) : unread(seen, 0);
};
