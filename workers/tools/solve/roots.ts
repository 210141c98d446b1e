/** Roots of polynomials in one unknown, exact as far as roots of numbers go. */
import { tooBig } from './fault.ts';
import {
  type Fraction,
  fraction,
  gcd,
  isWhole,
  isZero,
  minus,
  negative,
  over,
  plus,
  rootOf,
  times,
  toNumber,
  ZERO,
} from './fraction.ts';
import { type Root, rationalRoot, squareFactor, surdRoot } from './root.ts';
import { callTerm, minusTerm, multiply, numberTerm, power, type Term, written } from './term.ts';

export interface Roots {
  /** Ascending. */
  readonly real: readonly Root[];
  /** Those of quadratic parts that are not real, as text: `-1 + 2*i`. */
  readonly complex: readonly string[];
}

/** Numbers before the powers of the unknown, that of its 0th power first. */
type Coefficients = readonly Fraction[];

/** @param coefficients at least one of them is not 0 */
export function rootsOf(coefficients: Coefficients): Roots {
  let left = trimmed(coefficients);
  const real: Root[] = [];
  if (isZero(left[0]!)) {
    real.push(rationalRoot(ZERO));
    left = left.slice(left.findIndex((value) => !isZero(value)));
  }
  left = squarefree(left);
  const step = left.reduce((common, value, i) => (isZero(value) ? common : Number(gcd(BigInt(common), BigInt(i)))), 0);
  if (step > 1 && left.length - 1 !== 2) return joined(real, throughPower(left, step));
  if (left.length === 2) return joined(real, { real: [rationalRoot(negative(over(left[0]!, left[1]!)))], complex: [] });
  if (left.length > 3 && !left.map(toNumber).every(Number.isFinite)) throw tooBig();
  for (const value of realValues(left.map(toNumber))) {
    const root = nearRational(left, value);
    if (!root) continue;
    real.push(rationalRoot(root));
    left = divided(left, [negative(root), fraction(1)])[0];
  }
  if (left.length === 3) return joined(real, ofQuadratic(left));
  const numeric = left.length > 3 ? realValues(left.map(toNumber)).map((value): Root => ({ value })) : [];
  return joined(real, { real: numeric, complex: [] });
}

const joined = (real: readonly Root[], more: Roots): Roots => ({
  real: [...real, ...more.real].sort((a, b) => a.value - b.value),
  complex: more.complex,
});

function trimmed(coefficients: Coefficients): Coefficients {
  let end = coefficients.length;
  while (end > 1 && isZero(coefficients[end - 1]!)) end--;
  return coefficients.slice(0, end);
}

/** a*x^2 + b*x + c = 0. */
function ofQuadratic([c, b, a]: Coefficients): Roots {
  const two = fraction(2);
  const p = negative(over(b!, times(two, a!)));
  // (b^2 - 4ac) / 4a^2, whose root is the distance from the middle.
  const square = minus(times(p, p), over(c!, a!));
  const size = square.n < 0n ? negative(square) : square;
  const [s, r] = squareFactor(size.n * size.d);
  const q = fraction(s, size.d);
  if (square.n >= 0n) return { real: [surdRoot({ p, q: negative(q), r }), surdRoot({ p, q, r })], complex: [] };
  const imaginary = (sign: Fraction): Term => {
    const root = r === 1n ? numberTerm(sign) : multiply(numberTerm(sign), callTerm('sqrt', numberTerm(fraction(r))));
    return multiply(root, { is: 'name', name: 'i' });
  };
  const text = (sign: '+' | '-') => {
    const part = written(imaginary(q));
    return isZero(p) ? `${sign === '-' ? '-' : ''}${part}` : `${written(numberTerm(p))} ${sign} ${part}`;
  };
  return { real: [], complex: [text('-'), text('+')] };
}

/** x^4 - 5x^2 + 4 by way of u = x^2. */
function throughPower(coefficients: Coefficients, step: number): Roots {
  const inner = rootsOf(coefficients.filter((_, i) => i % step === 0));
  const real = inner.real.flatMap((root): Root[] => {
    if (root.value === 0) return [root];
    if (step % 2 === 0 && root.value < 0) return [];
    const value = Math.sign(root.value) * Math.abs(root.value) ** (1 / step);
    const exact = powerRoot(root, step, value);
    return step % 2 === 0 ? [negated(exact), exact] : [exact];
  });
  const complex =
    inner.complex.length === 0 && step === 2 ? inner.real.filter(({ value }) => value < 0).flatMap(imaginaryOf) : [];
  return { real: real.sort((a, b) => a.value - b.value), complex };
}

function imaginaryOf({ surd }: Root): string[] {
  if (!surd || !isZero(surd.q)) return [];
  return [...ofQuadratic([negative(surd.p), ZERO, fraction(1)]).complex];
}

