import type { Picture } from '../picture.ts';
import { corners, type TurnedBox } from './geometry.ts';
import { type Fractions, turnBack } from './turn.ts';

export type Cell = {
  text: string;
  /** Fractions of the upright picture. */
  bbox: Fractions;
  /** Mean probability of the characters, 0..1. */
  score: number;
};

export type Row = {
  /** The texts of its cells with a tab between them. */
  text: string;
  bbox: Fractions;
  cells: Cell[];
};

/** What stands on a picture: rows in reading order, cells from left to right. */
export type Page = {
  /** The rows, one a line. */
  text: string;
  rows: Row[];
};

/** Rows are often less than a hundredth of a receipt apart, so two decimals would put them on top of each other. */
const DECIMALS = 4;

/**
 * @param picture as it was read, after `quarters` turns
 * @param quarters turns clockwise that made the page upright; they are undone in the boxes
 */
export function pageOf(
  rows: readonly (readonly (TurnedBox & { readonly text: string; readonly score: number })[])[],
  picture: Picture,
  quarters: number,
): Page {
  const done = rows.map((row): Row => {
    const cells = row.map((piece): Cell => {
      const bbox = turnBack(boxOf(piece, picture), quarters).map(rounded) as Fractions;
      return { text: piece.text, bbox, score: Number(piece.score.toFixed(2)) };
    });
    return { text: cells.map(({ text }) => text).join('\t'), bbox: around(cells), cells };
  });
  return { text: done.map(({ text }) => text).join('\n'), rows: done };
}

function boxOf(box: TurnedBox, { width, height }: Picture): Fractions {
  const points = corners(box);
  const xs = points.map(([x]) => x / width);
  const ys = points.map(([, y]) => y / height);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

function around(cells: readonly Cell[]): Fractions {
  const side = (i: number, pick: (...values: number[]) => number) => pick(...cells.map(({ bbox }) => bbox[i]!));
  return [side(0, Math.min), side(1, Math.min), side(2, Math.max), side(3, Math.max)];
}

function rounded(value: number): number {
  return Number(Math.min(1, Math.max(0, value)).toFixed(DECIMALS));
}
