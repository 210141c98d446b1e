import { bad, Fault } from './fault.ts';
import {
  divide,
  finite,
  floorDivide,
  isList,
  MOST_ITEMS,
  Num,
  number,
  power,
  remainder,
  tooLarge,
  type Value,
} from './value.ts';

type Fn = (args: readonly Value[]) => Value;

const PI = Num.acos(-1);

export const CONSTANTS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['pi', PI],
  ['π', PI],
  ['tau', PI.times(2)],
  ['τ', PI.times(2)],
  ['e', Num.exp(1)],
  ['True', true],
  ['true', true],
  ['False', false],
  ['false', false],
  ['None', null],
]);

/** Function of one number. */
const one =
  (of: (x: Num) => Num): Fn =>
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
  (of: (x: Num[]) => Value, least = 1): Fn =>
  (args) => {
    const numbers = listOf(args).map(number);
    if (numbers.length < least) throw bad(`at least ${least} number${least > 1 ? 's are' : ' is'} needed here`);
    return of(numbers);
  };

function listOf(args: readonly Value[]): readonly Value[] {
  return args.length === 1 && isList(args[0]) ? args[0] : args;
}

const total = (numbers: readonly Num[]) => finite(numbers.reduce((sum, x) => sum.plus(x), new Num(0)));
const mean = (numbers: readonly Num[]) => divide(total(numbers), new Num(numbers.length));
const ascending = (numbers: readonly Num[]) => [...numbers].sort((a, b) => a.cmp(b));

function median(numbers: readonly Num[]): Num {
  const sorted = ascending(numbers);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : mean(sorted.slice(middle - 1, middle + 1));
}

function mode(numbers: readonly Num[]): Num {
  const counts = new Map<string, number>();
  for (const x of numbers) counts.set(x.toString(), (counts.get(x.toString()) ?? 0) + 1);
  return new Num([...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0]);
}

/** @param lost 0 for the whole population (as numpy), 1 for a sample of it (as statistics.stdev) */
function variance(numbers: readonly Num[], lost: number): Num {
  const middle = mean(numbers);
  return divide(total(numbers.map((x) => x.minus(middle).pow(2))), new Num(numbers.length - lost));
}

function whole(x: Num, most = 10_000): number {
  if (!x.isInteger() || x.isNegative()) throw bad(`${x} stands where a whole number from 0 on is needed`);
  if (x.gt(most)) throw tooLarge();
  return x.toNumber();
}

/** n! / (n - k)! */
function falling(n: number, k: number): Num {
  let product = new Num(1);
  for (let i = 0; i < k; i++) product = product.times(n - i);
  return finite(product);
}

export const factorial = (x: Num): Num => falling(whole(x, 1_000), whole(x, 1_000));

function choose(n: Num, k: Num): Num {
  const [all, some] = [whole(n, 1_000), whole(k, 1_000)];
  return some > all
    ? new Num(0)
    : falling(all, Math.min(some, all - some))
        .div(factorial(new Num(Math.min(some, all - some))))
        .round();
}

function gcd(a: Num, b: Num): Num {
  if (!a.isInteger() || !b.isInteger()) throw bad('gcd and lcm need whole numbers');
  return b.isZero() ? a.abs() : gcd(b, a.mod(b));
}

/** Half away from zero, as people round: Python's round(2.5) is 2 and its round(2.675, 2) 2.67. */
function round(x: Num, places = new Num(0)): Num {
  if (!places.isInteger() || places.abs().gt(50)) throw bad('round takes up to 50 places');
  const scale = new Num(10).pow(places);
  return x.times(scale).round().div(scale);
}

/** Python's log(x) is the natural one; log(x, base) any. */
function log(x: Num, base?: Num): Num {
  if (!x.isPositive() || x.isZero()) throw new Fault('undefined_result', 'only numbers above 0 have a logarithm');
  return finite(base ? x.log(base) : x.ln());
}

function toNumber(value: Value | undefined): Num {
  if (typeof value !== 'string') return number(value);
  const text = value
    .trim()
    .replace(/^[$€£]/, '')
    .replace(/,(?=\d{3}(?:\D|$))/g, '');
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?$/.test(text)) throw bad(`${JSON.stringify(value)} is no number`);
  return new Num(text);
}

function length(value: Value | undefined): Num {
  if (isList(value) || typeof value === 'string') return new Num(value.length);
  throw bad('len needs a list, as len([1, 2, 3])');
}

