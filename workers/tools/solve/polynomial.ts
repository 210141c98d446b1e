import { tooBig } from './fault.ts';
import {
  type Fraction,
  fraction,
  gcd,
  isOne,
  isZero,
  negative,
  ONE,
  over,
  plus,
  times,
  toPower,
  ZERO,
} from './fraction.ts';
import { add, divide, multiply, nameTerm, numberTerm, power, type Term } from './term.ts';

/** A product of names: its factors `name:power`, sorted, with a blank between them; `` is 1. */
type Product = string;
/** A sum of products with exact numbers before them; no 0 among these. */
export type Polynomial = ReadonlyMap<Product, Fraction>;

const MOST_TERMS = 300;
const HIGHEST = 100;

const factorsOf = (product: Product): [name: string, power: number][] =>
  product === ''
    ? []
    : product.split(' ').map((factor) => {
        const cut = factor.lastIndexOf(':');
        return [factor.slice(0, cut), Number(factor.slice(cut + 1))];
      });

const productOf = (factors: readonly (readonly [string, number])[]): Product =>
  factors
    .filter(([, exponent]) => exponent !== 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, exponent]) => `${name}:${exponent}`)
    .join(' ');

export const constant = (value: Fraction): Polynomial => new Map(isZero(value) ? [] : [['', value]]);
export const variable = (name: string): Polynomial => new Map([[`${name}:1`, ONE]]);
export const NOTHING: Polynomial = new Map();
export const UNITY: Polynomial = constant(ONE);

function collected(parts: Iterable<readonly [Product, Fraction]>): Polynomial {
  const sum = new Map<Product, Fraction>();
  for (const [product, value] of parts) {
    const total = plus(sum.get(product) ?? ZERO, value);
    if (isZero(total)) sum.delete(product);
    else sum.set(product, total);
    if (sum.size > MOST_TERMS) throw tooBig();
  }
  return sum;
}

export const sumOf = (a: Polynomial, b: Polynomial): Polynomial => collected([...a, ...b]);
export const scaled = (a: Polynomial, by: Fraction): Polynomial =>
  isZero(by) ? NOTHING : new Map([...a].map(([product, value]) => [product, times(value, by)]));
export const differenceOf = (a: Polynomial, b: Polynomial): Polynomial => sumOf(a, scaled(b, negative(ONE)));

export function productOfTwo(a: Polynomial, b: Polynomial): Polynomial {
  if (isUnity(a)) return b;
  if (isUnity(b)) return a;
  const right = [...b].map(([product, value]) => [factorsOf(product), value] as const);
  return collected(
    (function* parts() {
      for (const [product, value] of a) {
        const left = factorsOf(product);
        for (const [factors, other] of right) yield [joined(left, factors), times(value, other)] as const;
      }
    })(),
  );
}

function joined(a: readonly (readonly [string, number])[], b: readonly (readonly [string, number])[]): Product {
  const powers = new Map(a);
  for (const [name, exponent] of b) powers.set(name, (powers.get(name) ?? 0) + exponent);
  if ([...powers.values()].some((exponent) => exponent > HIGHEST)) throw tooBig();
  return productOf([...powers]);
}

/** @param exponent a whole number from 0 on */
export function powerOf(a: Polynomial, exponent: number): Polynomial {
  if (exponent > HIGHEST) throw tooBig();
  let result = UNITY;
  for (let i = 0; i < exponent; i++) result = productOfTwo(result, a);
  return result;
}

export const isUnity = (a: Polynomial): boolean => a.size === 1 && a.has('') && isOne(a.get('')!);

/** The number that it is, if it holds no names. */
export function numberIn(a: Polynomial): Fraction | undefined {
  if (a.size === 0) return ZERO;
  return a.size === 1 ? a.get('') : undefined;
}

export function namesOf(a: Polynomial): string[] {
  const names = new Set<string>();
  for (const product of a.keys()) for (const [name] of factorsOf(product)) names.add(name);
  return [...names];
}

/** What stands before each power of a name: index 0 without it, 1 before the name itself. */
export function coefficientsIn(a: Polynomial, name: string): Polynomial[] {
  const found: [Product, Fraction][][] = [];
  for (const [product, value] of a) {
    const factors = factorsOf(product);
    const exponent = factors.find(([known]) => known === name)?.[1] ?? 0;
    const rest = productOf(factors.filter(([known]) => known !== name));
    found[exponent] = [...(found[exponent] ?? []), [rest, value]];
  }
  return Array.from(found, (parts) => new Map(parts ?? []));
}

export const degreeIn = (a: Polynomial, name: string): number => Math.max(0, coefficientsIn(a, name).length - 1);

/** Highest sum of powers of these names. */
export function degreeOver(a: Polynomial, names: ReadonlySet<string>): number {
  let degree = 0;
  for (const product of a.keys()) {
    const sum = factorsOf(product).reduce((total, [name, exponent]) => total + (names.has(name) ? exponent : 0), 0);
    degree = Math.max(degree, sum);
  }
  return degree;
}

