import * as math from './engine.ts';
import { type Num, num } from './engine.ts';
import { bad } from './fault.ts';
import {
  EXACT_WHOLE,
  finite,
  floorQuotient,
  isList,
  MOST_ITEMS,
  number,
  power,
  powerRemainder,
  quotient,
  remainder,
  root,
  tooLarge,
  truth,
  undefinedResult,
  type Value,
} from './value.ts';

type Fn = (args: readonly Value[]) => Value;

export const CONSTANTS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['pi', math.pi],
  ['π', math.pi],
  ['tau', math.tau],
  ['τ', math.tau],
  ['e', math.e],
  ['True', true],
  ['true', true],
  ['False', false],
  ['false', false],
  ['None', null],
]);

/** Function of one number. */
const one =
  (of: (x: Num) => unknown): Fn =>
  (args) => {
    if (args.length !== 1) throw bad(`one number is expected here, not ${args.length}`);
    return finite(of(number(args[0])));
  };

/** Function of `least` to `most` numbers. */
const some =
  (least: number, most: number, of: (...x: Num[]) => Value): Fn =>
  (args) => {
    if (args.length < least || args.length > most)
      throw bad(`${least === most ? least : `${least} to ${most}`} numbers are expected here, not ${args.length}`);
    return of(...args.map(number));
  };

/** Function of many numbers, given as a list or one by one. */
const many =
  (of: (x: Num[]) => unknown, least = 1): Fn =>
  (args) => {
    const numbers = listOf(args).map(number);
    if (numbers.length < least) throw bad(`at least ${least} number${least > 1 ? 's are' : ' is'} needed here`);
    return finite(of(numbers));
  };

function listOf(args: readonly Value[]): readonly Value[] {
  return args.length === 1 && isList(args[0]) ? args[0] : args;
}

/** By the numbers' own order: with that of mathjs ten thousand of them take seconds under load. */
const ascending = (numbers: readonly Num[]) => [...numbers].sort((a, b) => a.cmp(b));

/** Not that of mathjs, which compares each number with each where many are equal. */
function median(numbers: readonly Num[]): unknown {
  const middle = (numbers.length - 1) / 2;
  return math.mean(ascending(numbers).slice(Math.floor(middle), Math.ceil(middle) + 1));
}

/** The first of the most frequent, as in Python. */
function mode(numbers: Num[]): Num | undefined {
  const frequent = new Set(math.mode(numbers).map(String));
  return numbers.find((x) => frequent.has(String(x)));
}

/** @throws Fault unless all are whole numbers from 0 to 1,000: for what grows or takes as long as its argument */
function counts(...numbers: readonly Num[]): void {
  for (const x of numbers) {
    if (!x.isInteger() || x.isNegative()) throw bad(`${x} stands where a whole number from 0 on is needed`);
    if (x.gt(1_000)) throw tooLarge();
  }
}

export function factorialOf(x: Num): Num {
  counts(x);
  return finite(math.factorial(x));
}

/** Combinations or permutations: 0 ways to choose more than there are. */
const ways = (of: (n: Num, k: Num) => Num) =>
  some(2, 2, (n, k) => {
    counts(n!, k!);
    return k!.gt(n!) ? num(0) : finite(of(n!, k!));
  });

const comb = ways((n, k) => math.combinations(n, k));
const perm = ways((n, k) => math.permutations(n, k));

function exact(x: Num): Num {
  if (x.e >= EXACT_WHOLE) throw tooLarge();
  if (!x.isInteger()) throw bad('gcd and lcm need whole numbers');
  return x;
}

/** gcd or lcm; on the way to a large lcm its last digits get rounded. */
const ofWhole = (of: (a: Num, b: Num) => Num) =>
  many((numbers) =>
    numbers
      .map(exact)
      .reduce((a, b) => exact(math.round(of(a, b))))
      .abs(),
  );

/** Half away from zero, as people round: Python's round(2.5) is 2 and its round(2.675, 2) 2.67. */
function round(x: Num, places = num(0)): Num {
  if (!places.isInteger() || places.abs().gt(50)) throw bad('round takes up to 50 places');
  if (!places.isNegative()) return finite(math.round(x, places));
  const scale = power(num(10), places.neg());
  return finite(math.multiply(math.round(quotient(x, scale)), scale));
}

const above0 = (of: (x: Num) => Num) => (x: Num) => {
  if (!x.gt(0)) throw undefinedResult('only numbers above 0 have a logarithm');
  return finite(of(x));
};

const ln = above0((x) => math.log(x));

/** Python's log(x) is the natural one; log(x, base) any. */
function log(x: Num, base?: Num): Num {
  if (base?.eq(1)) throw undefinedResult('1 is the base of no logarithm');
  return base ? quotient(ln(x), ln(base)) : ln(x);
}

function toNumber(value: Value | undefined): Num {
  if (typeof value !== 'string') return number(value);
  const text = value
    .trim()
    .replace(/^[$€£]/, '')
    .replace(/,(?=\d{3}(?:\D|$))/g, '');
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?$/.test(text)) throw bad(`${JSON.stringify(value)} is no number`);
  return num(text);
}

