import { tooBig } from './fault.ts';

/** An exact number: numerator over denominator, in lowest terms, the denominator above 0. */
export interface Fraction {
  readonly n: bigint;
  readonly d: bigint;
}

/** Bits of a numerator or denominator at most: what is longer nobody reads, and it takes for ever to calculate with. */
const MOST_BITS = 4_096n;
const LIMIT = 1n << MOST_BITS;

export function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

/** @throws Fault when it gets too long; RangeError at a denominator of 0 */
export function fraction(n: bigint | number, d: bigint | number = 1n): Fraction {
  const [top, bottom] = [BigInt(n), BigInt(d)];
  if (bottom === 0n) throw new RangeError('a fraction with denominator 0');
  const common = gcd(top, bottom) * (bottom < 0n ? -1n : 1n);
  const [a, b] = [top / common, bottom / common];
  if (a > LIMIT || a < -LIMIT || b > LIMIT) throw tooBig();
  return { n: a, d: b };
}

export const ZERO = fraction(0);
export const ONE = fraction(1);

export const plus = (a: Fraction, b: Fraction): Fraction => fraction(a.n * b.d + b.n * a.d, a.d * b.d);
export const minus = (a: Fraction, b: Fraction): Fraction => fraction(a.n * b.d - b.n * a.d, a.d * b.d);
export const times = (a: Fraction, b: Fraction): Fraction => fraction(a.n * b.n, a.d * b.d);
export const over = (a: Fraction, b: Fraction): Fraction => fraction(a.n * b.d, a.d * b.n);
export const negative = (a: Fraction): Fraction => ({ n: -a.n, d: a.d });
export const isZero = (a: Fraction): boolean => a.n === 0n;
export const isOne = (a: Fraction): boolean => a.n === 1n && a.d === 1n;
export const isWhole = (a: Fraction): boolean => a.d === 1n;

/** @param exponent a whole number; not negative where `a` is 0 */
export function toPower(a: Fraction, exponent: number): Fraction {
  const [n, d, times] = exponent < 0 ? [a.d, a.n, -exponent] : [a.n, a.d, exponent];
  const bits = Math.max(n.toString(2).length, d.toString(2).length);
  // 1 and -1 have one bit and stay short.
  if (bits > 2 && bits * times > Number(MOST_BITS) + bits) throw tooBig();
  return fraction(n ** BigInt(times), d ** BigInt(times));
}

/** Also where numerator and denominator are each beyond a double. */
export function toNumber({ n, d }: Fraction): number {
  const [top, bottom] = [Number(n), Number(d)];
  if (Number.isFinite(top) && Number.isFinite(bottom)) return top / bottom;
  const shift = BigInt(Math.max(n.toString(2).length, d.toString(2).length) - 1_000);
  return Number(n >> shift) / Number(d >> shift);
}

/** @param text digits as JavaScript writes them: `12`, `0.25`, `1.5e-7` */
export function fractionOf(text: string): Fraction {
  const [, whole = '', , decimals = '', exponent = '0'] = /^(\d*)(\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const power = Number(exponent) - decimals.length;
  if (Math.abs(power) > 1_000) throw tooBig();
  const digits = BigInt(`${whole}${decimals}` || '0');
  return power < 0 ? fraction(digits, 10n ** BigInt(-power)) : fraction(digits * 10n ** BigInt(power));
}

/** The fraction of the smallest denominator that a double may stand for, if there is one. */
export function nearFraction(x: number, mostDenominator = 1_000): Fraction | undefined {
  if (!Number.isFinite(x) || Math.abs(x) > 1e12) return undefined;
  let [n0, d0, n1, d1] = [0, 1, 1, 0];
  for (let rest = x, i = 0; i < 20; i++) {
    const whole = Math.floor(rest);
    [n0, d0, n1, d1] = [n1, d1, whole * n1 + n0, whole * d1 + d0];
    if (d1 > mostDenominator) return undefined;
    if (Math.abs(x - n1 / d1) <= 1e-9 * Math.max(1, Math.abs(x))) return fraction(BigInt(n1), BigInt(d1));
    rest = 1 / (rest - whole);
  }
  return undefined;
}

/** The whole root, where there is one: 3 for 27 and 3. */
export function wholeRoot(x: bigint, degree: number): bigint | undefined {
  if (x < 0n) {
    const root = degree % 2 ? wholeRoot(-x, degree) : undefined;
    return root === undefined ? undefined : -root;
  }
  if (x < 2n) return x;
  let root = BigInt(Math.max(1, Math.round(toNumber({ n: x, d: 1n }) ** (1 / degree)) || 1));
  // Newton's steps, for what a double cannot hold.
  const k = BigInt(degree);
  if (x.toString(2).length > 1_000) root = 1n << BigInt(Math.ceil(x.toString(2).length / degree));
  for (let i = 0; i < 4_200; i++) {
    const next = ((k - 1n) * root + x / root ** (k - 1n)) / k;
    if (next === root || next - root === 1n) break;
    root = next;
  }
  for (const near of [root - 1n, root, root + 1n]) if (near >= 0n && near ** k === x) return near;
  return undefined;
}

export function rootOf(x: Fraction, degree: number): Fraction | undefined {
  const [n, d] = [wholeRoot(x.n, degree), wholeRoot(x.d, degree)];
  return n === undefined || d === undefined ? undefined : fraction(n, d);
}

/** Decimals of a fraction that end, at most `most` of them; else undefined. */
export function endingDecimals(x: Fraction, most = 10): string | undefined {
  for (let places = 0; places <= most; places++) {
    const scaled = x.n * 10n ** BigInt(places);
    if (scaled % x.d !== 0n) continue;
    const digits = String(scaled / x.d < 0n ? -(scaled / x.d) : scaled / x.d).padStart(places + 1, '0');
    const text = places ? `${digits.slice(0, -places)}.${digits.slice(-places)}` : digits;
    return x.n < 0n ? `-${text}` : text;
  }
  return undefined;
}

export const textOf = ({ n, d }: Fraction): string => (d === 1n ? String(n) : `${n}/${d}`);
