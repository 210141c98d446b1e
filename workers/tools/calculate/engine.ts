import type { BigNumber } from 'mathjs';
// One file instead of a thousand modules: a thread is ready in a fraction of the time. Which functions `create` is
// given makes no difference beside that, since importing mathjs itself builds them all.
import mathjs from 'mathjs/lib/browser/math.js';

/** Results are shown with 14 digits, so that what gets lost on the way of 64 never shows. */
const DIGITS = 64;
/** Numbers that differ by less than this part of them differ by what was lost: 1/3*3 is 1 to `==`, floor and the like. */
const LOST = 1e-62;

const math = mathjs.create({
  number: 'BigNumber',
  precision: DIGITS,
  relTol: LOST,
  absTol: 0,
  matrix: 'Array',
  // The root of a negative number is NaN, not complex.
  predictable: true,
});
math.BigNumber.config({ maxE: 100_000, minE: -100_000 });

/**
 * Puts the decimals back in order after one of their errors: they count with more digits on the way and, where they give
 * up in the middle (the sine of a number of a thousand digits), leave it at that, and every later result would be wrong
 * or take seconds.
 */
export function settleDecimals(): void {
  math.BigNumber.config({ precision: DIGITS, rounding: 4 });
  // A whole root ends what an unfinished one began: whether results are checked for their size is kept in a variable.
  num(2).sqrt();
}

/** A decimal number of 64 digits; half rounds away from zero. */
export type Num = BigNumber;

/** The number that digits spell: 12.5, 1e-7, 0x1F. */
export const num = (digits: string | number): Num => math.bignumber(digits);

export const isNum = (value: unknown): value is Num => math.isBigNumber(value);

/**
 * All of mathjs that calculating reaches. Its parser, `import`, `config` and units stay in this file.
 * Functions take and give `Num`, and some a plain 0; NaN and Infinity come back as such: see `finite`.
 */
export const {
  abs,
  acos,
  add,
  asin,
  atan,
  atan2,
  cbrt,
  ceil,
  combinations,
  compare,
  cos,
  cosh,
  divide,
  e,
  exp,
  factorial,
  fix,
  floor,
  gcd,
  hypot,
  lcm,
  log,
  log10,
  log2,
  max,
  mean,
  min,
  mod,
  mode,
  multiply,
  nthRoot,
  permutations,
  pi,
  pow,
  prod,
  range,
  round,
  sign,
  sin,
  sinh,
  sqrt,
  std,
  subtract,
  sum,
  tan,
  tanh,
  tau,
  unaryMinus,
  variance,
} = math;
