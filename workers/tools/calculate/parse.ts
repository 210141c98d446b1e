import { bad, type Fault } from './fault.ts';
import { startsValue, type Token } from './tokens.ts';

export type Node =
  | { readonly is: 'number'; readonly text: string }
  | { readonly is: 'string'; readonly text: string }
  | { readonly is: 'name'; readonly name: string }
  | { readonly is: 'list'; readonly items: readonly Node[] }
  | { readonly is: 'call'; readonly name: string; readonly args: readonly Node[] }
  | { readonly is: 'index'; readonly of: Node; readonly at: Node }
  | { readonly is: 'prefix'; readonly sign: string; readonly value: Node }
  | { readonly is: 'postfix'; readonly sign: string; readonly value: Node }
  | { readonly is: 'infix'; readonly sign: string; readonly left: Node; readonly right: Node }
  | { readonly is: 'compare'; readonly first: Node; readonly rest: readonly { sign: string; value: Node }[] }
  | { readonly is: 'choice'; readonly test: Node; readonly yes: Node; readonly no: Node };

/** How tightly signs bind, as in Python: a sign before a value binds looser than a power, tighter than a product. */
const BINDING = new Map(
  Object.entries({
    if: 1,
    or: 2,
    '||': 2,
    and: 3,
    '&&': 3,
    '<': 5,
    '>': 5,
    '<=': 5,
    '>=': 5,
    '==': 5,
    '!=': 5,
    '<>': 5,
    '+': 10,
    '-': 10,
    '*': 20,
    '/': 20,
    '//': 20,
    mod: 20,
    '^': 30,
    '**': 30,
  }),
);
const NOT = 4;
const COMPARE = 5;
const TIMES = 20;
const SIGNED = 25;
const POWER = 30;
const POSTFIX = 40;
const DEEPEST = 100;

/**
 * Reads tokens as an expression: Python's grammar for arithmetic, comparison, lists, calls and `a if b else c`, and
 * what people write beside it: `2(3+4)`, `5!`, `15%`, `15% of 200`, `x²`.
 * @throws Fault that says where it cannot go on
 */
