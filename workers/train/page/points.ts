/** Points of a curve: smoothed, and thinned to what a screen can show. */

export type Point = readonly [x: number, y: number];

/** Columns of a thinned curve: more than that many pixels no page gives it. */
const COLUMNS = 500;
/** A smoothed value forgets half in this share of the curve. */
const HALF_LIFE = 0.005;

/** A moving average that weighs values less the farther they are, before and behind: it neither lags nor starts at zero. */
export function smooth(points: readonly Point[]): Point[] {
  const keep = 0.5 ** (1 / Math.max(2, points.length * HALF_LIFE));
  const sums = (ordered: readonly Point[]): (readonly [number, number])[] => {
    let [sum, weight] = [0, 0];
    return ordered.map(([, y]) => {
      sum = sum * keep + y;
      weight = weight * keep + 1;
      return [sum, weight] as const;
    });
  };
  const before = sums(points);
  const behind = sums(points.toReversed()).reverse();
  return points.map(([x, y], n) => {
    const [[a, of], [b, and]] = [before[n] ?? [y, 1], behind[n] ?? [y, 1]];
    return [x, (a + b - y) / (of + and - 1)] as const;
  });
}

/** At most two points a column, its lowest and its highest, so that a spike never vanishes. Points are in order of x. */
export function thin(points: readonly Point[], columns = COLUMNS): Point[] {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || points.length <= 2 * columns) return [...points];
  const wide = (last[0] - first[0]) / columns || 1;
  const kept: Point[] = [];
  let column = -1;
  let [low, high] = [first, first];
  const close = (): void => {
    if (column >= 0) kept.push(...(low === high ? [low] : low[0] <= high[0] ? [low, high] : [high, low]));
  };
  for (const point of points) {
    const at = Math.min(columns - 1, Math.floor((point[0] - first[0]) / wide));
    if (at !== column) {
      close();
      column = at;
      low = point;
      high = point;
    }
    if (point[1] < low[1]) low = point;
    if (point[1] > high[1]) high = point;
  }
  close();
  return kept;
}

/** Round numbers from `low` to `high`: 1, 2 or 5 times a power of ten apart. */
export function ticks(low: number, high: number, most: number): number[] {
  if (!(high > low)) return [low];
  const raw = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const apart = ([1, 2, 5, 10].find((one) => one * power >= raw) ?? 10) * power;
  const made: number[] = [];
  for (let n = Math.ceil(low / apart - 1e-9); n * apart <= high + apart * 1e-9; n++)
    made.push(Number((n * apart).toPrecision(12)));
  return made;
}

/** 1, 2 and 5 of every power of ten in between; every power alone where those are too many. */
export function logTicks(low: number, high: number, most: number): number[] {
  const of = (digits: readonly number[]): number[] => {
    const made: number[] = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++)
      for (const digit of digits) {
        const value = Number((digit * 10 ** power).toPrecision(3));
        if (value >= low * 0.999 && value <= high * 1.001) made.push(value);
      }
    return made;
  };
  const some = [of([1, 2, 3, 5, 7]), of([1, 2, 5]), of([1])].find((made) => made.length <= most) ?? [];
  return some.length >= 2 ? some : ticks(low, high, most);
}

/** `1.2M`, `35k`, `0.0004`. */
export function short(value: number): string {
  const size = Math.abs(value);
  for (const [from, unit] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const)
    if (size >= from) return `${Number((value / from).toPrecision(3))}${unit}`;
  if (size !== 0 && size < 1e-4) return value.toExponential(1).replace('.0e', 'e');
  return String(Number(value.toPrecision(3)));
}
