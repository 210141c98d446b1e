import type { TurnedBox } from './geometry.ts';

/** The angle of the lines of a page at a place, in radians: they fan out on a photo from aside, and bend on a curled page. */
export type Skew = (x: number, y: number) => number;

/** Boxes this many times as wide as high tell the angle of their line; shorter ones only that of their letters. */
const TELLING = 4;
/** The widest boxes are asked; more add time, not truth. */
const ASKED = 120;
/** Fewer telling boxes than this give one angle for the whole page. */
const ENOUGH_FOR_SLOPE = 6;
/** Angles that stray less than this from each other (0.3 degrees) leave nothing for a bend to explain. */
const STEADY = (0.3 * Math.PI) / 180;
/** Rounds of taking in what stands beside each other; pages of more pieces go without. */
const ROUNDS = 4;
const MOST_REFINED = 600;
/** A line whose angle is further off than this (2.5 degrees) is a slanted sign. */
const OUTLIER = (2.5 * Math.PI) / 180;
/** Pieces less than this share of their height off one line stand in one row for sure. */
const CLEARLY = 0.35;
/** And those less than this exactly. */
const EXACTLY = 0.15;
/** Added to the spread of sights, which is about 0.08 where they fill the page. */
const HELD = 0.004;
/** A bend must explain this share of the straying, or it is read out of noise. */
const EXPLAINED = 0.25;

/**
 * Estimates the angle of lines from the boxes themselves: a plane over (x, y), found by the medians of the slopes
 * between all pairs of boxes, which a third of wrong boxes cannot pull away.
 */
export function skewOf(boxes: readonly TurnedBox[]): Skew {
  const lines = skewOfLines(boxes);
  if (boxes.length > MOST_REFINED) return lines;
  const level = () => 0;
  const candidates = [lines, refined(boxes, lines), refined(boxes, level)];
  const order = candidates.map((skew) => orderUnder(boxes, skew));
  return candidates[order.indexOf(Math.max(...order))] ?? lines;
}

/** How well pieces stand in rows under a slant: the sum over all pieces of how exactly their neighbour is in line. */
function orderUnder(boxes: readonly TurnedBox[], skew: Skew): number {
  return boxes.reduce((sum, box) => {
    const sight = sightToTheRight(box, boxes, skew);
    const off = sight ? (sight.weight * (sight.angle - skew(sight.x, sight.y))) / (EXACTLY * box.height) : Infinity;
    return sum + Math.exp(-off * off);
  }, 0);
}

function skewOfLines(boxes: readonly TurnedBox[]): Skew {
  const telling = boxes
    .filter(({ width, height }) => width > TELLING * height)
    .sort((a, b) => b.width - a.width)
    .slice(0, ASKED);
  const middle = weightedMedian(telling.map(({ angle, width }) => [angle, width]));
  if (telling.length < ENOUGH_FOR_SLOPE) return () => middle;
  const fan = medianSlope(
    telling,
    ({ y }) => y,
    ({ angle }) => angle,
  );
  const flat = (box: TurnedBox) => box.angle - fan * box.y;
  const bend = medianSlope(telling, ({ x }) => x, flat);
  const steady = straying(telling, flat);
  const bent = straying(telling, (box) => flat(box) - bend * box.x);
  const slope = steady > STEADY && bent < steady * (1 - EXPLAINED) ? bend : 0;
  const base = weightedMedian(telling.map((box) => [flat(box) - slope * box.x, box.width]));
  const [left, right] = extent(telling.map(({ x }) => x));
  const [top, bottom] = extent(telling.map(({ y }) => y));
  return (x, y) => base + fan * Math.min(bottom, Math.max(top, y)) + slope * Math.min(right, Math.max(left, x));
}

/** A sight of a line's angle at a place. */
interface Sight {
  readonly x: number;
  readonly y: number;
  readonly angle: number;
  readonly weight: number;
}

/**
 * A table has short pieces, which tell no angle by themselves, but which stand beside each other. So the angles from
 * piece to neighbour are taken in as well: first those near to where the estimate is right, and with each better
 * estimate those further out.
 */
function refined(boxes: readonly TurnedBox[], first: Skew): Skew {
  let skew = first;
  for (let round = 0; round < ROUNDS; round++) {
    const lines = boxes.filter(
      ({ x, y, width, height, angle }) => width > TELLING * height && Math.abs(angle - skew(x, y)) < OUTLIER,
    );
    const sights: Sight[] = [
      ...lines.map(({ x, y, angle, width }) => ({ x, y, angle, weight: width })),
      ...boxes.flatMap((box) => sightToTheRight(box, boxes, skew) ?? []),
    ];
    if (sights.length < ENOUGH_FOR_SLOPE) return skew;
    skew = planeThrough(sights);
  }
  return skew;
}

