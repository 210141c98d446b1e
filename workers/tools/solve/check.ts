/** Whether what was found fulfils what was asked: by putting it in. */
import type { Relation, Statement } from './parse.ts';
import { namesIn, type Term } from './term.ts';
import { type Values, valueAt } from './value.ts';

/** Sides that differ by less than this part of what they are made of are equal: doubles lose that on the way. */
const LOST = 1e-8;

/** How large what a term adds up is: what gets lost on the way is a part of that. */
export function sizeAt(term: Term, values: Values): number {
  if (term.is !== 'infix' || term.sign === '^') return Math.abs(valueAt(term, values));
  const [a, b] = [sizeAt(term.left, values), sizeAt(term.right, values)];
  if (term.sign === '*') return a * b;
  return term.sign === '/' ? a / Math.abs(valueAt(term.right, values)) : a + b;
}

export function isNear(left: Term, right: Term, values: Values, part = LOST): boolean {
  const difference = Math.abs(valueAt(left, values) - valueAt(right, values));
  const size = sizeAt(left, values) + sizeAt(right, values);
  return difference <= part * Math.max(size, 1e-6);
}

export function holds(left: Term, relation: Relation, right: Term, values: Values): boolean {
  const [a, b] = [valueAt(left, values), valueAt(right, values)];
  if (!Number.isFinite(a) || !Number.isFinite(b)) return false;
  const equal = isNear(left, right, values);
  switch (relation) {
    case '=':
      return equal;
    case '!=':
      return !equal;
    case '<':
      return a < b && !equal;
    case '>':
      return a > b && !equal;
    case '<=':
      return a <= b || equal;
    default:
      return a >= b || equal;
  }
}

export const holdsAll = (statements: readonly Statement[], values: Values): boolean =>
  statements.every(({ sides, relations }) =>
    relations.every((relation, i) => holds(sides[i]!, relation, sides[i + 1]!, values)),
  );

/** Values for parameters, for trying out: none of them special to an equation. */
const SAMPLES = [
  [1.37, 2.11, 0.73, 3.19, 1.61, 2.83, 0.57, 4.07],
  [2.53, 0.89, 1.93, 0.41, 3.67, 1.13, 2.29, 0.67],
  [0.61, 3.41, 2.77, 1.49, 0.83, 4.21, 1.27, 2.03],
];

export function samplesFor(names: readonly string[]): Map<string, number>[] {
  return SAMPLES.map(
    (row) => new Map(names.map((name, i) => [name, row[i % row.length]! + Math.floor(i / row.length)])),
  );
}

/**
 * Whether two terms have the same values wherever both have one, at a spread of points.
 * @returns undefined when there was no point at which both have a value
 */
export function agree(a: Term, b: Term, part = 1e-7): boolean | undefined {
  const names = namesIn(a, b);
  let compared = 0;
  for (const [i, sample] of [...samplesFor(names), ...samplesFor(names), ...samplesFor(names)].entries()) {
    const scale = [1, -0.7, 0.31][Math.floor(i / SAMPLES.length)]!;
    const values = new Map([...sample].map(([name, value]) => [name, value * scale]));
    const [x, y] = [valueAt(a, values), valueAt(b, values)];
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    compared++;
    if (Math.abs(x - y) > part * Math.max(1, sizeAt(a, values), sizeAt(b, values))) return false;
  }
  return compared > 0 ? true : undefined;
}