function negated(root: Root): Root {
  if (root.surd) return surdRoot({ p: negative(root.surd.p), q: negative(root.surd.q), r: root.surd.r });
  return { value: -root.value, ...(root.term && { term: minusTerm(root.term) }) };
}

/** The real root of this degree, of the sign of what it is taken of. */
function powerRoot(root: Root, degree: number, value: number): Root {
  const { term, surd } = root;
  if (!term) return { value };
  if (surd && isZero(surd.q)) {
    const exact = rootOf(surd.p, degree);
    if (exact) return rationalRoot(exact);
    if (degree === 2) {
      const [s, r] = squareFactor(surd.p.n * surd.p.d);
      return surdRoot({ p: ZERO, q: fraction(s, surd.p.d), r });
    }
  }
  if (degree === 2) return { value, term: callTerm('sqrt', term) };
  const size = root.value < 0 ? minusTerm(term) : term;
  const of = power(size, numberTerm(fraction(1, degree)));
  return { value, term: root.value < 0 ? minusTerm(of) : of };
}

/** Quotient and remainder. */
function divided(a: Coefficients, b: Coefficients): [Coefficients, Coefficients] {
  const rest = [...a];
  const quotient: Fraction[] = [];
  for (let i = a.length - b.length; i >= 0; i--) {
    const factor = over(rest[i + b.length - 1]!, b.at(-1)!);
    quotient[i] = factor;
    for (let j = 0; j < b.length; j++) rest[i + j] = minus(rest[i + j]!, times(factor, b[j]!));
  }
  return [quotient.length ? quotient : [ZERO], trimmed(rest.slice(0, Math.max(1, b.length - 1)))];
}

const derivative = (a: Coefficients): Coefficients => a.slice(1).map((value, i) => times(value, fraction(i + 1)));

/** The same roots, each once. */
function squarefree(a: Coefficients): Coefficients {
  if (a.length < 3) return a;
  let [p, q] = [a, trimmed(derivative(a))];
  while (q.length > 1) [p, q] = [q, monic(divided(p, q)[1])];
  return isZero(q[0]!) && p.length > 1 ? divided(a, p)[0] : a;
}

const monic = (a: Coefficients): Coefficients => {
  const lead = a.at(-1)!;
  return isZero(lead) ? a : a.map((value) => over(value, lead));
};

export function valueAtPoint(coefficients: Coefficients, x: Fraction): Fraction {
  return coefficients.reduceRight((sum, value) => plus(times(sum, x), value), ZERO);
}

/** The rational root near a value: its denominator divides the number before the highest power. */
function nearRational(coefficients: Coefficients, value: number): Fraction | undefined {
  const common = coefficients.reduce((all, { d }) => (all * d) / gcd(all, d), 1n);
  const lead = times(coefficients.at(-1)!, fraction(common));
  if (!isWhole(lead)) return undefined;
  const size = lead.n < 0n ? -lead.n : lead.n;
  for (let factor = 1n; factor <= size && factor <= 2_000n; factor++) {
    if (size % factor !== 0n) continue;
    for (const divisor of [factor, size / factor]) {
      const near = value * Number(divisor);
      if (!Number.isFinite(near) || Math.abs(near) > 2 ** 53) continue;
      const candidate = fraction(BigInt(Math.round(near)), divisor);
      if (isZero(valueAtPoint(coefficients, candidate))) return candidate;
    }
  }
  return undefined;
}

/** All real roots as doubles: between two turning points a polynomial has one at most. */
export function realValues(coefficients: readonly number[]): number[] {
  const at = (x: number) => coefficients.reduceRight((sum, value) => sum * x + value, 0);
  const lead = coefficients.at(-1)!;
  if (coefficients.length < 2) return [];
  if (coefficients.length === 2) return [-coefficients[0]! / lead];
  const bound = 1 + Math.max(...coefficients.slice(0, -1).map((value) => Math.abs(value / lead)));
  const turns = realValues(coefficients.slice(1).map((value, i) => value * (i + 1)));
  const ends = [-bound, ...turns.filter((x) => Math.abs(x) < bound), bound];
  const found: number[] = [];
  for (const [i, right] of ends.slice(1).entries()) {
    let [low, high] = [ends[i]!, right];
    const [a, b] = [at(low), at(high)];
    if (a === 0) found.push(low);
    if (a * b >= 0) continue;
    for (let n = 0; n < 200 && low < high; n++) {
      const middle = (low + high) / 2;
      if (middle <= low || middle >= high) break;
      if (at(middle) * a > 0) low = middle;
      else high = middle;
    }
    found.push(Math.abs(at(low)) < Math.abs(at(high)) ? low : high);
  }
  return [...new Set(found)].filter(Number.isFinite);
}