export function parse(tokens: readonly Token[]): Node {
  const end: Token = { kind: 'end', text: '', before: false, after: false };
  let at = 0;
  let depth = 0;
  const peek = (ahead = 0) => tokens[at + ahead] ?? end;
  const isNext = (text: string) => peek().text === text && peek().kind !== 'string';

  function expect(text: string): void {
    if (!isNext(text)) throw bad(`${JSON.stringify(text)} is missing ${place()}`);
    at++;
  }

  const place = () => (peek().kind === 'end' ? 'at the end' : `before ${JSON.stringify(peek().text)}`);

  function expression(floor: number): Node {
    if (++depth > DEEPEST) throw bad('the expression is nested too deeply: calculate it in parts');
    let left = prefix();
    for (let next = infix(left, floor); next; next = infix(left, floor)) left = next;
    depth--;
    return left;
  }

  function prefix(): Node {
    const token = peek();
    at++;
    if (token.kind === 'number') return { is: 'number', text: token.text };
    if (token.kind === 'string') return { is: 'string', text: token.text };
    if (token.kind === 'name') return named(token);
    if (token.text === '-' || token.text === '+') return { is: 'prefix', sign: token.text, value: expression(SIGNED) };
    if (token.text === '√') return { is: 'call', name: 'sqrt', args: [expression(POWER)] };
    if (token.text === '[') return { is: 'list', items: items(']') };
    if (token.text === '(') {
      const inside = items(')');
      return inside.length === 1 && inside[0] ? inside[0] : { is: 'list', items: inside };
    }
    at--;
    throw bad(token.kind === 'end' ? 'the expression ends too early' : `a number is missing ${place()}`);
  }

  function named(token: Token): Node {
    if (token.text === 'not') return { is: 'prefix', sign: 'not', value: expression(NOT) };
    if (token.text === 'for' || token.text === 'lambda')
      throw bad(`"${token.text}" is not understood: write the numbers out, as sum([1*2, 3*4])`);
    if (!isNext('(')) return { is: 'name', name: token.text };
    at++;
    return { is: 'call', name: token.text, args: items(')') };
  }

  function items(close: string): Node[] {
    const found: Node[] = [];
    while (!isNext(close)) {
      found.push(expression(0));
      if (isNext('for')) throw bad('"for" is not understood: write the numbers out, as sum([1*2, 3*4])');
      if (isNext('=')) throw bad('named arguments are not understood: write only the value');
      if (!isNext(close)) expect(peek().kind === 'end' ? close : ',');
    }
    at++;
    return found;
  }

  /** What follows a value, if it binds tighter than `floor`. */
  function infix(left: Node, floor: number): Node | undefined {
    const token = peek();
    const sign = token.text;
    if (token.kind === 'string') return undefined;
    if (sign === '%') return percent(left, floor);
    if (/^[!°²³[]$/.test(sign)) return POSTFIX > floor ? postfix(left, sign) : undefined;
    const binding = BINDING.get(sign);
    if (binding === undefined) return together(left, floor);
    if (binding <= floor) return undefined;
    at++;
    if (sign === 'if') {
      const test = expression(1);
      expect('else');
      return { is: 'choice', test, yes: left, no: expression(0) };
    }
    if (binding === COMPARE) return compare(left, sign);
    // A power groups from the right, and may have a sign before its exponent: 2**-1.
    return { is: 'infix', sign, left, right: expression(binding === POWER ? SIGNED - 1 : binding) };
  }

  function postfix(left: Node, sign: string): Node {
    at++;
    if (sign !== '[') return { is: 'postfix', sign, value: left };
    const index = expression(0);
    expect(']');
    return { is: 'index', of: left, at: index };
  }

  /** `7 % 3` is a remainder, `15%` a hundredth part: it depends on whether a value follows. */
  function percent(left: Node, floor: number): Node | undefined {
    const [token, next] = [peek(), peek(1)];
    const signed = next.text === '-' || next.text === '+';
    const remainder = signed ? token.before && !next.after : startsValue(next);
    if ((remainder ? TIMES : POSTFIX) <= floor) return undefined;
    at++;
    if (!remainder) return { is: 'postfix', sign: '%', value: left };
    return { is: 'infix', sign: '%', left, right: expression(TIMES) };
  }

  function compare(first: Node, sign: string): Node {
    const rest = [{ sign, value: expression(COMPARE) }];
    while (BINDING.get(peek().text) === COMPARE && peek().kind === 'sign') {
      const next = peek().text;
      at++;
      rest.push({ sign: next, value: expression(COMPARE) });
    }
    return { is: 'compare', first, rest };
  }

  /** `2(3+4)`, `(1)(2)`, `2pi`: a product without a sign. Two numbers side by side are a slip, not a product. */
  function together(left: Node, floor: number): Node | undefined {
    const token = peek();
    const product = isNext('(') || isNext('√') || (token.kind === 'name' && startsValue(token) && left.is === 'number');
    if (!product || TIMES <= floor) return undefined;
    return { is: 'infix', sign: '*', left, right: expression(TIMES) };
  }

  const parts = [expression(0)];
  while (isNext(',')) {
    at++;
    if (peek().kind !== 'end') parts.push(expression(0));
  }
  if (isNext('='))
    throw bad(
      'only one side is calculated: give the expression without "=", or compare with "=="; SolveMathEquation solves equations',
    );
  if (peek().kind !== 'end') throw withoutOperator(tokens[at - 1], peek());
  return parts.length === 1 && parts[0] ? parts[0] : { is: 'list', items: parts };
}

function withoutOperator(left: Token | undefined, right: Token): Fault {
  if (left?.kind === 'name')
    return bad(`"${left.text} ${right.text}" has no operator: write ${left.text}(${right.text}) for a function`);
  return bad(`an operator is missing before ${JSON.stringify(right.text)}`);
}
