import { readingOrder } from '../ocr-page/columns.ts';
import { type Page, pageOf } from '../ocr-page/page.ts';
import type { Picture } from '../picture.ts';

interface Bounds {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** A word as Tesseract gives it: pixels of the picture that it saw, confidence 0 to 100. */
export interface Word {
  readonly text: string;
  readonly confidence: number;
  readonly bbox: Bounds;
}

export interface Line {
  readonly words: readonly Word[];
  readonly baseline: Bounds;
}

/** What Tesseract makes of smears, frames and pictures has less than this. */
const LOWEST_CONFIDENCE = 35;
/** Words further apart than this many heights of their line are separate pieces: a name and its price. */
const PIECE_GAP = 1.2;
/** A box this many times as wide as it is high is a rule or a frame, whatever is read in it. */
const FLAT = 40;

const isText = ({ text, confidence, bbox }: Word): boolean =>
  /[\p{L}\p{N}$€£%#&@*+=?!-]/u.test(text) &&
  confidence >= LOWEST_CONFIDENCE &&
  bbox.x1 - bbox.x0 < FLAT * Math.max(1, bbox.y1 - bbox.y0);

/**
 * The page of what Tesseract read. It parts a page into blocks and reads these one after the other, so that a price may
 * come long after its name: here the pieces of all lines are put into rows anew.
 * @param quarters turns clockwise that made the picture upright
 */
export function pageOfLines(lines: readonly Line[], picture: Picture, quarters: number): Page {
  const pieces = lines.flatMap((line) => piecesOf(line).map((words) => pieceOf(words, line)));
  return pageOf(readingOrder(pieces), picture, quarters);
}

function piecesOf({ words }: Line): Word[][] {
  const pieces: Word[][] = [];
  for (const word of words.filter(isText)) {
    const last = pieces.at(-1)?.at(-1);
    const height = last ? Math.max(last.bbox.y1 - last.bbox.y0, word.bbox.y1 - word.bbox.y0) : 0;
    if (last && word.bbox.x0 - last.bbox.x1 <= PIECE_GAP * height) pieces.at(-1)!.push(word);
    else pieces.push([word]);
  }
  return pieces;
}

function pieceOf(words: readonly Word[], { baseline }: Line) {
  const side = (key: keyof Bounds, pick: (...values: number[]) => number) =>
    pick(...words.map(({ bbox }) => bbox[key]));
  const [x0, y0, x1, y1] = [side('x0', Math.min), side('y0', Math.min), side('x1', Math.max), side('y1', Math.max)];
  const slope = Math.atan2(baseline.y1 - baseline.y0, Math.max(1, baseline.x1 - baseline.x0));
  const width = x1 - x0;
  return {
    x: (x0 + x1) / 2,
    y: (y0 + y1) / 2,
    width,
    // The box stands upright around a line that may slant.
    height: Math.max(1, y1 - y0 - Math.abs(width * Math.sin(slope))),
    angle: Math.abs(slope) < Math.PI / 8 ? slope : 0,
    text: words.map(({ text }) => text).join(' '),
    score: words.reduce((sum, { confidence }) => sum + confidence, 0) / words.length / 100,
  };
}