function length(value: Value | undefined): Num {
  if (isList(value) || typeof value === 'string') return num(value.length);
  throw bad('len needs a list, as len([1, 2, 3])');
}

function range(from: Num, to?: Num, step = num(1)): Value {
  const [first, end] = to ? [from, to] : [num(0), from];
  if (quotient(end.minus(first), step).gt(MOST_ITEMS)) throw tooLarge();
  return math.range(first, end, step);
}

const radians = (x: Num) => math.divide(math.multiply(x, math.pi), num(180));
const degrees = (x: Num) => math.divide(math.multiply(x, num(180)), math.pi);
/** sinh and its like take time in proportion to their number, and beyond a thousand no double holds what they give. */
const hyperbolic = (of: (x: Num) => Num) =>
  one((x) => {
    if (x.abs().gt(1_000)) throw tooLarge();
    return of(x);
  });
/** Has the sign of its first number, unlike `%`. */
const fmod = (x: Num, y: Num) => finite(math.multiply(math.sign(x), remainder(x.abs(), y.abs())));

const identity: Fn = ([value = null]) => value;
const list: Fn = (args) => listOf(args);

/** By their names without `math.`, `np.` and `statistics.`. Angles are in radians; `sin(30°)` turns degrees into them. */
export const FUNCTIONS: ReadonlyMap<string, Fn> = new Map<string, Fn>(
  Object.entries({
    abs: one(math.abs),
    fabs: one(math.abs),
    sqrt: one(math.sqrt),
    cbrt: one(math.cbrt),
    root: some(2, 2, (x, degree) => root(x!, degree!)),
    exp: one(math.exp),
    log: some(1, 2, (x, base) => log(x!, base)),
    ln: one(ln),
    log2: one(above0((x) => math.log2(x))),
    log10: one(above0((x) => math.log10(x))),
    sin: one(math.sin),
    cos: one(math.cos),
    tan: one(math.tan),
    asin: one(math.asin),
    acos: one(math.acos),
    atan: one(math.atan),
    arcsin: one(math.asin),
    arccos: one(math.acos),
    arctan: one(math.atan),
    atan2: some(2, 2, (y, x) => finite(math.atan2(y!, x!))),
    sinh: hyperbolic((x) => math.sinh(x)),
    cosh: hyperbolic((x) => math.cosh(x)),
    tanh: hyperbolic((x) => math.tanh(x)),
    degrees: one(degrees),
    radians: one(radians),
    hypot: many((x) => math.hypot(x)),
    floor: one(math.floor),
    ceil: one(math.ceil),
    trunc: one(math.fix),
    sign: one(math.sign),
    round: some(1, 2, (x, places) => round(x!, places)),
    int: ([value]: readonly Value[]) => finite(math.fix(toNumber(value))),
    float: ([value]: readonly Value[]) => toNumber(value),
    Decimal: ([value]: readonly Value[]) => toNumber(value),
    Fraction: some(1, 2, (x, y) => (y ? quotient(x!, y) : x!)),
    bool: ([value = null]: readonly Value[]) => truth(value),
    str: identity,
    print: identity,
    len: ([value]: readonly Value[]) => length(value),
    count: ([value]: readonly Value[]) => length(value),
    sum: many((x) => math.sum(x), 0),
    fsum: many((x) => math.sum(x), 0),
    prod: many((x) => (x.length ? math.prod(x) : 1), 0),
    mean: many((x) => math.mean(x)),
    fmean: many((x) => math.mean(x)),
    average: many((x) => math.mean(x)),
    avg: many((x) => math.mean(x)),
    median: many(median),
    mode: many(mode),
    min: many((x) => math.min(x)),
    max: many((x) => math.max(x)),
    // Of the whole population, as in numpy, or (stdev, variance) of a sample of it, as in statistics.
    std: many((x) => math.std(x, 'uncorrected')),
    pstdev: many((x) => math.std(x, 'uncorrected')),
    stdev: many((x) => math.std(x, 'unbiased'), 2),
    var: many((x) => math.variance(x, 'uncorrected')),
    pvariance: many((x) => math.variance(x, 'uncorrected')),
    variance: many((x) => math.variance(x, 'unbiased'), 2),
    sorted: (args: readonly Value[]) => ascending(listOf(args).map(number)),
    list,
    tuple: list,
    array: list,
    range: some(1, 3, (from, to, step) => range(from!, to, step)),
    pow: some(2, 3, (x, y, by) => (by ? powerRemainder(x!, y!, by) : power(x!, y!))),
    power: some(2, 2, (x, y) => power(x!, y!)),
    mod: some(2, 2, (x, y) => remainder(x!, y!)),
    fmod: some(2, 2, (x, y) => fmod(x!, y!)),
    divmod: some(2, 2, (x, y) => [floorQuotient(x!, y!), remainder(x!, y!)]),
    factorial: some(1, 1, (x) => factorialOf(x!)),
    comb,
    nCr: comb,
    C: comb,
    binom: comb,
    perm,
    nPr: perm,
    gcd: ofWhole((a, b) => math.gcd(a, b)),
    lcm: ofWhole((a, b) => math.lcm(a, b)),
  } satisfies Record<string, Fn>),
);
