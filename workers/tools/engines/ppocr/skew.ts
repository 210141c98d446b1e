import type { TurnedBox } from './geometry.ts';

/** The angle of the lines of a page at a height: photos from aside have lines that are not parallel. */
export type Skew = (y: number) => number;

/** Boxes this many times as wide as high tell the angle of their line; shorter ones only that of their letters. */
const TELLING = 4;
/** Fewer telling boxes than this give one angle for the whole page. */
const ENOUGH_FOR_SLOPE = 6;
/** Radians from the middle angle beyond which a box is a slanted sign, not a line of the page: 5 degrees. */
const OUTLIER = (5 * Math.PI) / 180;

/** Estimates the angle of lines from the boxes themselves: a line through (y, angle), weighted by width. */
export function skewOf(boxes: readonly TurnedBox[]): Skew {
  const telling = boxes.filter(({ width, height }) => width > TELLING * height);
  const middle = weightedMedian(telling);
  const level = () => middle;
  const near = telling.filter(({ angle }) => Math.abs(angle - middle) < OUTLIER);
  if (near.length < ENOUGH_FOR_SLOPE) return level;
  let [weight, sumY, sumAngle, sumYY, sumYAngle] = [0, 0, 0, 0, 0];
  for (const { y, angle, width } of near) {
    weight += width;
    sumY += width * y;
    sumAngle += width * angle;
    sumYY += width * y * y;
    sumYAngle += width * y * angle;
  }
  const [meanY, meanAngle] = [sumY / weight, sumAngle / weight];
  const spread = sumYY / weight - meanY * meanY;
  const slope = spread > 1 ? (sumYAngle / weight - meanY * meanAngle) / spread : 0;
  const [low, high] = [Math.min(...near.map(({ y }) => y)), Math.max(...near.map(({ y }) => y))];
  return (y) => meanAngle + slope * (Math.min(high, Math.max(low, y)) - meanY);
}

function weightedMedian(boxes: readonly TurnedBox[]): number {
  const sorted = [...boxes].sort((a, b) => a.angle - b.angle);
  const half = sorted.reduce((sum, { width }) => sum + width, 0) / 2;
  let seen = 0;
  for (const { angle, width } of sorted) {
    seen += width;
    if (seen >= half) return angle;
  }
  return 0;
}
