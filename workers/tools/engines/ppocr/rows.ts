/** A piece of text with its place. Angle in radians, clockwise on screen; box in any unit that is square. */
export interface Piece {
  readonly text: string;
  readonly score: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly angle: number;
}

export function skewOf(pieces: readonly Piece[]): number {
  const long = pieces.filter(({ width, height }) => width > 3 * height).sort((a, b) => a.angle - b.angle);
  const total = long.reduce((sum, { width }) => sum + width, 0);
  let seen = 0;
  for (const { angle, width } of long) {
    seen += width;
    if (seen >= total / 2) return angle;
  }
  return 0;
}

/**
 * Rows in reading order, pieces from left to right.
 */
export function groupRows<T extends Piece>(pieces: readonly T[]): T[][] {
  const skew = skewOf(pieces);
  const cos = Math.cos(skew);
  const sin = Math.sin(skew);
  const level = pieces.map((piece) => ({
    piece,
    left: piece.x * cos + piece.y * sin - piece.width / 2,
    right: piece.x * cos + piece.y * sin + piece.width / 2,
    middle: piece.y * cos - piece.x * sin,
    height: piece.height,
  }));
  type Level = (typeof level)[number];
  const overlap = (a: Level, b: Level) =>
    (Math.min(a.middle + a.height / 2, b.middle + b.height / 2) -
      Math.max(a.middle - a.height / 2, b.middle - b.height / 2)) /
    Math.min(a.height, b.height);
  const next = (a: Level): Level | undefined => {
    let best: Level | undefined;
    for (const b of level) {
      if (b === a || b.left < a.right - 0.5 * Math.min(a.height, b.height) || overlap(a, b) < 0.5) continue;
      if (!best || b.left - a.right < best.left - best.right + (best.right - a.right)) best = b;
    }
    return best;
  };
  const previous = (b: Level): Level | undefined => {
    let best: Level | undefined;
    for (const a of level) {
      if (a === b || b.left < a.right - 0.5 * Math.min(a.height, b.height) || overlap(a, b) < 0.5) continue;
      if (!best || a.right > best.right) best = a;
    }
    return best;
  };
  const following = new Map<Level, Level>();
  const followed = new Set<Level>();
  for (const a of level) {
    const b = next(a);
    if (b && previous(b) === a) {
      following.set(a, b);
      followed.add(b);
    }
  }
  const rows: Level[][] = [];
  for (const first of level) {
    if (followed.has(first)) continue;
    const row = [first];
    for (let at = following.get(first); at; at = following.get(at)) row.push(at);
    rows.push(row);
  }
  const mean = (row: Level[]) => row.reduce((sum, { middle }) => sum + middle, 0) / row.length;
  return rows.sort((a, b) => mean(a) - mean(b)).map((row) => row.map(({ piece }) => piece));
}