function range(from: Num, to?: Num, step = new Num(1)): Value {
  const [first, end] = to ? [from, to] : [new Num(0), from];
  const count = divide(end.minus(first), step).ceil();
  if (count.gt(MOST_ITEMS)) throw tooLarge();
  return Array.from({ length: Math.max(0, count.toNumber()) }, (_, i) => first.plus(step.times(i)));
}

const identity: Fn = ([value = null]) => value;
const list: Fn = (args) => listOf(args);

/** By their names without `math.`, `np.` and `statistics.`. Angles are in radians; `sin(30°)` turns degrees into them. */
export const FUNCTIONS: ReadonlyMap<string, Fn> = new Map<string, Fn>(
  Object.entries({
    abs: one((x) => x.abs()),
    fabs: one((x) => x.abs()),
    sqrt: one((x) => x.sqrt()),
    cbrt: one((x) => x.cbrt()),
    root: some(2, 2, (x, n) => power(x!, divide(new Num(1), n!))),
    exp: one((x) => x.exp()),
    log: some(1, 2, (x, base) => log(x!, base)),
    ln: some(1, 1, (x) => log(x!)),
    log2: some(1, 1, (x) => log(x!, new Num(2))),
    log10: some(1, 1, (x) => log(x!, new Num(10))),
    sin: one((x) => x.sin()),
    cos: one((x) => x.cos()),
    tan: one((x) => x.tan()),
    asin: one((x) => x.asin()),
    acos: one((x) => x.acos()),
    atan: one((x) => x.atan()),
    arcsin: one((x) => x.asin()),
    arccos: one((x) => x.acos()),
    arctan: one((x) => x.atan()),
    atan2: some(2, 2, (y, x) => Num.atan2(y!, x!)),
    sinh: one((x) => x.sinh()),
    cosh: one((x) => x.cosh()),
    tanh: one((x) => x.tanh()),
    degrees: one((x) => x.times(180).div(PI)),
    radians: one((x) => x.times(PI).div(180)),
    hypot: many((x) => total(x.map((side) => side.pow(2))).sqrt()),
    floor: one((x) => x.floor()),
    ceil: one((x) => x.ceil()),
    trunc: one((x) => x.trunc()),
    sign: one((x) => new Num(x.isZero() ? 0 : x.s)),
    round: some(1, 2, (x, places) => round(x!, places)),
    int: ([value]: readonly Value[]) => toNumber(value).trunc(),
    float: ([value]: readonly Value[]) => toNumber(value),
    Decimal: ([value]: readonly Value[]) => toNumber(value),
    Fraction: some(1, 2, (x, y) => (y ? divide(x!, y) : x!)),
    bool: ([value = null]: readonly Value[]) => Boolean(value),
    str: identity,
    print: identity,
    len: ([value]: readonly Value[]) => length(value),
    count: ([value]: readonly Value[]) => length(value),
    sum: many(total, 0),
    fsum: many(total, 0),
    prod: many((x) => finite(x.reduce((product, each) => product.times(each), new Num(1))), 0),
    mean: many(mean),
    fmean: many(mean),
    average: many(mean),
    avg: many(mean),
    median: many(median),
    mode: many(mode),
    min: many((x) => Num.min(...x)),
    max: many((x) => Num.max(...x)),
    std: many((x) => variance(x, 0).sqrt()),
    pstdev: many((x) => variance(x, 0).sqrt()),
    stdev: many((x) => variance(x, 1).sqrt(), 2),
    var: many((x) => variance(x, 0)),
    pvariance: many((x) => variance(x, 0)),
    variance: many((x) => variance(x, 1), 2),
    sorted: many((x) => ascending(x), 0),
    list,
    tuple: list,
    array: list,
    range: some(1, 3, (from, to, step) => range(from!, to, step)),
    pow: some(2, 3, (x, y, modulus) => (modulus ? remainder(power(x!, y!), modulus) : power(x!, y!))),
    power: some(2, 2, (x, y) => power(x!, y!)),
    mod: some(2, 2, (x, y) => remainder(x!, y!)),
    fmod: some(2, 2, (x, y) => remainder(x!, y!)),
    divmod: some(2, 2, (x, y) => [floorDivide(x!, y!), remainder(x!, y!)]),
    factorial: some(1, 1, (x) => factorial(x!)),
    comb: some(2, 2, (n, k) => choose(n!, k!)),
    perm: some(2, 2, (n, k) => falling(whole(n!, 1_000), whole(k!, 1_000))),
    gcd: many((x) => x.reduce(gcd)),
    lcm: many((x) => x.reduce((a, b) => (a.isZero() || b.isZero() ? new Num(0) : a.times(b).abs().div(gcd(a, b))))),
  } satisfies Record<string, Fn>),
);
