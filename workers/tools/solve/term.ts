/** What stands on one side of an equation, as a tree. */
import {
  type Fraction,
  fraction,
  isOne,
  isWhole,
  isZero,
  negative,
  over,
  plus,
  textOf,
  times,
  toPower,
} from './fraction.ts';

export type Sign = '+' | '-' | '*' | '/' | '^';
export type Term =
  | { readonly is: 'number'; readonly value: Fraction }
  | { readonly is: 'name'; readonly name: string }
  | { readonly is: 'call'; readonly name: string; readonly args: readonly Term[] }
  | { readonly is: 'infix'; readonly sign: Sign; readonly left: Term; readonly right: Term };

/** Names that are numbers. */
export const CONSTANTS: ReadonlyMap<string, number> = new Map([
  ['pi', Math.PI],
  ['e', Math.E],
]);

export const numberTerm = (value: Fraction | number): Term => ({
  is: 'number',
  value: typeof value === 'number' ? fraction(value) : value,
});
export const nameTerm = (name: string): Term => ({ is: 'name', name });
export const callTerm = (name: string, ...args: Term[]): Term => ({ is: 'call', name, args });

const numberOf = (term: Term): Fraction | undefined => (term.is === 'number' ? term.value : undefined);

/** A sum, product, ... with what is plain done at once: numbers, 0 and 1. */
export function infixTerm(sign: Sign, left: Term, right: Term): Term {
  const [a, b] = [numberOf(left), numberOf(right)];
  const done = a && b && ofNumbers(sign, a, b);
  if (done) return numberTerm(done);
  switch (sign) {
    case '+':
      if (a && isZero(a)) return right;
      if (b && isZero(b)) return left;
      break;
    case '-':
      if (b && isZero(b)) return left;
      break;
    case '*':
      if ((a && isZero(a)) || (b && isOne(b))) return left;
      if ((b && isZero(b)) || (a && isOne(a))) return right;
      break;
    case '/':
      if (b && isOne(b)) return left;
      break;
    default:
      if (b && isOne(b)) return left;
  }
  return { is: 'infix', sign, left, right };
}

function ofNumbers(sign: Sign, a: Fraction, b: Fraction): Fraction | undefined {
  switch (sign) {
    case '+':
      return plus(a, b);
    case '-':
      return plus(a, negative(b));
    case '*':
      return times(a, b);
    case '/':
      return isZero(b) ? undefined : over(a, b);
    default:
      if (!isWhole(b) || (isZero(a) && b.n <= 0n) || b.n > 1_000n || b.n < -1_000n) return undefined;
      return toPower(a, Number(b.n));
  }
}

export const add = (a: Term, b: Term): Term => infixTerm('+', a, b);
export const subtract = (a: Term, b: Term): Term => infixTerm('-', a, b);
export const multiply = (a: Term, b: Term): Term => infixTerm('*', a, b);
export const divide = (a: Term, b: Term): Term => infixTerm('/', a, b);
export const power = (a: Term, b: Term): Term => infixTerm('^', a, b);
export const minusTerm = (term: Term): Term => multiply(numberTerm(-1), term);
export const isNumber = (term: Term, value: number): boolean =>
  term.is === 'number' && term.value.n === BigInt(value) && term.value.d === 1n;

/** Names of unknowns and parameters in it, in the order in which they are met. */
export function namesIn(...terms: readonly Term[]): string[] {
  const names = new Set<string>();
  const visit = (term: Term): void => {
    if (term.is === 'name' && !CONSTANTS.has(term.name)) names.add(term.name);
    else if (term.is === 'call') term.args.forEach(visit);
    else if (term.is === 'infix') [term.left, term.right].forEach(visit);
  };
  terms.forEach(visit);
  return [...names];
}

export const has = (term: Term, name: string): boolean => namesIn(term).includes(name);

/** How often a name stands in it. */
export function countOf(term: Term, name: string): number {
  if (term.is === 'name') return Number(term.name === name);
  if (term.is === 'call') return term.args.reduce((sum, arg) => sum + countOf(arg, name), 0);
  return term.is === 'infix' ? countOf(term.left, name) + countOf(term.right, name) : 0;
}

/** With terms in the place of names. */
export function replaced(term: Term, by: ReadonlyMap<string, Term>): Term {
  if (term.is === 'name') return by.get(term.name) ?? term;
  if (term.is === 'call') return callTerm(term.name, ...term.args.map((arg) => replaced(arg, by)));
  if (term.is === 'infix') return infixTerm(term.sign, replaced(term.left, by), replaced(term.right, by));
  return term;
}

const BINDING = { '+': 1, '-': 1, '*': 2, '/': 2, '^': 4 };
const NEGATIVE = 1.5;
const ATOM = 5;

/** As it is written: `2*x^2 - sqrt(3)`. */
export const written = (term: Term): string => printed(term).text;

/** As other programs read it: the same, with all that binds in brackets. */
export function bracketed(term: Term): string {
  if (term.is === 'number') return `(${textOf(term.value)})`;
  if (term.is === 'name') return term.name;
  if (term.is === 'call') return `${term.name}(${term.args.map(bracketed).join(',')})`;
  return `(${bracketed(term.left)}${term.sign}${bracketed(term.right)})`;
}

function printed(term: Term): { text: string; binding: number } {
  if (term.is === 'number') {
    const text = textOf(term.value);
    if (term.value.n < 0n) return { text, binding: NEGATIVE };
    return { text, binding: isWhole(term.value) ? ATOM : BINDING['/'] };
  }
  if (term.is === 'name') return { text: term.name, binding: ATOM };
  if (term.is === 'call')
    return { text: `${shownName(term.name)}(${term.args.map(written).join(', ')})`, binding: ATOM };
  return printedInfix(term);
}

function printedInfix({ sign, left, right }: Extract<Term, { is: 'infix' }>): { text: string; binding: number } {
  if (sign === '*' && isNumber(left, -1)) return { text: `-${within(right, BINDING['*'])}`, binding: NEGATIVE };
  const binding = BINDING[sign];
  if (sign === '^') return { text: `${within(left, ATOM)}^${within(right, ATOM)}`, binding };
  if (sign === '*' || sign === '/') {
    const flat = sign === '*' && right.is === 'infix' && right.sign === '*' && !isNumber(right.left, -1);
    const [a, b] = [leading(left, binding), within(right, flat ? binding : binding + 1)];
    return { text: `${a}${sign}${b}`, binding: a.startsWith('-') ? NEGATIVE : binding };
  }
  const second = printed(right);
  if (second.text.startsWith('-') && second.binding >= NEGATIVE)
    return { text: `${written(left)} ${sign === '+' ? '-' : '+'} ${second.text.slice(1)}`, binding };
  return { text: `${written(left)} ${sign} ${sign === '-' ? within(right, binding + 1) : second.text}`, binding };
}

/** A sign in front may stay without brackets at the beginning of a product. */
function leading(term: Term, least: number): string {
  const { text, binding } = printed(term);
  return binding >= least || binding === NEGATIVE ? text : `(${text})`;
}

function within(term: Term, least: number): string {
  const { text, binding } = printed(term);
  return binding >= least ? text : `(${text})`;
}

/** People know the natural logarithm by this name; that of any base is `log(x, base)`. */
const shownName = (name: string): string => (name === 'log' ? 'ln' : name === 'logb' ? 'log' : name);
