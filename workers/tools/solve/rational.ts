/** Terms as quotients of polynomials; what is no polynomial in them (roots, exponentials, sines) becomes a name. */
import { type Fraction, fraction, isWhole, isZero, negative, ONE, over, rootOf } from './fraction.ts';
import {
  constant,
  degreeIn,
  differenceOf,
  numberIn,
  type Polynomial,
  powerOf,
  productOfTwo,
  reduced,
  scaled,
  sumOf,
  termOfPolynomial,
  UNITY,
  variable,
  withSquare,
} from './polynomial.ts';
import { squareFactor } from './root.ts';
import { CONSTANTS, callTerm, namesIn, nameTerm, numberTerm, power, type Term, written } from './term.ts';

export interface Rational {
  readonly top: Polynomial;
  readonly bottom: Polynomial;
}

/** What the invented names stand for. The same text gets the same name. */
export class Atoms {
  readonly #terms = new Map<string, Term>();
  readonly #names = new Map<string, string>();
  /** What was made of terms before: functions inside of functions are looked at again and again. */
  readonly rationals = new Map<Term, Rational>();
  readonly simple = new Map<Term, Term>();

  nameOf(term: Term): string {
    const text = written(term);
    const known = this.#names.get(text);
    if (known) return known;
    const name = `@${this.#terms.size}`;
    this.#terms.set(name, term);
    this.#names.set(text, name);
    return name;
  }

  /** The square of sqrt(3) is 3. */
  withoutSquares(a: Polynomial): Polynomial {
    let plain = a;
    for (const [name, term] of this.#terms) {
      const [of] = term.is === 'call' && term.name === 'sqrt' ? term.args : [];
      if (of?.is === 'number' && degreeIn(plain, name) > 1) plain = withSquare(plain, name, of.value);
    }
    return plain;
  }

  /** What a name in a polynomial stands for: itself, unless it was invented here. */
  readonly termOf = (name: string): Term => this.#terms.get(name) ?? nameTerm(name);

  /** Whether a name in a polynomial depends on one of the question's. */
  holds(name: string, unknown: string): boolean {
    return name === unknown || namesIn(this.termOf(name)).includes(unknown);
  }

  /** True of names that are numbers: pi, sqrt(2). */
  isConstant(name: string): boolean {
    return CONSTANTS.has(name) || (name.startsWith('@') && namesIn(this.termOf(name)).length === 0);
  }
}

const whole = (top: Polynomial): Rational => ({ top, bottom: UNITY });
const atom = (term: Term, atoms: Atoms): Rational => whole(variable(atoms.nameOf(term)));

/** @throws Fault when it gets too long */
export function rationalOf(term: Term, atoms: Atoms): Rational {
  const known = atoms.rationals.get(term);
  if (known) return known;
  const { top, bottom } = madeRational(term, atoms);
  const found = { top: atoms.withoutSquares(top), bottom: atoms.withoutSquares(bottom) };
  atoms.rationals.set(term, found);
  return found;
}

function madeRational(term: Term, atoms: Atoms): Rational {
  if (term.is === 'number') return whole(constant(term.value));
  if (term.is === 'name') return whole(variable(term.name));
  if (term.is === 'call') return ofCall(term, atoms);
  if (term.sign === '^') return ofPower(term.left, term.right, atoms);
  const [a, b] = [rationalOf(term.left, atoms), rationalOf(term.right, atoms)];
  switch (term.sign) {
    case '*':
      return { top: productOfTwo(a.top, b.top), bottom: productOfTwo(a.bottom, b.bottom) };
    case '/':
      // A divisor of 0 stays one: nothing fulfils such an equation.
      return { top: productOfTwo(a.top, b.bottom), bottom: productOfTwo(a.bottom, b.top) };
    default: {
      const join = term.sign === '+' ? sumOf : differenceOf;
      if (same(a.bottom, b.bottom)) return { top: join(a.top, b.top), bottom: a.bottom };
      const top = join(productOfTwo(a.top, b.bottom), productOfTwo(b.top, a.bottom));
      return { top, bottom: productOfTwo(a.bottom, b.bottom) };
    }
  }
}

const same = (a: Polynomial, b: Polynomial): boolean => differenceOf(a, b).size === 0;

function ofCall(term: Extract<Term, { is: 'call' }>, atoms: Atoms): Rational {
  const [first, second] = term.args;
  if (term.name === 'exp' && first) return ofPower(nameTerm('e'), first, atoms);
  if (term.name === 'sqrt' && first) return ofPower(first, numberTerm(fraction(1, 2)), atoms);
  if (term.name === 'cbrt' && first) return ofPower(first, numberTerm(fraction(1, 3)), atoms);
  if (term.name === 'root' && first && second?.is === 'number' && !isZero(second.value))
    return ofPower(first, numberTerm(over(ONE, second.value)), atoms);
  const value = numberOf(first, atoms);
  if (term.name === 'abs' && value) return whole(constant(value.n < 0n ? negative(value) : value));
  if (term.name === 'factorial' && value && isWhole(value) && value.n >= 0n && value.n <= 170n) {
    let product = 1n;
    for (let i = 2n; i <= value.n; i++) product *= i;
    return whole(constant(fraction(product)));
  }
  return atom(callTerm(term.name, ...term.args.map((arg) => simplified(arg, atoms))), atoms);
}

