/** Derivatives, integrals, limits and other forms: made by nerdamer, checked here with numbers. */
import { agree, samplesFor } from './check.ts';
import { unsolved } from './fault.ts';
import { nearFraction, toNumber } from './fraction.ts';
import type { Question } from './question.ts';
import { Atoms, simplified } from './rational.ts';
import { decimalText } from './root.ts';
import { type SymbolicAnswers, symbolic } from './symbolic.ts';
import { namesIn, nameTerm, numberTerm, replaced, subtract, type Term, written } from './term.ts';
import { valueAt } from './value.ts';

type Asked<T extends Question['task']> = Extract<Question, { task: T }>;

/** A number as it is shown: exact if that says more, and in decimals. */
export function shownValue(term: Term): { result: string; value?: number } {
  if (namesIn(term).length > 0) return { result: written(term) };
  const value = valueAt(term, new Map());
  if (term.is === 'number' && term.value.d === 1n) return { result: written(term), value };
  return { result: `${written(term)} ≈ ${decimalText(value)}`, value };
}

/** Characters from which on it is worth while to look for a shorter form. */
const LONG = 40;

export function differentiated({ of, by, times, at }: Asked<'differentiate'>, answers: SymbolicAnswers): string {
  let term = of;
  for (let i = 0; i < times; i++) {
    const [next] = symbolic('diff', term, answers, { by }) ?? [];
    if (!next || !isDerivative(next, term, by))
      throw unsolved('this derivative was not found: write it as d/dx of one expression');
    term = next;
  }
  const short = shortest([term, simplifiedIfSo(term)], term);
  const theirs = written(short).length > LONG ? (symbolic('simplify', term, answers) ?? []) : [];
  const plain = shortest([short, ...theirs], short);
  if (!at) return written(plain);
  return shownValue(simplified(replaced(term, new Map([[by, at]])), new Atoms())).result;
}

const simplifiedIfSo = (term: Term): Term => simplified(term, new Atoms());

/** The shortest of several spellings that has the same values. */
function shortest(terms: readonly Term[], meant: Term): Term {
  const same = terms.filter((term) => term === meant || agree(term, meant));
  return same.reduce((best, term) => (written(term).length < written(best).length ? term : best), meant);
}

/** Compares with the slope between two close points, at a spread of places. */
function isDerivative(derivative: Term, of: Term, by: string): boolean {
  const names = [...new Set([by, ...namesIn(of, derivative)])];
  let compared = 0;
  for (const values of samplesFor(names))
    for (const scale of [1, 0.3, -0.8]) {
      const x = values.get(by)! * scale;
      const h = 1e-4 * Math.max(1, Math.abs(x));
      const at = (place: number) => valueAt(of, new Map([...values, [by, place]]));
      const slope = (8 * (at(x + h) - at(x - h)) - (at(x + 2 * h) - at(x - 2 * h))) / (12 * h);
      const value = valueAt(derivative, new Map([...values, [by, x]]));
      if (!Number.isFinite(slope) || !Number.isFinite(value)) continue;
      compared++;
      if (Math.abs(slope - value) > 1e-5 * Math.max(1, Math.abs(value))) return false;
    }
  return compared > 0;
}

export function integrated({ of, by, from, to }: Asked<'integrate'>, answers: SymbolicAnswers): string {
  const found = symbolic('integrate', of, answers, { by })?.[0];
  const whole = found && isDerivative(of, found, by) ? found : undefined;
  if (from === undefined || to === undefined) {
    if (!whole)
      throw unsolved(
        'no formula was found for this integral: give its bounds, as "integrate x^2 from 0 to 3", for a number',
      );
    return `${written(shortest([whole, simplifiedIfSo(whole)], whole))} + C`;
  }
  const bounds = [from, to].map((bound) => (isInfinite(bound) ? infinityOf(bound) : valueAt(bound, new Map()))) as [
    number,
    number,
  ];
  if (namesIn(of).some((name) => name !== by) || bounds.some(Number.isNaN)) return withLetters(whole, by, from, to);
  const value = area((x) => valueAt(of, new Map([[by, x]])), ...bounds);
  if (value === undefined) throw unsolved('this integral has no finite value, or it changes too fast to be added up');
  const exact = whole && bounds.every(Number.isFinite) && differenceBetween(whole, by, from, to);
  const near = nearFraction(Number(value.toPrecision(11)), 60);
  const stands = exact && Math.abs(valueAt(exact, new Map()) - value) <= 1e-7 * Math.max(1, Math.abs(value));
  if (stands && !(near && Math.abs(toNumber(near) - valueAt(exact, new Map())) < 1e-13))
    return shownValue(exact).result;
  if (near && Math.abs(toNumber(near) - value) < 1e-10 * Math.max(1, Math.abs(value)))
    return shownValue(numberTerm(near)).result;
  return `≈ ${decimalText(value)}`;
}

function withLetters(whole: Term | undefined, by: string, from: Term, to: Term): string {
  if (!whole) throw unsolved('no formula was found for this integral');
  return written(differenceBetween(whole, by, from, to));
}

const differenceBetween = (whole: Term, by: string, from: Term, to: Term): Term =>
  simplified(subtract(replaced(whole, new Map([[by, to]])), replaced(whole, new Map([[by, from]]))), new Atoms());

const isInfinite = (term: Term): boolean => namesIn(term).includes('inf');
const infinityOf = (term: Term): number => valueAt(term, new Map([['inf', Number.POSITIVE_INFINITY]]));