/** The numbers before the powers of the only name in it; undefined where it holds others. */
export function univariate(a: Polynomial, name: string): Fraction[] | undefined {
  const numbers: Fraction[] = [];
  for (const coefficient of coefficientsIn(a, name)) {
    const value = numberIn(coefficient);
    if (!value) return undefined;
    numbers.push(value);
  }
  return numbers;
}

/** With a number in the place of a name. */
export function withValue(a: Polynomial, name: string, value: Fraction): Polynomial {
  return coefficientsIn(a, name).reduceRight(
    (result, coefficient) => sumOf(scaled(result, value), coefficient),
    NOTHING,
  );
}

/** With a number in the place of the square of a name: of sqrt(3), say. */
export function withSquare(a: Polynomial, name: string, square: Fraction): Polynomial {
  return coefficientsIn(a, name).reduce((sum, coefficient, i) => {
    const rest = i % 2 ? productOfTwo(coefficient, variable(name)) : coefficient;
    return sumOf(sum, scaled(rest, toPower(square, Math.floor(i / 2))));
  }, NOTHING);
}

/** With a quotient of polynomials in the place of a name, times the highest power of the divisor that this needs. */
export function withQuotient(a: Polynomial, name: string, top: Polynomial, bottom: Polynomial): Polynomial {
  const coefficients = coefficientsIn(a, name);
  const degree = coefficients.length - 1;
  return coefficients.reduce(
    (sum, coefficient, i) =>
      sumOf(sum, productOfTwo(coefficient, productOfTwo(powerOf(top, i), powerOf(bottom, degree - i)))),
    NOTHING,
  );
}

/** Remainder of a division in one name, times whatever makes it free of fractions. */
export function pseudoRemainder(a: Polynomial, b: Polynomial, name: string): Polynomial {
  const divisor = coefficientsIn(b, name);
  const lead = divisor.at(-1)!;
  let rest = a;
  for (
    let degree = degreeIn(rest, name);
    degree >= divisor.length - 1 && rest.size > 0;
    degree = degreeIn(rest, name)
  ) {
    const top = coefficientsIn(rest, name).at(-1)!;
    const shift: Polynomial = new Map([[productOf([[name, degree - divisor.length + 1]]), ONE]]);
    rest = differenceOf(productOfTwo(rest, lead), productOfTwo(productOfTwo(b, top), shift));
    if (divisor.length === 1) break;
  }
  return rest;
}

/** As a term, highest powers first; `termOf` gives what a name stands for. */
export function termOfPolynomial(a: Polynomial, termOf: (name: string) => Term = nameTerm): Term {
  const degree = (product: Product) => factorsOf(product).reduce((sum, [, exponent]) => sum + exponent, 0);
  const parts = [...a].sort(([p], [q]) => degree(q) - degree(p) || (p < q ? -1 : 1));
  // 6 - 3*x/2 reads better than -3*x/2 + 6.
  const positive = parts.findIndex(([, value]) => value.n > 0n);
  if (positive > 0) parts.unshift(...parts.splice(positive, 1));
  const terms = parts.map(([product, value]) => {
    const constantsFirst = factorsOf(product).sort(([a], [b]) => Number(b === 'pi') - Number(a === 'pi'));
    const names = constantsFirst.map(([name, exponent]) => power(termOf(name), numberTerm(exponent)));
    const whole = names.reduce<Term | undefined>((all, one) => (all ? multiply(all, one) : one), undefined);
    if (!whole) return numberTerm(value);
    const before = numberTerm(fraction(value.n));
    return divide(multiply(before, whole), numberTerm(fraction(value.d)));
  });
  return terms.reduce<Term | undefined>((sum, term) => (sum ? add(sum, term) : term), undefined) ?? numberTerm(ZERO);
}

/** Without what all products of both share: numbers and powers of names; the divisor begins with a positive number. */
export function reduced(top: Polynomial, bottom: Polynomial): [top: Polynomial, bottom: Polynomial] {
  // 0 over 0 shares everything and nothing.
  if (top.size === 0 || bottom.size === 0) return [top, bottom];
  const products = [...top.keys(), ...bottom.keys()].map((product) => new Map(factorsOf(product)));
  const [first = new Map<string, number>()] = products;
  const shared = [...first].map(
    ([name]) => [name, -Math.min(...products.map((powers) => powers.get(name) ?? 0))] as const,
  );
  const numbers = [...top.values(), ...bottom.values()];
  const content = numbers.reduce((all, { n, d }) => fraction(gcd(all.n, n), (all.d * d) / gcd(all.d, d)), fraction(0));
  const [lead] = bottom.values();
  const by = over(ONE, lead && lead.n < 0n ? negative(content) : content);
  const divided = (a: Polynomial): Polynomial =>
    new Map([...a].map(([product, value]) => [joined(factorsOf(product), shared), times(value, by)]));
  return [divided(top), divided(bottom)];
}
