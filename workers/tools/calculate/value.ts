import { Decimal } from 'decimal.js';
import { bad, Fault } from './fault.ts';

/** 64 digits: results are shown with 14, so that what gets lost on the way never shows. */
export const Num = Decimal.clone({ precision: 64, rounding: Decimal.ROUND_HALF_UP, maxE: 100_000, minE: -100_000 });
export type Num = Decimal;

export type Value = Num | boolean | string | null | readonly Value[];

/** Items of a list at most. */
export const MOST_ITEMS = 10_000;

export const isList = (value: Value | undefined): value is readonly Value[] => Array.isArray(value);

/** @throws Fault when a value is no number (True and False count as 1 and 0, as in Python) */
export function number(value: Value | undefined): Num {
  if (Decimal.isDecimal(value)) return value;
  if (typeof value === 'boolean') return new Num(Number(value));
  if (isList(value))
    throw bad('a list stands where one number is needed: use sum(...), mean(...), max(...) or an index');
  if (typeof value === 'string') throw bad(`the text ${JSON.stringify(value)} stands where a number is needed`);
  throw bad('a number is missing');
}

export function truth(value: Value): boolean {
  if (Decimal.isDecimal(value)) return !value.isZero();
  return typeof value === 'string' || isList(value) ? value.length > 0 : Boolean(value);
}

/** @throws Fault when a calculation has no number as its result */
export function finite(result: Num): Num {
  if (result.isNaN()) throw new Fault('undefined_result', 'this has no real number as its result');
  if (!result.isFinite()) throw tooLarge();
  return result;
}

export const tooLarge = (): Fault => new Fault('too_large', 'the numbers become too large: use smaller ones');

export function divide(a: Num, b: Num): Num {
  return finite(a.div(divisor(b)));
}

/** Rounds down, as Python does: -7 // 2 is -4. */
export function floorDivide(a: Num, b: Num): Num {
  return divide(a, b).floor();
}

/** Has the sign of the divisor, as in Python: -7 % 3 is 2. */
export function remainder(a: Num, b: Num): Num {
  const rest = finite(a.mod(divisor(b)));
  return rest.isZero() || rest.isNegative() === b.isNegative() ? rest : rest.plus(b);
}

function divisor(b: Num): Num {
  if (b.isZero()) throw new Fault('division_by_zero', 'this divides by zero: check which number is the divisor');
  return b;
}

/** @throws Fault when the power has more than 5,000 digits or is not real */
export function power(base: Num, exponent: Num): Num {
  if (base.isZero() && exponent.isNegative()) return divide(new Num(1), base);
  const size = base.isZero() ? 0 : Math.abs(log10(base) * exponent.toNumber());
  if (!(size <= 5_000)) throw tooLarge();
  const result = base.pow(exponent);
  if (result.isNaN())
    throw new Fault('undefined_result', 'a negative number has no such real root: use cbrt(x) for a cube root');
  return finite(result);
}

function log10(value: Num): number {
  const digits = value.abs().toSignificantDigits(17);
  return digits.e + Math.log10(digits.div(new Num(10).pow(digits.e)).toNumber());
}