/** Tanh-sinh quadrature, which stands ends where the function is infinite; undefined where it does not settle. */
function area(f: (x: number) => number, from: number, to: number): number | undefined {
  if (from > to) {
    const back = area(f, to, from);
    return back === undefined ? undefined : -back;
  }
  // Infinite ends are drawn in: x = t / (1 - t^2) and its like.
  if (!Number.isFinite(from) && !Number.isFinite(to)) {
    const [a, b] = [area(f, from, 0), area(f, 0, to)];
    return a === undefined || b === undefined ? undefined : a + b;
  }
  if (!Number.isFinite(to)) return area((t) => f(from + t / (1 - t)) / (1 - t) ** 2, 0, 1);
  if (!Number.isFinite(from)) return area((t) => f(to - t / (1 - t)) / (1 - t) ** 2, 0, 1);
  const [middle, half] = [(from + to) / 2, (to - from) / 2];
  let last = Number.NaN;
  for (let level = 3; level <= 9; level++) {
    const h = 2 ** -level;
    let sum = 0;
    for (let k = -Math.ceil(3.6 / h); k <= 3.6 / h; k++) {
      const s = (Math.PI / 2) * Math.sinh(k * h);
      const weight = ((Math.PI / 2) * Math.cosh(k * h)) / Math.cosh(s) ** 2;
      const place = Math.tanh(s);
      const value = f(middle + half * place);
      if (Number.isFinite(value)) sum += weight * value;
      // At an end it may be infinite and its area finite; anywhere else it has none.
      else if (Math.abs(place) < 1 - 1e-9) return undefined;
    }
    const total = sum * h * half;
    if (level > 4 && Math.abs(total - last) <= 1e-9 * Math.max(1, Math.abs(total))) return total;
    last = total;
  }
  return undefined;
}

export function limited({ of, by, to, side }: Asked<'limit'>, answers: SymbolicAnswers): string {
  if (namesIn(of).some((name) => name !== by))
    throw unsolved('limits are found with numbers: give the other letters values');
  const place = isInfinite(to) ? infinityOf(to) : valueAt(to, new Map());
  if (Number.isNaN(place)) throw unsolved('the place of the limit must be a number or infinity');
  const at = (x: number) => valueAt(of, new Map([[by, x]]));
  const sides = Number.isFinite(place) ? ([-1, 1] as const).filter((one) => side === 0 || side === one) : [0 as const];
  const values = sides.map((one) => approached(at, place, one));
  const [first] = values;
  if (first === undefined || values.some((value) => value === undefined))
    throw unsolved('this limit does not settle at a value');
  const apart = values.some(
    (value) =>
      value !== first && !(Number.isFinite(first) && Math.abs(value! - first) <= 1e-6 * Math.max(1, Math.abs(first))),
  );
  if (apart)
    return `does not exist: ${decimalOrInfinite(values[0]!)} from the left, ${decimalOrInfinite(values[1]!)} from the right`;
  if (!Number.isFinite(first)) return decimalOrInfinite(first);
  const bound = Number.isFinite(place)
    ? to.is === 'number'
      ? `${to.value.n}/${to.value.d}`
      : undefined
    : place > 0
      ? 'Infinity'
      : '-Infinity';
  const exact = bound === undefined ? undefined : symbolic('limit', of, answers, { by, to: bound })?.[0];
  const known = exact ? valueAt(exact, new Map()) : Number.NaN;
  if (exact && Math.abs(known - first) <= 1e-5 * Math.max(1, Math.abs(first)))
    return shownValue(simplifiedIfSo(exact)).result;
  const near = nearFraction(Number(first.toPrecision(6)), 60);
  if (near && Math.abs(toNumber(near) - first) < 1e-6 * Math.max(1, Math.abs(first)))
    return shownValue(numberTerm(near)).result;
  if (Math.abs(first - Math.E) < 1e-5) return shownValue(nameTerm('e')).result;
  return `≈ ${Number(first.toPrecision(6))}`;
}

const decimalOrInfinite = (value: number): string =>
  Number.isFinite(value) ? String(Number(value.toPrecision(6))) : value > 0 ? 'inf' : '-inf';

/** What a function comes to, by ever smaller steps; sums of these in which the first error cancels settle earlier. */
function approached(at: (x: number) => number, place: number, side: -1 | 0 | 1): number | undefined {
  const steps = Array.from({ length: 14 }, (_, i) => 2 ** -(i + 4));
  const points = steps.map((h) => (side === 0 ? Math.sign(place) / h ** 1.4 : place + side * h));
  const values = points.map(at);
  const tail = values.slice(-6);
  if (tail.some(Number.isNaN)) return undefined;
  if (
    tail.every((value, i) => i === 0 || Math.abs(value) >= Math.abs(tail[i - 1]!) * 1.2) &&
    Math.abs(tail.at(-1)!) > 50
  )
    return tail.at(-1)! > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  if (side === 0 && Math.abs(tail.at(-1)!) > 20 && Math.abs(tail.at(-1)! - tail.at(-2)!) > 0.1)
    return tail.at(-1)! > tail.at(-2)! ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  const better = side === 0 ? values : values.slice(1).map((value, i) => 2 * value - values[i]!);
  const [a, b] = better.slice(-2) as [number, number];
  return Math.abs(a - b) <= 1e-4 * Math.max(1, Math.abs(b)) ? b : undefined;
}

export function rewritten({ task, of }: Asked<'factor' | 'expand' | 'simplify'>, answers: SymbolicAnswers): string {
  const own = simplifiedIfSo(of);
  const theirs = (symbolic(task, of, answers) ?? []).filter((term) => agree(term, of) !== false);
  const [found] = theirs;
  if (task === 'factor' && !found) throw unsolved('no factors were found');
  if (task === 'simplify') return written(shortest(theirs, agree(own, of) === false ? of : own));
  if (task === 'expand') return written(agree(own, of) === false ? (found ?? of) : own);
  return written(found!);
}