const numberOf = (term: Term | undefined, atoms: Atoms): Fraction | undefined => {
  if (!term) return undefined;
  const { top, bottom } = rationalOf(term, atoms);
  const [a, b] = [numberIn(top), numberIn(bottom)];
  return a && b && !isZero(b) ? over(a, b) : undefined;
};

/** The same term with its polynomials in one order, so that what is the same is written the same. */
export function simplified(term: Term, atoms: Atoms): Term {
  const known = atoms.simple.get(term);
  if (known) return known;
  const found = madeSimple(term, atoms);
  atoms.simple.set(term, found);
  return found;
}

function madeSimple(term: Term, atoms: Atoms): Term {
  const found = rationalOf(term, atoms);
  const [top, bottom] = reduced(found.top, found.bottom);
  const divisor = numberIn(bottom);
  if (divisor && !isZero(divisor)) {
    const scale = constant(over(ONE, divisor));
    return termOfPolynomial(productOfTwo(top, scale), atoms.termOf);
  }
  return {
    is: 'infix',
    sign: '/',
    left: termOfPolynomial(top, atoms.termOf),
    right: termOfPolynomial(bottom, atoms.termOf),
  };
}

function ofPower(base: Term, exponent: Term, atoms: Atoms): Rational {
  const times = numberOf(exponent, atoms);
  if (times && isWhole(times) && times.n >= -100n && times.n <= 100n) {
    const { top, bottom } = rationalOf(base, atoms);
    const n = Number(times.n);
    return n < 0
      ? { top: powerOf(bottom, -n), bottom: powerOf(top, -n) }
      : { top: powerOf(top, n), bottom: powerOf(bottom, n) };
  }
  if (times) return ofRoot(base, times, atoms);
  return ofExponential(base, exponent, atoms);
}

/** x^(3/2) is the cube of x^(1/2). */
function ofRoot(base: Term, exponent: Fraction, atoms: Atoms): Rational {
  const number = numberOf(base, atoms);
  const degree = Number(exponent.d);
  const root = number && degree <= 64 ? rootOf(number, degree) : undefined;
  const square = number && !root && degree === 2 && number.n > 0n ? squareFactor(number.n * number.d) : undefined;
  if (square && (square[0] > 1n || number!.d > 1n)) {
    // sqrt(8) is 2*sqrt(2), sqrt(1/2) half of sqrt(2).
    const [s, r] = square;
    const part = scaled(variable(atoms.nameOf(callTerm('sqrt', numberTerm(fraction(r))))), fraction(s, number!.d));
    const raised = powerOf(part, Math.abs(Number(exponent.n)));
    return exponent.n < 0n ? { top: UNITY, bottom: raised } : whole(raised);
  }
  const one: Rational = root
    ? whole(constant(root))
    : atom(
        degree === 2
          ? callTerm('sqrt', simplified(base, atoms))
          : power(simplified(base, atoms), numberTerm(fraction(1, exponent.d))),
        atoms,
      );
  const times = Number(exponent.n);
  if (Math.abs(times) > 100) return atom(power(base, numberTerm(exponent)), atoms);
  return times < 0 ? { top: UNITY, bottom: powerOf(one.top, -times) } : whole(powerOf(one.top, times));
}

/** 2^(x+3) is 8 times 2^x, 9^x the square of 3^x, e^(-x) one over e^x. */
function ofExponential(base: Term, exponent: Term, atoms: Atoms): Rational {
  const { top, bottom } = rationalOf(exponent, atoms);
  const divisor = numberIn(bottom);
  const number = numberOf(base, atoms);
  const positive = number ? number.n > 0n : base.is === 'name' && CONSTANTS.has(base.name);
  if (!divisor || isZero(divisor) || !positive) return atom(power(base, simplified(exponent, atoms)), atoms);
  const [bare, raised] = number ? perfectPower(number) : [undefined, 1];
  const root = bare ? numberTerm(bare) : base;
  let result: Rational = whole(UNITY);
  for (const [product, value] of top) {
    const times = over({ n: value.n * BigInt(raised), d: value.d }, divisor);
    const part: Polynomial = new Map([[product, fraction(1, times.d)]]);
    const once =
      product === ''
        ? ofPower(root, numberTerm(fraction(1, times.d)), atoms)
        : atom(power(root, termOfPolynomial(part, atoms.termOf)), atoms);
    const n = Number(times.n);
    if (Math.abs(n) > 100) return atom(power(base, simplified(exponent, atoms)), atoms);
    const [a, b] = [powerOf(once.top, Math.abs(n)), powerOf(once.bottom, Math.abs(n))];
    result =
      n < 0
        ? { top: productOfTwo(result.top, b), bottom: productOfTwo(result.bottom, a) }
        : { top: productOfTwo(result.top, a), bottom: productOfTwo(result.bottom, b) };
  }
  return result;
}

/** 9 is 3 squared, 1/8 is 2 to the -3. */
function perfectPower(value: Fraction): [base: Fraction, exponent: number] {
  if (value.n === 1n && value.d > 1n) {
    const [base, exponent] = perfectPower(fraction(value.d));
    return [base, -exponent];
  }
  for (let degree = 40; degree > 1; degree--) {
    const root = value.n > 1n ? rootOf(value, degree) : undefined;
    if (root) return [root, degree];
  }
  return [value, 1];
}
