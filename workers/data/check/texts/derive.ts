/** The answer that readings bear out for a question about texts; docs/data.md has the rules that it follows. */
import type { Derive, Derived, ParsedQuestion, Seen } from '../contract.ts';
import { isUnparsed, UNPARSED } from './answer.ts';
import { gridOf } from './grid.ts';
import { deriveNourishment, isNourishment } from './nourishment.ts';
import { entriesOf, type Page, pageOf } from './page.ts';
import { derivePrices } from './prices.ts';
import { derivePump, displayOf } from './pump.ts';
import { readingsOf } from './readings.ts';
import { deriveReceipt, receiptCues } from './receipts.ts';
import { deriveSeveral } from './several.ts';
import { derivePlain, deriveSums, sumsOf } from './sums.ts';
import { deriveTable } from './tables.ts';
import { deriveForm, deriveList, deriveSign, labelsOn } from './writing.ts';

type Reader = (question: string, page: Page) => Derived;

/** Whom to ask about a page, the likeliest first. */
function readersOf(page: Page): readonly Reader[] {
  const { grid } = sumsOf(page);
  const sums = grid.flat().filter((one) => one !== undefined).length;
  if (sums > 0 && sums * 2 >= page.lines.length) return [deriveSums];
  if (isNourishment(page)) return [deriveNourishment, derivePrices];
  const cues = receiptCues(page);
  const labels = labelsOn(page);
  if (labels >= 3 && labels * 2 >= page.lines.length - 1 && labels > cues) return [deriveForm];
  if (displayOf(page) && cues < 3) return [derivePump, derivePrices];
  if (cues >= 3 && cues > labels) return [deriveReceipt];
  if (gridOf(page) !== undefined) return [deriveTable, derivePrices, deriveList];
  if (cues >= 3) return [deriveReceipt];
  if (labels >= 2) return [deriveForm, derivePrices];
  const priced = entriesOf(page).entries.filter(({ amount }) => amount !== undefined).length;
  if (priced >= 2 && priced * 3 >= page.lines.length) return [deriveSign, derivePrices, deriveTable, deriveList];
  return [deriveSign, deriveList, deriveTable, derivePrices, ...(sums > 0 ? [deriveSums] : [])];
}

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

export const deriveText: Derive = (question: ParsedQuestion, seen: Seen): Derived => {
  const readings = readingsOf(seen);
  if (readings.size === 0 || question.images.length === 0) {
    const plain = derivePlain(question.body);
    if (!isUnparsed(plain) || question.images.length === 0) return plain;
    return UNPARSED;
  }
  if (question.images.length > 1) return deriveSeveral(question.body, readings, question.images.length);
  const rows = readings.get(0);
  return rows ? deriveFromRows(question.body, rows) : { missing: 'OCR of image-0' };
};
