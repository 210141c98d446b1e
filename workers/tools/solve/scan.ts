import { isNear } from './check.ts';
import { nearFraction, toNumber } from './fraction.ts';
import { type Root, rationalRoot } from './root.ts';
import type { Term } from './term.ts';
import { valueAt } from './value.ts';

/** Beyond this many only the first are given. */
export const MOST_ROOTS = 12;

/** Where to look: closely around 0, ever wider apart beyond. */
const POINTS: readonly number[] = (() => {
  const half: number[] = [];
  for (let x = 0.0137; x < 30; x += 0.0291) half.push(x);
  for (let x = 30; x < 1e9; x *= 1.021) half.push(x);
  const small = Array.from({ length: 60 }, (_, i) => 0.0137 / 1.25 ** i).reverse();
  return [...half.toReversed().map((x) => -x), ...small.toReversed().map((x) => -x), 0, ...small, ...half];
})();

/**
 * Roots of an equation in one unknown, by looking for changes of sign and for places where it touches 0.
 * @returns nearest to 0 first, and whether there may be more
 */
export function scanned(left: Term, right: Term, name: string): { roots: Root[]; more: boolean } {
  const at = (x: number): number => {
    const values = new Map([[name, x]]);
    return valueAt(left, values) - valueAt(right, values);
  };
  const found: number[] = [];
  const keep = (x: number): void => {
    if (!isNear(left, right, new Map([[name, x]]), 1e-9)) return;
    if (!found.some((known) => Math.abs(known - x) <= 1e-7 * Math.max(1, Math.abs(x)))) found.push(x);
  };
  let [x0, f0] = [Number.NaN, Number.NaN];
  let [xb, fb] = [Number.NaN, Number.NaN];
  for (const x of POINTS) {
    const f = at(x);
    if (f === 0) keep(x);
    else if (f0 * f < 0) keep(bisected(at, x0, x));
    else if (Number.isFinite(f) !== Number.isFinite(f0) && !Number.isNaN(x0)) keep(edge(at, x0, x));
    if (Math.abs(f0) < Math.abs(fb) && Math.abs(f0) < Math.abs(f) && fb * f > 0) keep(lowest(at, xb, x));
    [xb, fb, x0, f0] = [x0, f0, x, f];
  }
  const sorted = found.sort((a, b) => Math.abs(a) - Math.abs(b));
  const roots = sorted.slice(0, MOST_ROOTS).map((x) => snapped(x, left, right, name));
  return { roots: roots.sort((a, b) => a.value - b.value), more: sorted.length > MOST_ROOTS };
}

function bisected(at: (x: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  const sign = Math.sign(at(low));
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (at(middle) * sign > 0) low = middle;
    else high = middle;
  }
  return Math.abs(at(low)) < Math.abs(at(high)) ? low : high;
}

/** The end of where it has values: sqrt(x - 2) is 0 there. */
function edge(at: (x: number) => number, from: number, to: number): number {
  const inside = Number.isFinite(at(from));
  let [low, high] = inside ? [from, to] : [to, from];
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (Number.isFinite(at(middle))) low = middle;
    else high = middle;
  }
  const near = nearFraction(low);
  return near && at(toNumber(near)) === 0 ? toNumber(near) : low;
}

/** The lowest point of |f|, by golden sections. */
function lowest(at: (x: number) => number, from: number, to: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [from, to];
  for (let i = 0; i < 60; i++) {
    const [a, b] = [high - ratio * (high - low), low + ratio * (high - low)];
    if (Math.abs(at(a)) < Math.abs(at(b))) high = b;
    else low = a;
  }
  const middle = (low + high) / 2;
  const near = nearFraction(Number(middle.toPrecision(7)), 100);
  return near && Math.abs(at(toNumber(near))) <= Math.abs(at(middle)) ? toNumber(near) : middle;
}

/** 3.9999999999999996 was meant to be 4, if 4 fulfils the equation too. */
function snapped(x: number, left: Term, right: Term, name: string): Root {
  const near = nearFraction(x, 200);
  if (near && isNear(left, right, new Map([[name, toNumber(near)]]), 1e-14)) return rationalRoot(near);
  return { value: x };
}
