import { toNumber } from './fraction.ts';
import { CONSTANTS, type Term } from './term.ts';

export type Values = ReadonlyMap<string, number>;

const sec = (x: number) => 1 / Math.cos(x);

/** Functions that equations may hold, on doubles; NaN where there is no real value. */
export const FUNCTIONS: ReadonlyMap<string, (...x: number[]) => number> = new Map<string, (...x: number[]) => number>(
  Object.entries({
    sqrt: Math.sqrt,
    cbrt: Math.cbrt,
    root: (x: number, degree: number) =>
      x < 0 && Math.abs(degree % 2) === 1 ? -((-x) ** (1 / degree)) : x ** (1 / degree),
    abs: Math.abs,
    sign: Math.sign,
    exp: Math.exp,
    log: Math.log,
    log10: Math.log10,
    log2: Math.log2,
    logb: (x: number, base: number) => Math.log(x) / Math.log(base),
    sin: Math.sin,
    cos: Math.cos,
    tan: Math.tan,
    sec,
    csc: (x: number) => 1 / Math.sin(x),
    cot: (x: number) => 1 / Math.tan(x),
    asin: Math.asin,
    acos: Math.acos,
    atan: Math.atan,
    sinh: Math.sinh,
    cosh: Math.cosh,
    tanh: Math.tanh,
    asinh: Math.asinh,
    acosh: Math.acosh,
    atanh: Math.atanh,
    erf,
    factorial,
    floor: Math.floor,
    ceil: Math.ceil,
  }),
);

/** The value of a term; NaN where it has none, or a name no value. */
export function valueAt(term: Term, values: Values): number {
  if (term.is === 'number') return toNumber(term.value);
  if (term.is === 'name') return values.get(term.name) ?? CONSTANTS.get(term.name) ?? Number.NaN;
  if (term.is === 'call')
    return FUNCTIONS.get(term.name)?.(...term.args.map((arg) => valueAt(arg, values))) ?? Number.NaN;
  const [a, b] = [valueAt(term.left, values), valueAt(term.right, values)];
  switch (term.sign) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b === 0 ? Number.NaN : a / b;
    default:
      return powerOf(a, b, term.right);
  }
}

/** Odd roots of negative numbers are real: (-8)^(1/3) is -2. */
function powerOf(base: number, exponent: number, written: Term): number {
  if (base < 0 && written.is === 'number' && written.value.d % 2n === 1n && written.value.d > 1n)
    return (written.value.n % 2n === 0n ? 1 : -1) * (-base) ** exponent;
  return base === 0 && exponent <= 0 ? (exponent === 0 ? 1 : Number.NaN) : base ** exponent;
}

function factorial(x: number): number {
  if (!Number.isInteger(x) || x < 0 || x > 170) return Number.NaN;
  let product = 1;
  for (let i = 2; i <= x; i++) product *= i;
  return product;
}

/** Maclaurin's series near 0, a continued fraction beyond: 12 digits. */
function erf(x: number): number {
  const t = Math.abs(x);
  if (t > 6) return Math.sign(x);
  if (t < 2.5) {
    let [part, sum] = [t, t];
    for (let n = 1; n < 80; n++) {
      part *= -(t * t) / n;
      sum += part / (2 * n + 1);
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let k = 60; k >= 1; k--) fraction = k / 2 / (t + fraction);
  return Math.sign(x) * (1 - Math.exp(-t * t) / ((t + fraction) * Math.sqrt(Math.PI)));
}
