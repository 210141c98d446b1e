import { type Fraction, fraction, isOne, isZero, minus, negative, over, plus, times, toNumber } from './fraction.ts';
import { add, callTerm, divide, multiply, numberTerm, type Term } from './term.ts';

/** p + q * sqrt(r): what quadratic equations have as solutions. r is whole and has no square factor. */
export interface Surd {
  readonly p: Fraction;
  readonly q: Fraction;
  readonly r: bigint;
}

/** A solution for one unknown. */
export interface Root {
  /** As a double; NaN where it depends on parameters. */
  readonly value: number;
  /** Its exact form; not given: known by its value alone. */
  readonly term?: Term;
  /** The same where it is a number of this kind. */
  readonly surd?: Surd;
  /** Name of the whole number in `term` that makes it one of endlessly many. */
  readonly any?: string;
}

export const surdValue = ({ p, q, r }: Surd): number => toNumber(p) + toNumber(q) * Math.sqrt(Number(r));

export function surdTerm({ p, q, r }: Surd): Term {
  if (isZero(q) || r === 1n) return numberTerm(plus(p, q));
  const common = (p.d * q.d) / gcdOf(p.d, q.d);
  const root = callTerm('sqrt', numberTerm(fraction(r)));
  const [a, b] = [times(p, fraction(common)), times(q, fraction(common))];
  const part = isOne(b) ? root : multiply(numberTerm(b), root);
  return divide(isZero(a) ? part : add(numberTerm(a), part), numberTerm(fraction(common)));
}

const gcdOf = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcdOf(b, a % b));

export const rationalRoot = (value: Fraction): Root => ({
  value: toNumber(value),
  term: numberTerm(value),
  surd: { p: value, q: fraction(0), r: 1n },
});

export const surdRoot = (surd: Surd): Root => ({ value: surdValue(surd), term: surdTerm(surd), surd });

/** Sum and product of two such numbers of one root. @returns undefined where the roots differ */
export function surdSum(a: Surd, b: Surd): Surd | undefined {
  const r = commonRoot(a, b);
  return r === undefined ? undefined : { p: plus(a.p, b.p), q: plus(a.q, b.q), r };
}

export function surdProduct(a: Surd, b: Surd): Surd | undefined {
  const r = commonRoot(a, b);
  if (r === undefined) return undefined;
  const p = plus(times(a.p, b.p), times(times(a.q, b.q), fraction(r)));
  return { p, q: plus(times(a.p, b.q), times(a.q, b.p)), r };
}

export function surdQuotient(a: Surd, b: Surd): Surd | undefined {
  const norm = minus(times(b.p, b.p), times(times(b.q, b.q), fraction(b.r)));
  if (isZero(norm)) return undefined;
  const inverse: Surd = { p: over(b.p, norm), q: negative(over(b.q, norm)), r: b.r };
  return surdProduct(a, inverse);
}

function commonRoot(a: Surd, b: Surd): bigint | undefined {
  if (isZero(a.q)) return b.r;
  return isZero(b.q) || a.r === b.r ? a.r : undefined;
}

/** x = s^2 * r, as far as square factors are found at once. */
export function squareFactor(x: bigint): [s: bigint, r: bigint] {
  let [s, r] = [1n, x];
  for (let f = 2n; f * f <= r && f < 2_000n; f++)
    while (r % (f * f) === 0n) {
      r /= f * f;
      s *= f;
    }
  const whole = BigInt(Math.round(Math.sqrt(Number(r))));
  return whole > 1n && whole * whole === r ? [s * whole, 1n] : [s, r];
}

/** Digits of what is not exact. */
const DIGITS = 8;

export function decimalText(value: number): string {
  if (value === 0 || Math.abs(value) < 1e-13) return '0';
  const text = Number(value.toPrecision(DIGITS));
  return String(text);
}
