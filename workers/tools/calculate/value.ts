import { divide, floor, isNum, mod, multiply, type Num, nthRoot, num, pow } from './engine.ts';
import { bad, Fault } from './fault.ts';

export type Value = Num | boolean | string | null | readonly Value[];

/** Digits up to which a whole number is exact. */
export const EXACT_WHOLE = 60;

/** Items of a list at most. */
export const MOST_ITEMS = 10_000;

export const isList = (value: Value | undefined): value is readonly Value[] => Array.isArray(value);

/** @throws Fault when a value is no number (True and False count as 1 and 0, as in Python) */
export function number(value: Value | undefined): Num {
  if (isNum(value)) return value;
  if (typeof value === 'boolean') return num(Number(value));
  if (isList(value))
    throw bad('a list stands where one number is needed: use sum(...), mean(...), max(...) or an index');
  if (typeof value === 'string') throw bad(`the text ${JSON.stringify(value)} stands where a number is needed`);
  throw bad('a number is missing');
}

export function truth(value: Value): boolean {
  if (isNum(value)) return !value.isZero();
  return typeof value === 'string' || isList(value) ? value.length > 0 : Boolean(value);
}

/**
 * What mathjs found, if it is a number.
 * @throws Fault at NaN, Infinity and anything else
 */
export function finite(result: unknown): Num {
  // Some functions give a plain 0.
  const value = typeof result === 'number' ? num(result) : result;
  if (!isNum(value) || value.isNaN()) throw undefinedResult('this has no real number as its result');
  if (!value.isFinite()) throw tooLarge();
  return value;
}

export const undefinedResult = (message: string): Fault => new Fault('undefined_result', message);

export const tooLarge = (): Fault => new Fault('too_large', 'the numbers become too large: use smaller ones');

export function quotient(a: Num, b: Num): Num {
  return finite(divide(a, divisor(b)));
}

/** Rounds down, as Python does: -7 // 2 is -4. */
export function floorQuotient(a: Num, b: Num): Num {
  return finite(floor(quotient(a, b)));
}

/**
 * Has the sign of the divisor, as in Python: -7 % 3 is 2.
 * @throws Fault where digits that decide it would be lost
 */
export function remainder(a: Num, b: Num): Num {
  if (!a.isZero() && Math.max(a.e, a.e - divisor(b).e) >= EXACT_WHOLE)
    throw new Fault(
      'too_large',
      `a remainder of more than ${EXACT_WHOLE} digits is not exact: use smaller numbers, or pow(base, exponent, divisor)`,
    );
  return finite(mod(a, divisor(b)));
}

function divisor(b: Num): Num {
  if (b.isZero()) throw new Fault('division_by_zero', 'this divides by zero: check which number is the divisor');
  return b;
}

/** @throws Fault when the power has more than 5,000 digits or is not real */
export function power(base: Num, exponent: Num): Num {
  checkPower(base, exponent);
  const result = pow(base, exponent);
  if (isNum(result) && result.isNaN())
    throw undefinedResult('a negative number has no such real root: use cbrt(x) for a cube root');
  return finite(result);
}

/** base ** exponent % divisor, exact for whole numbers since the power itself is never formed. */
export function powerRemainder(base: Num, exponent: Num, by: Num): Num {
  if (![base, exponent, by].every((x) => x.isInteger()) || exponent.isNegative())
    return remainder(power(base, exponent), by);
  const [one, two] = [num(1), num(2)];
  const times = (a: Num, b: Num) => remainder(finite(multiply(a, b)), by);
  let result = remainder(one, by);
  let square = remainder(base, by);
  for (let left = exponent; !left.isZero(); left = floorQuotient(left, two)) {
    if (!remainder(left, two).isZero()) result = times(result, square);
    square = times(square, square);
  }
  return result;
}

/** @throws Fault when there is no such real root, or it has more than 5,000 digits */
export function root(x: Num, degree: Num): Num {
  checkPower(x, quotient(num(1), degree));
  if (x.isNegative() && (!degree.isInteger() || remainder(degree, num(2)).isZero()))
    throw undefinedResult('a negative number has only roots of an odd degree');
  return finite(nthRoot(x, degree));
}

function checkPower(base: Num, exponent: Num): void {
  if (base.isZero() && exponent.isNegative()) divisor(base);
  const size = base.isZero() ? 0 : Math.abs(magnitude(base) * exponent.toNumber());
  if (!(size <= 5_000)) throw tooLarge();
}

/** log10 as a double: that of mathjs takes longer than the power that it would guard. */
function magnitude(value: Num): number {
  const [digits, exponent] = value.abs().toExponential(16).split('e');
  return Number(exponent) + Math.log10(Number(digits));
}