/** The angle from a box to the nearest one beside it, if that one stands clearly in the same row. */
function sightToTheRight(from: TurnedBox, boxes: readonly TurnedBox[], skew: Skew): Sight | undefined {
  let best: TurnedBox | undefined;
  for (const box of boxes) {
    const apart = box.x - from.x;
    const [low, high] = box.height < from.height ? [box.height, from.height] : [from.height, box.height];
    if (apart < (box.width + from.width) / 2 || high > 1.5 * low) continue;
    if (best && apart > best.x - from.x) continue;
    const drop = Math.abs(box.y - from.y - riseBetween(skew, from.x, box.x, (from.y + box.y) / 2));
    if (drop < low * CLEARLY) best = box;
  }
  if (!best) return undefined;
  const [dx, dy] = [best.x - from.x, best.y - from.y];
  return { x: from.x + dx / 2, y: from.y + dy / 2, angle: Math.atan(dy / dx), weight: dx };
}

/** Weighted least squares, with slopes held back a little where the sights do not spread. */
function planeThrough(sights: readonly Sight[]): Skew {
  const total = sights.reduce((sum, { weight }) => sum + weight, 0);
  const mean = (of: (sight: Sight) => number) =>
    sights.reduce((sum, sight) => sum + sight.weight * of(sight), 0) / total;
  const [x0, y0, angle0] = [mean(({ x }) => x), mean(({ y }) => y), mean(({ angle }) => angle)];
  const [left, right] = extent(sights.map(({ x }) => x));
  const [top, bottom] = extent(sights.map(({ y }) => y));
  const [wide, high] = [Math.max(1, right - left), Math.max(1, bottom - top)];
  const u = ({ x }: { x: number }) => (x - x0) / wide;
  const v = ({ y }: { y: number }) => (y - y0) / high;
  const uu = mean((sight) => u(sight) ** 2) + HELD;
  const vv = mean((sight) => v(sight) ** 2) + HELD;
  const uv = mean((sight) => u(sight) * v(sight));
  const ua = mean((sight) => u(sight) * (sight.angle - angle0));
  const va = mean((sight) => v(sight) * (sight.angle - angle0));
  const determinant = uu * vv - uv * uv;
  const [bend, fan] = [(ua * vv - va * uv) / determinant, (va * uu - ua * uv) / determinant];
  const within = (value: number, low: number, end: number) => Math.min(end, Math.max(low, value));
  return (x, y) => angle0 + bend * u({ x: within(x, left, right) }) + fan * v({ y: within(y, top, bottom) });
}

/** How far a line rises from one place to another, in pixels downwards. */
export function riseBetween(skew: Skew, x0: number, x1: number, y: number): number {
  return (x1 - x0) * Math.tan(skew((x0 + x1) / 2, y));
}

function medianSlope(
  boxes: readonly TurnedBox[],
  along: (box: TurnedBox) => number,
  of: (box: TurnedBox) => number,
): number {
  const [low, high] = extent(boxes.map(along));
  const slopes: [number, number][] = [];
  boxes.forEach((a, i) => {
    for (const b of boxes.slice(i + 1)) {
      const apart = along(a) - along(b);
      // Boxes that are close together differ by noise only.
      if (Math.abs(apart) * 8 > high - low)
        slopes.push([(of(a) - of(b)) / apart, Math.min(a.width, b.width) * Math.abs(apart)]);
    }
  });
  return weightedMedian(slopes);
}

/** Middle distance of the boxes' values from their middle one: a single wrong box does not count. */
function straying(boxes: readonly TurnedBox[], of: (box: TurnedBox) => number): number {
  const middle = weightedMedian(boxes.map((box) => [of(box), box.width]));
  return weightedMedian(boxes.map((box) => [Math.abs(of(box) - middle), box.width]));
}

function extent(values: readonly number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)];
}

/** @param values pairs of value and weight */
function weightedMedian(values: readonly (readonly [value: number, weight: number])[]): number {
  const sorted = [...values].sort((a, b) => a[0] - b[0]);
  const half = sorted.reduce((sum, [, weight]) => sum + weight, 0) / 2;
  let seen = 0;
  for (const [value, weight] of sorted) {
    seen += weight;
    if (seen >= half) return value;
  }
  return 0;
}
