/** Systems of polynomial equations that are not all linear. */
import { type Fraction, fraction, isZero, negative } from './fraction.ts';
import {
  coefficientsIn,
  degreeIn,
  namesOf,
  numberIn,
  type Polynomial,
  pseudoRemainder,
  scaled,
  univariate,
  withQuotient,
} from './polynomial.ts';
import { type Root, type Surd, surdProduct, surdQuotient, surdRoot, surdSum, surdValue } from './root.ts';
import { realValues, rootsOf } from './roots.ts';

/** Values of all unknowns, that are to be put to the test. */
export type Candidate = ReadonlyMap<string, Root>;

const MOST_CANDIDATES = 64;

/**
 * Takes one unknown after the other out of the equations, until one is left; then puts its values in on the way back.
 * @param equations polynomials that are to be 0, with no names in them but the unknowns
 * @returns candidates, some of which may be wrong; undefined when this way does not end
 */
export function solvePolynomials(
  equations: readonly Polynomial[],
  unknowns: readonly string[],
): Candidate[] | undefined {
  const open = equations.filter(({ size }) => size > 0);
  if (open.some((equation) => isNumberAlone(equation))) return [];
  const [last] = unknowns;
  if (last === undefined) return open.length ? [] : [new Map()];
  if (unknowns.length === 1) {
    const numbers = open.map((equation) => univariate(equation, last));
    const [first] = numbers.sort((a, b) => (a?.length ?? 0) - (b?.length ?? 0));
    return first && rootsOf(first).real.map((root) => new Map([[last, root]]));
  }
  const step = nextStep(open, unknowns);
  if (!step) return undefined;
  const { name, by, others } = step;
  const rest = unknowns.filter((unknown) => unknown !== name);
  const inner = solvePolynomials(others, rest);
  if (!inner) return undefined;
  return inner.slice(0, MOST_CANDIDATES).flatMap((found) => backTo(found, name, [...by, ...open]));
}

const isNumberAlone = (equation: Polynomial): boolean => {
  const value = numberIn(equation);
  return value !== undefined && !isZero(value);
};

/** Which unknown goes next: one that stands in some equation only by itself, else by remainders of two equations. */
function nextStep(
  equations: readonly Polynomial[],
  unknowns: readonly string[],
): { name: string; by: Polynomial[]; others: Polynomial[] } | undefined {
  for (const plain of [true, false])
    for (const name of unknowns)
      for (const equation of equations) {
        const [rest, factor, ...higher] = coefficientsIn(equation, name);
        if (!factor?.size || higher.length > 0 || (plain && numberIn(factor) === undefined)) continue;
        // A factor that may be 0 itself needs the other way.
        if (!plain && equations.length > 2) continue;
        const top = scaled(rest ?? new Map(), fraction(-1));
        const others = equations
          .filter((other) => other !== equation)
          .map((other) => withQuotient(other, name, top, factor));
        return { name, by: [equation], others };
      }
  return byRemainders(equations, unknowns);
}

function byRemainders(equations: readonly Polynomial[], unknowns: readonly string[]) {
  for (const name of [...unknowns].reverse()) {
    const holding = equations
      .filter((equation) => degreeIn(equation, name) > 0)
      .sort((a, b) => degreeIn(a, name) - degreeIn(b, name));
    const [pivot, ...more] = holding;
    if (!pivot || more.length === 0) continue;
    const by: Polynomial[] = [];
    const freed = more.map((equation) => {
      let [a, b] = [equation, pivot];
      while (degreeIn(b, name) > 0) {
        [a, b] = [b, pseudoRemainder(a, b, name)];
        by.push(b);
      }
      void a;
      return b;
    });
    const others = [...freed, ...equations.filter((equation) => !holding.includes(equation))];
    if (others.every(({ size }) => size === 0)) continue;
    return { name, by: by.filter((one) => degreeIn(one, name) > 0), others };
  }
  return undefined;
}

/** Values of one more unknown, from those of the others. */
function backTo(found: Candidate, name: string, equations: readonly Polynomial[]): Candidate[] {
  const sorted = equations
    .filter((equation) => degreeIn(equation, name) > 0)
    .sort((a, b) => degreeIn(a, name) - degreeIn(b, name));
  for (const equation of sorted) {
    const surds = coefficientsIn(equation, name).map((part) => surdOf(part, found));
    const values = surds.every((surd) => surd !== undefined) ? exactValues(surds) : undefined;
    const roots = values ?? numericValues(coefficientsIn(equation, name), found);
    if (roots) return roots.map((root) => new Map([...found, [name, root]]));
  }
  return [];
}

function exactValues(coefficients: readonly Surd[]): Root[] | undefined {
  if (coefficients.every(({ q }) => isZero(q))) {
    const numbers: Fraction[] = coefficients.map(({ p }) => p);
    return numbers.slice(1).every(isZero) ? undefined : [...rootsOf(numbers).real];
  }
  const [c, b, ...higher] = coefficients;
  if (!c || !b || higher.some(({ p, q }) => !isZero(p) || !isZero(q))) return undefined;
  const value = surdQuotient({ p: negative(c.p), q: negative(c.q), r: c.r }, b);
  return value && [surdRoot(value)];
}

function numericValues(coefficients: readonly Polynomial[], found: Candidate): Root[] | undefined {
  const numbers = coefficients.map((part) => numericOf(part, found));
  while (numbers.length > 1 && Math.abs(numbers.at(-1)!) < 1e-12) numbers.pop();
  return numbers.length > 1 && numbers.every(Number.isFinite)
    ? realValues(numbers).map((value) => ({ value }))
    : undefined;
}

/** Horner's way through all names. */
function surdOf(polynomial: Polynomial, found: Candidate): Surd | undefined {
  const [name] = namesOf(polynomial);
  if (name === undefined) return { p: numberIn(polynomial) ?? fraction(0), q: fraction(0), r: 1n };
  const root = found.get(name)?.surd;
  if (!root) return undefined;
  let sum: Surd | undefined = { p: fraction(0), q: fraction(0), r: 1n };
  for (const part of coefficientsIn(polynomial, name).toReversed()) {
    const inner: Surd | undefined = surdOf(part, found);
    const product: Surd | undefined = sum && surdProduct(sum, root);
    sum = inner && product && surdSum(product, inner);
  }
  return sum;
}

function numericOf(polynomial: Polynomial, found: Candidate): number {
  const [name] = namesOf(polynomial);
  if (name === undefined) return Number(numberIn(polynomial)?.n ?? 0n) / Number(numberIn(polynomial)?.d ?? 1n);
  const root = found.get(name);
  const value = root ? (root.surd ? surdValue(root.surd) : root.value) : Number.NaN;
  return coefficientsIn(polynomial, name).reduceRight((sum, part) => sum * value + numericOf(part, found), 0);
}
