import type { TurnedBox } from './geometry.ts';
import { median } from './median.ts';
import { riseBetween, type Skew, skewOf } from './skew.ts';

/** Share of the lower of two boxes that must lie beside the other for both to stand in one row. */
const BESIDE = 0.5;
/** Boxes that differ more in height than this do not stand in one row. */
const HEIGHT_RATIO = 5;
/** Boxes grow past their letters, so that neighbours overlap; more than this share of the narrower is no neighbour. */
const OVERLAP = 0.4;

/** A box in which text may run up or down, so that it stands in no row. */
export interface RowBox extends TurnedBox {
  readonly sideways?: boolean;
}

/** A second look, among the loose ends only: a note across two rows belongs to one of them and must not part the other. */
const ROUNDS = 2;

/**
 * Rows of a page, as links between neighbours: a piece is followed by the nearest one to its right along the slant of
 * the lines, if that one in turn has it as its nearest to the left. So a row may bend, and a name stays beside its
 * price on a photo that is turned or taken from aside.
 * @param pieces boxes of one block, in pixels of the picture
 * @returns rows from top to bottom, pieces from left to right
 */
export function rowsOf<T extends RowBox>(pieces: readonly T[], skew: Skew = skewOf(pieces)): T[][] {
  const typicalWidth = median(pieces.map(({ width }) => width));
  const following = new Map<T, T>();
  const followed = new Set<T>();
  for (let round = 0; round < ROUNDS; round++) {
    const withoutNext = pieces.filter((piece) => !following.has(piece));
    const withoutPrevious = pieces.filter((piece) => !followed.has(piece));
    for (const piece of withoutNext) {
      const next = nearest(piece, withoutPrevious, 1);
      if (!next || nearest(next, withoutNext, -1) !== piece) continue;
      following.set(piece, next);
      followed.add(next);
    }
  }

  /** The neighbour on one side: 1 right, -1 left. */
  function nearest(from: T, among: readonly T[], side: 1 | -1): T | undefined {
    let best: { piece: T; gap: number; drop: number } | undefined;
    for (const piece of among) {
      if (piece === from || (piece.x - from.x) * side <= 0) continue;
      const drop = dropBetween(from, piece);
      if (drop === undefined) continue;
      const gap = (piece.x - from.x) * side - piece.width / 2;
      // Of two that stand one above the other, the one in line is meant; else the one that comes first.
      const shared = best ? Math.min(gap + piece.width, best.gap + best.piece.width) - Math.max(gap, best.gap) : 0;
      const stacked = best && shared > Math.min(piece.width, best.piece.width) / 2;
      if (!best || (stacked ? drop < best.drop : gap < best.gap)) best = { piece, gap, drop };
    }
    return best?.piece;
  }

  /** How far two pieces are off one line, in pixels; undefined when they do not stand in one row. */
  function dropBetween(a: T, b: T): number | undefined {
    if (a.sideways || b.sideways) return undefined;
    const [low, high] = a.height < b.height ? [a.height, b.height] : [b.height, a.height];
    if (high > low * HEIGHT_RATIO) return undefined;
    const apart = Math.abs(b.x - a.x);
    const overlap = (a.width + b.width) / 2 - apart;
    if (overlap > Math.max(OVERLAP * Math.min(a.width, b.width), low / 2)) return undefined;
    const drop = Math.abs(b.y - a.y - (b.x - a.x) * Math.tan(angleBetween(a, b)));
    return (low + high) / 2 - drop >= BESIDE * low ? drop : undefined;
  }

  /** Long pieces know the slant of their own line best; short ones go by the page. */
  function angleBetween(a: T, b: T): number {
    const weight = (piece: T) => Math.max(0, piece.width - 3 * piece.height);
    const [ofA, ofB, ofPage] = [weight(a), weight(b), typicalWidth];
    return (ofA * a.angle + ofB * b.angle + ofPage * skew((a.x + b.x) / 2, (a.y + b.y) / 2)) / (ofA + ofB + ofPage);
  }

  const rows = pieces.filter((piece) => !followed.has(piece)).map((first) => chain(first, following));
  return rows.sort((a, b) => heightOf(a, skew) - heightOf(b, skew));
}

function chain<T>(first: T, following: ReadonlyMap<T, T>): T[] {
  const row = [first];
  for (let next = following.get(first); next; next = following.get(next)) row.push(next);
  return row;
}

/** Where a row stands on the page with its slant taken out. */
export function heightOf(row: readonly TurnedBox[], skew: Skew): number {
  return row.reduce((sum, { x, y }) => sum + y - riseBetween(skew, 0, x, y), 0) / row.length;
}
