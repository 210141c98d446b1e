/** The rules of evidence of docs/data.md, as those who make chains follow them. The checker has its own. */
import { area, type Box, centre, shared } from './scene.ts';
import type { Side } from './words/single.ts';

/** There is no chain to be made: chance, or what was seen, leaves the question without a clean answer. */
export class Unmade extends Error {
  override readonly name = 'Unmade';
}

/** Made once: a stack for each of the many that are given up would cost more than the chains. */
const BORDERLINE = new Unmade('a difference lies on the line between the same and not the same');

/** Two values closer than this are the same: fractions of the picture, depths, likenesses. */
const SAME = 0.02;

/**
 * -1 where `a` is smaller, 1 where it is larger, 0 where they cannot be told apart.
 * @throws Unmade where the difference is the limit itself: what is said of it hangs on how a decimal is stored
 */
export function order(a: number, b: number): -1 | 0 | 1 {
  const difference = a - b;
  if (Math.abs(Math.abs(difference) - SAME) < 1e-6) throw BORDERLINE;
  return Math.abs(difference) < SAME ? 0 : difference < 0 ? -1 : 1;
}

/**
 * Index of the smallest (largest) value, undefined where the first two cannot be told apart or there is none.
 * @param groups which values belong to one candidate: those need not be told apart
 */
export function best(values: readonly number[], sign: 1 | -1, groups: readonly string[] = []): number | undefined {
  if (values.length === 0) return undefined;
  let first = 0;
  for (let i = 1; i < values.length; i++) if ((values[i]! - values[first]!) * sign > 0) first = i;
  for (let i = 0; i < values.length; i++) {
    if (i === first || (groups.length > 0 && groups[i] === groups[first])) continue;
    if (order(values[i]!, values[first]!) === 0) return undefined;
  }
  return first;
}

/**
 * Where `a` is as seen from `b`; undefined where that cannot be told: the one is inside the other, the centres are too
 * close, or they differ by as much on both axes.
 */
export function sideOf(a: Box, b: Box): Side | undefined {
  if (area(a) > 0 && shared(a, b) / area(a) >= 0.9) return undefined;
  const [ax, ay] = centre(a);
  const [bx, by] = centre(b);
  const [dx, dy] = [ax - bx, ay - by];
  if (Math.abs(Math.abs(dx) - Math.abs(dy)) < 1e-9) return undefined;
  if (Math.abs(dx) > Math.abs(dy)) return order(ax, bx) === 0 ? undefined : dx < 0 ? 'left' : 'right';
  return order(ay, by) === 0 ? undefined : dy < 0 ? 'above' : 'below';
}

/** As `sideOf`, for the truth of a scene: only where it is plain to see, so that a box that is a little off says the same. */
export function plainSide(a: Box, b: Box): Side | undefined {
  const [ax, ay] = centre(a);
  const [bx, by] = centre(b);
  const [dx, dy] = [Math.abs(ax - bx), Math.abs(ay - by)];
  const [more, less] = [Math.max(dx, dy), Math.min(dx, dy)];
  if (more < 0.07 || more < less * 1.4 || shared(a, b) > 0.3 * Math.min(area(a), area(b))) return undefined;
  return sideOf(a, b);
}
