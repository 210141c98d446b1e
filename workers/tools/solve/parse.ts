import { unread } from './fault.ts';
import { fractionOf } from './fraction.ts';
import {
  add,
  callTerm,
  divide,
  minusTerm,
  multiply,
  nameTerm,
  numberTerm,
  power,
  subtract,
  type Term,
} from './term.ts';
import { functionOf, isFunction, type Token } from './tokens.ts';
import { FUNCTIONS } from './value.ts';

export type Relation = '=' | '<' | '>' | '<=' | '>=' | '!=';

/** `1 < x <= 9` has three sides and two relations; an expression has one side and none. */
export interface Statement {
  readonly sides: readonly Term[];
  readonly relations: readonly Relation[];
}

const SUM = 10;
const PRODUCT = 20;
const SIGNED = 25;
const POWER = 30;
const DEEPEST = 60;
const END: Token = { kind: 'end', text: '', spaced: false };

/**
 * Reads tokens as one statement. Products need no sign: `2x(x+1)`; functions of one thing no brackets: `sin 2x`.
 * @throws Fault that says where it cannot go on
 */
export function parse(tokens: readonly Token[]): Statement {
  let at = 0;
  let depth = 0;
  let bars = 0;
  const peek = (ahead = 0): Token => tokens[at + ahead] ?? END;
  const isNext = (text: string): boolean => peek().text === text;
  const place = (): string => (peek().kind === 'end' ? 'at the end' : `before ${JSON.stringify(peek().text)}`);

  function expect(text: string): void {
    if (!isNext(text)) throw unread(`${JSON.stringify(text)} is missing ${place()}`);
    at++;
  }

  function term(floor: number): Term {
    if (++depth > DEEPEST) throw unread('the equation is nested too deeply: write it simpler');
    let left = first();
    for (let next = following(left, floor); next; next = following(left, floor)) left = next;
    depth--;
    return left;
  }

  function first(): Term {
    const token = peek();
    at++;
    if (token.kind === 'number') return numberTerm(fractionOf(token.text));
    if (token.kind === 'name') return named(token.text);
    switch (token.text) {
      case '-':
        return minusTerm(term(SIGNED));
      case '+':
        return term(SIGNED);
      case '(': {
        const open = bars;
        bars = 0;
        const inside = term(0);
        bars = open;
        expect(')');
        return inside;
      }
      case '|': {
        bars++;
        const inside = term(0);
        bars--;
        expect('|');
        return callTerm('abs', inside);
      }
    }
    at--;
    throw unread(token.kind === 'end' ? 'the equation ends too early' : `a number or name is missing ${place()}`);
  }

  function named(name: string): Term {
    const based = /^log_?(\w+)$/.exec(name);
    if (based && !FUNCTIONS.has(name)) return callTerm('logb', argument(), baseOf(based[1]!));
    if (!isFunction(name)) return nameTerm(name);
    const fn = functionOf(name);
    // sin^2 x is the square of the sine; sin^-1 its inverse.
    if (isNext('^') && (fn.length === 3 || fn === 'log')) {
      at++;
      const exponent = term(POWER);
      const inverse = exponent.is === 'number' && exponent.value.n === -1n && FUNCTIONS.has(`a${fn}`);
      return inverse ? called(`a${fn}`) : power(called(fn), exponent);
    }
    return called(fn);
  }

  function called(fn: string): Term {
    if (!isNext('(')) return callTerm(fn, argument());
    const args = items();
    const wanted = fn === 'log' ? [1, 2] : fn === 'root' || fn === 'logb' ? [2] : [1];
    if (!wanted.includes(args.length))
      throw unread(`${fn} takes ${wanted.join(' or ')} argument${wanted.at(-1) === 1 ? '' : 's'}`);
    return callTerm(args.length === 2 && fn === 'log' ? 'logb' : fn, ...args);
  }

  function items(): Term[] {
    expect('(');
    const open = bars;
    bars = 0;
    const found = [term(0)];
    while (isNext(',')) {
      at++;
      found.push(term(0));
    }
    bars = open;
    expect(')');
    return found;
  }

  /** What a function without brackets is of: sin 2x, log_2 x^3, sqrt 16. */
  function argument(): Term {
    if (isNext('(')) return items()[0]!;
    let of = term(SIGNED);
    while (peek().kind === 'name' && !isFunction(peek().text)) of = multiply(of, term(SIGNED));
    return of;
  }

  const baseOf = (text: string): Term => (/^\d+$/.test(text) ? numberTerm(fractionOf(text)) : nameTerm(text));

  function following(left: Term, floor: number): Term | undefined {
    const { kind, text } = peek();
    if (kind === 'end' || kind === 'relation') return undefined;
    if (kind === 'name' || kind === 'number' || text === '(' || (text === '|' && !bars)) {
      if (kind === 'number' && tokens[at - 1]?.kind === 'number')
        throw unread(`an operator is missing before ${JSON.stringify(text)}`);
      return PRODUCT > floor ? multiply(left, term(PRODUCT)) : undefined;
    }
    const binary = (binding: number, make: (a: Term, b: Term) => Term, right = binding): Term | undefined => {
      if (binding <= floor) return undefined;
      at++;
      return make(left, term(right));
    };
    switch (text) {
      case '+':
        return binary(SUM, add);
      case '-':
        return binary(SUM, subtract);
      case '*':
        return binary(PRODUCT, multiply);
      case '/':
        return binary(PRODUCT, divide);
      case '^':
        return binary(POWER, power, POWER - 1);
      case '!':
      case '%':
      case '°':
        at++;
        return postfix(text, left);
      default:
        return undefined;
    }
  }

  const sides = [term(0)];
  const relations: Relation[] = [];
  while (peek().kind === 'relation') {
    relations.push(peek().text as Relation);
    at++;
    sides.push(term(0));
  }
  if (peek().kind !== 'end') throw unread(`${JSON.stringify(peek().text)} is not expected here`);
  return { sides, relations };
}

function postfix(sign: string, term: Term): Term {
  if (sign === '!') return callTerm('factorial', term);
  if (sign === '%') return divide(term, numberTerm(100));
  return divide(multiply(term, nameTerm('pi')), numberTerm(180));
}
