/** What stands inside a function, when its value is known. */
import { type Fraction, fraction, isWhole, isZero, nearFraction, rootOf, toNumber, toPower } from './fraction.ts';
import {
  add,
  callTerm,
  divide,
  isNumber,
  minusTerm,
  multiply,
  namesIn,
  nameTerm,
  numberTerm,
  power,
  subtract,
  type Term,
} from './term.ts';
import { valueAt } from './value.ts';

/** The name of any whole number, in solutions that repeat. */
export const ANY = 'n';

export interface Inside {
  readonly of: Term;
  readonly is: Term;
  /** It holds a whole number of any value. */
  readonly any?: boolean;
}

const PI = nameTerm('pi');
const valueIn = (term: Term): number => (namesIn(term).length ? Number.NaN : valueAt(term, new Map()));

/**
 * What stands inside of `term`, where that is `value`: one of several, none where it cannot be.
 * @returns undefined when there is no way back
 */
export function inverted(term: Term, value: Term, unknown: string): Inside[] | undefined {
  if (term.is === 'infix' && term.sign === '^') return ofPower(term.left, term.right, value, unknown);
  if (term.is !== 'call') return undefined;
  const [of, second] = term.args as [Term, Term | undefined];
  const known = valueIn(value);
  const one = (is: Term): Inside[] => [{ of, is }];
  switch (term.name) {
    case 'abs':
      if (known < 0) return [];
      return known === 0 ? one(value) : [...one(value), ...one(minusTerm(value))];
    case 'sqrt':
      return known < 0 ? [] : one(power(value, numberTerm(2)));
    case 'log':
      return one(exponential(nameTerm('e'), value));
    case 'log10':
      return one(exponential(numberTerm(10), value));
    case 'log2':
      return one(exponential(numberTerm(2), value));
    case 'logb':
      return ofLogarithm(of, second!, value, unknown);
    case 'sin':
      return periodic(of, value, Math.asin(known), 'asin', (a) => [a, subtract(PI, a)], 2);
    case 'cos':
      return periodic(of, value, Math.acos(known), 'acos', (a) => [a, minusTerm(a)], 2);
    case 'tan':
      return periodic(of, value, Math.atan(known), 'atan', (a) => [a], 1);
    case 'factorial': {
      const from = Array.from({ length: 171 }, (_, n) => n).filter(
        (n) => valueAt(callTerm('factorial', numberTerm(n)), new Map()) === known,
      );
      return from.flatMap((n) => one(numberTerm(n)));
    }
    case 'asin':
    case 'acos':
    case 'atan':
    case 'sinh':
    case 'tanh':
      return one(callTerm(BACK[term.name]!, value));
    default:
      return undefined;
  }
}

const BACK: Readonly<Record<string, string>> = { asin: 'sin', acos: 'cos', atan: 'tan', sinh: 'asinh', tanh: 'atanh' };

/** base^exponent, exact where it is. */
const exponential = (base: Term, exponent: Term): Term => power(base, exponent);

function ofPower(base: Term, exponent: Term, value: Term, unknown: string): Inside[] | undefined {
  const known = valueIn(value);
  if (!namesIn(exponent).includes(unknown)) {
    // Only roots come here: whole powers are part of polynomials.
    if (exponent.is !== 'number' || exponent.value.n !== 1n) return undefined;
    if (exponent.value.d % 2n === 0n && known < 0) return [];
    return [{ of: base, is: power(value, numberTerm(fraction(exponent.value.d))) }];
  }
  if (namesIn(base).includes(unknown)) return undefined;
  if (known <= 0) return [];
  return [{ of: exponent, is: logarithm(value, base) }];
}

/** The logarithm of a value to a base: a whole number or fraction where it is one. */
export function logarithm(value: Term, base: Term): Term {
  if (base.is === 'name' && base.name === 'e') return isNumber(value, 1) ? numberTerm(0) : callTerm('log', value);
  if (value.is === 'number' && base.is === 'number') {
    const near = nearFraction(Math.log(toNumber(value.value)) / Math.log(toNumber(base.value)), 64);
    if (near && isPower(base.value, near, value.value)) return numberTerm(near);
  }
  return divide(callTerm('log', value), callTerm('log', base));
}

function isPower(base: Fraction, exponent: Fraction, value: Fraction): boolean {
  if (Math.abs(Number(exponent.n)) > 500) return false;
  const root = isWhole(exponent) ? base : rootOf(base, Number(exponent.d));
  if (!root || isZero(root)) return false;
  const found = toPower(root, Number(exponent.n));
  return found.n === value.n && found.d === value.d;
}

function ofLogarithm(of: Term, base: Term, value: Term, unknown: string): Inside[] | undefined {
  if (!namesIn(base).includes(unknown)) return [{ of, is: exponential(base, value) }];
  if (namesIn(of).includes(unknown)) return undefined;
  return [{ of: base, is: power(of, divide(numberTerm(1), value)) }];
}

function periodic(
  of: Term,
  value: Term,
  angle: number,
  name: string,
  all: (angle: Term) => Term[],
  turns: number,
): Inside[] {
  // asin of more than 1.
  if (!Number.isNaN(valueIn(value)) && Number.isNaN(angle)) return [];
  const first = angleTerm(angle) ?? callTerm(name, value);
  const turn = multiply(numberTerm(turns), multiply(PI, nameTerm(ANY)));
  const angles = all(first).map((is) => ({ is, value: valueIn(is) }));
  const apart = angles.filter(
    ({ value: a }, i) => !angles.slice(0, i).some(({ value: b }) => Math.abs(((a - b) / Math.PI) % turns || 0) < 1e-9),
  );
  return apart.map(({ is }) => ({ of, is: add(is, turn), any: true }));
}

/** Angles that are a plain part of pi: pi/6 for 0.5235987755982989. */
function angleTerm(angle: number): Term | undefined {
  const part = nearFraction(angle / Math.PI, 12);
  if (!part || Math.abs(toNumber(part) * Math.PI - angle) > 1e-14 * Math.max(1, Math.abs(angle))) return undefined;
  return multiply(numberTerm(part), PI);
}
