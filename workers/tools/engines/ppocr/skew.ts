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
/** A bend must explain this share of the straying, or it is read out of noise. */
const EXPLAINED = 0.25;

/**
 * Estimates the angle of lines from the boxes themselves: a plane over (x, y), found by the medians of the slopes
 * between all pairs of boxes, which a third of wrong boxes cannot pull away.
 */
export function skewOf(boxes: readonly TurnedBox[]): Skew {
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
