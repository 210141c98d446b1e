import { median } from './median.ts';
import { heightOf, type RowBox, rowsOf } from './rows.ts';
import { type Skew, skewOf } from './skew.ts';

/** What stands in a box, besides its place. */
export interface Piece extends RowBox {
  readonly text: string;
}

/** Rows that both sides of a gutter must have. */
const FEWEST_ROWS = 5;
/** A gutter is this many line heights wide. */
const GUTTER = 0.6;
/** Rows of one table lie beside each other within this share of a line's height; rows of two columns do not. */
const SCATTER = 0.25;
/** Letters in the middle row of a side that is text at all: a side of prices, amounts or shares has fewer. */
const TEXT_LETTERS = 8;
/** Letters in the middle row of running text. Names in a table and labels have fewer. */
const PROSE_LETTERS = 20;
/** Lines of a column follow each other this closely, in line heights; labels that are strewn over a picture do not. */
const DENSE = 2;
/** A page of more pieces is not searched: the search grows with their square. */
const MOST_PIECES = 600;

/**
 * Rows in reading order. Where a gutter parts two blocks whose lines do not belong together (their heights scatter
 * against each other, or both sides are running text), the left block comes first, then the right one. A table, a menu
 * or a receipt is not parted: there a row runs across the gap between a name and its price. In doubt nothing is
 * parted, since a name without its price is worse than two columns read across.
 */
export function readingOrder<T extends Piece>(pieces: readonly T[], skew: Skew = skewOf(pieces)): T[][] {
  const gutter = pieces.length <= MOST_PIECES ? widestGutter(pieces, skew) : undefined;
  if (!gutter) return rowsOf(pieces, skew);
  const { above, left, right, below } = gutter;
  return [above, left, right, below].flatMap((part) => (part.length ? readingOrder(part, skew) : []));
}

interface Gutter<T> {
  readonly above: T[];
  readonly left: T[];
  readonly right: T[];
  readonly below: T[];
}

/** A piece with the slant of the page taken out. */
interface Level<T> {
  readonly piece: T;
  readonly left: number;
  readonly right: number;
  readonly middle: number;
  readonly height: number;
}

function widestGutter<T extends Piece>(pieces: readonly T[], skew: Skew): Gutter<T> | undefined {
  const level = pieces.map((piece): Level<T> => {
    const middle = heightOf([piece], skew);
    const half = piece.width / 2;
    return { piece, left: piece.x - half, right: piece.x + half, middle, height: piece.height };
  });
  const lineHeight = median(level.map(({ height }) => height));
  let best: { gutter: Gutter<T>; size: number } | undefined;
  // A gutter ends where a piece of the right side begins: no other place needs a try.
  for (const x of new Set(level.map(({ left }) => Math.round(left)))) {
    for (const band of bandsBeside(level, x, GUTTER * lineHeight)) {
      const [left, right] = [band.filter((piece) => piece.right <= x), band.filter((piece) => piece.left >= x - 1)];
      const size = Math.min(left.length, right.length);
      if (size < FEWEST_ROWS || size <= (best?.size ?? 0) || !areColumns(left, right, skew)) continue;
      const [top, bottom] = [Math.min(...band.map(topOf)), Math.max(...band.map(({ middle }) => middle))];
      const rest = level.filter((piece) => !band.includes(piece));
      const bare = (list: Level<T>[]) => list.map(({ piece }) => piece);
      best = {
        size,
        gutter: {
          above: bare(rest.filter(({ middle }) => middle < (top + bottom) / 2)),
          left: bare(left),
          right: bare(right),
          below: bare(rest.filter(({ middle }) => middle >= (top + bottom) / 2)),
        },
      };
    }
  }
  return best?.gutter;
}

const topOf = ({ middle, height }: { middle: number; height: number }) => middle - height / 2;

/** Stretches of the page, from top to bottom, in which no piece lies across the strip of `width` to the left of `x`. */
function bandsBeside<T>(level: readonly Level<T>[], x: number, width: number): Level<T>[][] {
  const bands: Level<T>[][] = [];
  let band: Level<T>[] = [];
  for (const piece of [...level].sort((a, b) => a.middle - b.middle)) {
    const across = piece.left < x - 1 && piece.right > x - width;
    if (!across) band.push(piece);
    else if (band.length) {
      bands.push(band);
      band = [];
    }
  }
  if (band.length) bands.push(band);
  return bands;
}

function areColumns<T extends Piece>(left: readonly Level<T>[], right: readonly Level<T>[], skew: Skew): boolean {
  // The right side tells cheaply that most pages have none: it holds amounts.
  if (median(right.map(({ piece }) => lettersIn([piece]))) < TEXT_LETTERS) return false;
  const [leftRows, rightRows] = [left, right].map((side) =>
    rowsOf(
      side.map(({ piece }) => piece),
      skew,
    ),
  ) as [T[][], T[][]];
  if (Math.min(leftRows.length, rightRows.length) < FEWEST_ROWS) return false;
  if (Math.max(pitch(leftRows.map(lineOf)), pitch(rightRows.map(lineOf))) > DENSE) return false;
  const letters = Math.min(median(leftRows.map(lettersIn)), median(rightRows.map(lettersIn)));
  if (letters >= PROSE_LETTERS) return true;
  return letters >= TEXT_LETTERS && scatter(leftRows.map(lineOf), rightRows.map(lineOf)) > SCATTER;

  function lineOf(row: readonly T[]): Line {
    return { middle: heightOf(row, skew), height: median(row.map(({ height }) => height)) };
  }
}

function lettersIn(row: readonly Piece[]): number {
  return row.reduce((sum, { text }) => sum + text.replace(/[^\p{L}]/gu, '').length, 0);
}

/** Typical distance from line to line, in line heights. */
function pitch(lines: readonly Line[]): number {
  return median(lines.slice(1).map(({ middle, height }, i) => (middle - lines[i]!.middle) / height));
}

type Line = { readonly middle: number; readonly height: number };

/**
 * How unsteadily the lines of one side lie beside those of the other: the typical distance from the side with fewer
 * lines to the nearest line of the other, after taking out a common shift (a slant not quite met), in line heights.
 */
function scatter(left: readonly Line[], right: readonly Line[]): number {
  const [few, many] = left.length < right.length ? [left, right] : [right, left];
  const offsets = few.map((piece) => {
    const nearest = many.reduce((best, other) =>
      Math.abs(other.middle - piece.middle) < Math.abs(best.middle - piece.middle) ? other : best,
    );
    return (nearest.middle - piece.middle) / Math.min(piece.height, nearest.height);
  });
  const shift = median(offsets);
  return median(offsets.map((offset) => Math.abs(offset - shift)));
}
