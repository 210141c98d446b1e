import { add, divide, multiply, type Num, num, compare as order, pi, subtract, unaryMinus } from './engine.ts';
import { bad, Fault } from './fault.ts';
import { CONSTANTS, FUNCTIONS, factorialOf } from './functions.ts';
import type { Node } from './parse.ts';
import {
  finite,
  floorQuotient,
  isList,
  MOST_ITEMS,
  number,
  power,
  quotient,
  remainder,
  truth,
  type Value,
} from './value.ts';

const PREFIXES = /^(?:math|np|numpy|statistics|cmath|decimal|fractions|builtins)\./;

/**
 * The value of an expression. Only the names in the tables of functions and constants mean anything, so there is
 * nothing that an expression could reach out to.
 * @throws Fault
 */
export function evaluate(node: Node): Value {
  switch (node.is) {
    case 'number':
      return finite(num(node.text));
    case 'string':
      return node.text;
    case 'name':
      return constant(node.name);
    case 'list':
      if (node.items.length > MOST_ITEMS) throw new Fault('too_large', `a list may have ${MOST_ITEMS} items`);
      return node.items.map(evaluate);
    case 'call':
      return call(node.name, node.args.map(evaluate));
    case 'index':
      return item(evaluate(node.of), number(evaluate(node.at)));
    case 'prefix':
      return prefixed(node.sign, evaluate(node.value));
    case 'postfix':
      return postfixed(node.sign, number(evaluate(node.value)));
    case 'infix':
      return infix(node);
    case 'compare':
      return compare(node);
    case 'choice':
      return evaluate(truth(evaluate(node.test)) ? node.yes : node.no);
  }
}

function constant(name: string): Value {
  const value = CONSTANTS.get(name.replace(PREFIXES, ''));
  if (value !== undefined) return value;
  if (FUNCTIONS.has(name.replace(PREFIXES, '')))
    throw bad(`${name} is a function: write its numbers in brackets, as ${name}(4)`);
  throw new Fault(
    'unknown_name',
    `${JSON.stringify(name)} is unknown: write its number instead, and leave units out; SolveMathEquation finds unknowns and converts units`,
  );
}

function call(name: string, args: readonly Value[]): Value {
  const bare = name.replace(PREFIXES, '');
  const fn = FUNCTIONS.get(bare);
  if (fn) return fn(args);
  const known = CONSTANTS.get(bare);
  // 2pi(3) and e(2): a product.
  if (known !== undefined) return finite(multiply(number(known), number(args[0])));
  if (/^(?:solve|diff|derivative|integrate|integral|limit|factor|expand|simplify|roots?|convert)$/i.test(bare))
    throw new Fault('unknown_name', `there is no function ${name} here: ask SolveMathEquation`);
  throw new Fault(
    'unknown_name',
    `there is no function ${JSON.stringify(name)}: use + - * / // % **, or round, sqrt, sum, mean, min, max, abs, log, sin, len and the like`,
  );
}

function item(list: Value, index: Num): Value {
  if (!isList(list)) throw bad('only a list has items: [3, 4, 5][0] is 3');
  const found = index.isInteger() ? list.at(index.toNumber()) : undefined;
  if (found === undefined) throw bad(`a list of ${list.length} has no item ${index}`);
  return found;
}

function prefixed(sign: string, value: Value): Value {
  if (sign === 'not') return !truth(value);
  return sign === '-' ? finite(unaryMinus(number(value))) : number(value);
}

function postfixed(sign: string, value: Num): Value {
  switch (sign) {
    case '!':
      return factorialOf(value);
    case '°':
      return finite(divide(multiply(value, pi), num(180)));
    case '²':
      return power(value, num(2));
    case '³':
      return power(value, num(3));
    default:
      return finite(divide(value, num(100)));
  }
}

function infix(node: Extract<Node, { is: 'infix' }>): Value {
  const { sign } = node;
  const left = evaluate(node.left);
  if (sign === 'and' || sign === '&&') return truth(left) ? evaluate(node.right) : left;
  if (sign === 'or' || sign === '||') return truth(left) ? left : evaluate(node.right);
  const right = evaluate(node.right);
  if (sign === '+' && isList(left) && isList(right)) return joined(left, right);
  if (sign === '+' && typeof left === 'string' && typeof right === 'string') return left + right;
  const a = number(left);
  const b = relative(node, a, number(right));
  switch (sign) {
    case '+':
      return finite(add(a, b));
    case '-':
      return finite(subtract(a, b));
    case '*':
      return finite(multiply(a, b));
    case '/':
      return quotient(a, b);
    case '//':
      return floorQuotient(a, b);
    case '%':
    case 'mod':
      return remainder(a, b);
    default:
      return power(a, b);
  }
}

/** 100 - 10% is 90, as on a pocket calculator: ten percent of the hundred. But 30% - 10% is 20%. */
function relative({ sign, left, right }: Extract<Node, { is: 'infix' }>, a: Num, b: Num): Num {
  const isPercent = (node: Node) => node.is === 'postfix' && node.sign === '%';
  return (sign === '+' || sign === '-') && isPercent(right) && !isPercent(left) ? finite(multiply(a, b)) : b;
}

function joined(left: readonly Value[], right: readonly Value[]): Value {
  if (left.length + right.length > MOST_ITEMS) throw new Fault('too_large', `a list may have ${MOST_ITEMS} items`);
  return [...left, ...right];
}

function compare({ first, rest }: Extract<Node, { is: 'compare' }>): Value {
  let left = evaluate(first);
  return rest.every(({ sign, value }) => {
    const right = evaluate(value);
    const holds = compared(left, sign, right);
    left = right;
    return holds;
  });
}

function compared(left: Value, sign: string, right: Value): boolean {
  if (typeof left === 'string' && typeof right === 'string' && /^[=!<][=>]$/.test(sign))
    return (left === right) === (sign === '==');
  const difference = Number(order(number(left), number(right)));
  switch (sign) {
    case '<':
      return difference < 0;
    case '>':
      return difference > 0;
    case '<=':
      return difference <= 0;
    case '>=':
      return difference >= 0;
    case '==':
      return difference === 0;
    default:
      return difference !== 0;
  }
}
