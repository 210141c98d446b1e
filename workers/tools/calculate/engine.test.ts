import fc from 'fast-check';
import mathjs from 'mathjs/package.json' with { type: 'json' };
import { describe, expect, test } from 'vitest';
import { calculate } from '../calculate.ts';
import { calculateExpression, type Outcome } from './calculate-expression.ts';
import * as engine from './engine.ts';
import { Fault } from './fault.ts';

/** Where mathjs as it comes calculates otherwise, gives another type, throws an error of its own or takes for ever. */
const rows: [expression: string, result: Outcome][] = [
  // Decimals, not doubles; 64 digits, and what gets lost behind them is no difference.
  ['139.99 + 109.99 == 249.98', true],
  ['0.1 + 0.2 == 0.3', true],
  ['1/3*3', 1],
  ['1/3*3 == 1', true],
  ['sqrt(2)**2 == 2', true],
  ['0.99999999999999 == 1', false],
  ['floor(0.99999999999999)', 0],
  ['floor(1/3*3)', 1],
  ['int(root(1000, 3))', 10],
  ['round(1/3*3*2.5)', 3],
  ['2.5 // (1/2)', 5],
  ['365 % (1/3)', 0],
  ['sin(pi)', 0],
  ['cos(pi/2)', 0],
  ['2^0.5 * 2^0.5', 2],
  ['7^0.5', 2.6457513110646],
  ['1.05**(1/365)', 1.0001336806171],
  ['10**59 % 7', 5],
  ['(10**59 + 1) % 10', 1],
  ['(10**55 - 1) % 10**55 == 10**55 - 1', true],
  // Small numbers keep their order.
  ['6.6e-34**2 > 0', true],
  ['max([1e-70, 2e-70]) > 1.5e-70', true],
  ['min(1e-20, 3e-20) * 1e20', 1],
  // Half away from zero, to tens and hundreds too.
  ['round(0.5)', 1],
  ['round(-0.5)', -1],
  ['round(1.005, 2)', 1.01],
  ['round(1250, -2)', 1300],
  ['round(-1250, -2)', -1300],
  // Signs of remainders.
  ['-7 % -3', -1],
  ['math.fmod(-7, 3)', -1],
  ['-7.5 % 2', 0.5],
  ['pow(7, 100, 10)', 1],
  ['pow(3, 10**12, 1000007)', 273158],
  ['pow(2, 5, -7)', -3],
  ['pow(2, -1, 3)', 0.5],
  // Whole numbers.
  ['factorial(0)', 1],
  ['factorial(170)', 7.257415615308e306],
  ['comb(60, 30)', '118264581564861424'],
  ['comb(3, 5)', 0],
  ['perm(1000, 3)', 997002000],
  ['perm(3, 5)', 0],
  ['gcd(-12)', 12],
  ['gcd(2**100, 6**50)', 1125899906842624],
  ['lcm(range(1, 41))', 5342931457063200],
  ['lcm(6, 0)', 0],
  ['lcm(10**20 + 39, 10**18 + 9)', '100000000000000000939000000000000000351'],
  // Roots and what is 0.
  ['root(-8, 3)', -2],
  ['root(0, 3)', 0],
  ['hypot(0, 0)', 0],
  ['prod([])', 1],
  ['bool(0)', false],
  // Statistics: the mode that comes first, the population's deviation, long lists.
  ['mode([1, 2, 2, 1])', 1],
  ['variance([2.5, 3.25, 5.5])', 2.4375],
  ['var([2.5, 3.25, 5.5])', 1.625],
  ['sum(range(10000))', 49995000],
  ['mean(range(10000))', 4999.5],
  ['median(range(10000))', 4999.5],
  ['std(range(10000))', 2886.7513315144],
  ['sorted(range(10000, 0, -1))[0]', 1],
  ['range(0, 1, 0.25)', [0, 0.25, 0.5, 0.75]],
  ['range(3, 0)', []],
  [`median([${Array(900).fill(5).join()}])`, 5],
  [`mode([${Array(900).fill(5).join()}])`, 5],
];

const refused: [expression: string, code: string, words: RegExp][] = [
  ['(-8)^(1/3)', 'undefined_result', /cbrt/],
  ['sqrt(-4)', 'undefined_result', /real/],
  ['log(-1)', 'undefined_result', /above 0/],
  ['log2(-1)', 'undefined_result', /above 0/],
  ['log(5, 1)', 'undefined_result', /base/],
  ['acos(2)', 'undefined_result', /real/],
  ['root(-8, 2)', 'undefined_result', /odd/],
  ['root(8, 0)', 'division_by_zero', /zero/],
  ['root(0, -3)', 'division_by_zero', /zero/],
  ['mod(5, 0)', 'division_by_zero', /zero/],
  ['range(1, 5, 0)', 'division_by_zero', /zero/],
  ['factorial(-1)', 'bad_expression', /whole number/],
  ['factorial(2.5)', 'bad_expression', /whole number/],
  ['comb(2.5, 1)', 'bad_expression', /whole number/],
  ['gcd(2.5)', 'bad_expression', /whole/],
  ['10^10^10', 'too_large', /smaller/],
  ['factorial(171)', 'too_large', /smaller/],
  ['sinh(2**64)', 'too_large', /smaller/],
  ['lcm(range(1, 200))', 'too_large', /smaller/],
  ['7**100 % 10', 'too_large', /pow\(base, exponent, divisor\)/],
  ['pow(7, 100, 10**40)', 'too_large', /remainder/],
  // Functions of mathjs that are none here.
  ['evaluate("1+1")', 'unknown_name', /no function/],
  ['parse("1+1")', 'unknown_name', /no function/],
  ['compile("1+1")', 'unknown_name', /no function/],
  ['config("x")', 'unknown_name', /no function/],
  ['simplify("x")', 'unknown_name', /no function/],
  ['derivative("x", "x")', 'unknown_name', /no function/],
  ['unit("5 cm")', 'unknown_name', /no function/],
  ['bignumber("1")', 'unknown_name', /no function/],
  ['random()', 'unknown_name', /no function/],
  ['5 cm', 'unknown_name', /"cm"/],
  ['i^2', 'unknown_name', /"i"/],
];

test.each(rows)('%s', (expression, result) => expect(calculateExpression(expression)).toEqual(result));

test.each(refused)('refuses %s', (expression, code, words) => {
  expect(() => calculateExpression(expression)).toThrow(Fault);
  expect(() => calculateExpression(expression)).toThrow(
    expect.objectContaining({ code, message: expect.stringMatching(words) }),
  );
});

test.each([
  'sin(factorial(1000))',
  'cos(10**2000)',
  'tan(-factorial(900))',
  'atan2(10**2000, 1) + sin(10**5000)',
  'hypot([sin(10**3000)])',
])('%s leaves those that come after as they are', (expression) => {
  const rows = ['root(139.99, 139.99)', 'log(2, 1e-70)', 'sin(1)', 'sqrt(2)', '1/3', '2**0.5', '2.5e99999 * 0'];
  const before = rows.map((row) => calculateExpression(row));
  expect(() => calculateExpression(expression)).toThrow(expect.objectContaining({ code: 'too_large' }));
  expect(rows.map((row) => calculateExpression(row))).toEqual(before);
  expect(() => calculateExpression('9e99999 * 9e99999')).toThrow(Fault);
});

describe('any expression', () => {
  const leaf = fc.constantFrom(
    '0',
    '1',
    '2',
    '-8',
    '0.1',
    '1/3',
    '139.99',
    '1e20',
    '1e-70',
    '1e5',
    'pi',
    'True',
    '"7"',
  );
  const one = fc.constantFrom(
    ...['sqrt', 'cbrt', 'exp', 'log', 'log2', 'log10', 'sin', 'tan', 'acos', 'atan', 'sinh', 'tanh', 'floor', 'ceil'],
    ...['int', 'sign', 'round', 'factorial', 'float', 'abs', 'degrees', 'bool', 'len', 'range', '-', 'not '],
  );
  const two = fc.constantFrom('root', 'log', 'atan2', 'round', 'pow', 'mod', 'fmod', 'divmod', 'comb', 'perm', 'range');
  const many = fc.constantFrom(
    'sum',
    'prod',
    'mean',
    'median',
    'mode',
    'std',
    'stdev',
    'max',
    'hypot',
    'gcd',
    'lcm',
    '',
  );
  const sign = fc.constantFrom('+', '-', '*', '/', '//', '%', '**', '<', '==', 'and');
  const { expression } = fc.letrec<{ expression: string }>((tie) => {
    const part = tie('expression');
    return {
      expression: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        leaf,
        fc.tuple(part, sign, part).map(([a, op, b]) => `(${a} ${op} ${b})`),
        fc.tuple(one, part).map(([name, x]) => `${name}(${x})`),
        fc.tuple(two, part, part).map(([name, a, b]) => `${name}(${a}, ${b})`),
        fc.tuple(many, fc.array(part, { maxLength: 4 })).map(([name, x]) => `${name}([${x.join(', ')}])`),
        part.map((x) => `(${x})!`),
        part.map((x) => `(${x})%`),
      ),
    };
  });

  test('gives JSON or a fault with words, never an error of mathjs', () => {
    const isOutcome = (value: unknown): boolean =>
      Array.isArray(value)
        ? value.every(isOutcome)
        : ['string', 'boolean'].includes(typeof value) || Number.isFinite(value);
    fc.assert(
      fc.property(expression, (text) => {
        try {
          expect(isOutcome(calculateExpression(text))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(Fault);
        }
      }),
      { numRuns: 500 },
    );
  });
});

test('nothing of mathjs that reads text, changes it or takes functions leaves the engine', () => {
  const ways = [
    'parse',
    'evaluate',
    'compile',
    'parser',
    'import',
    'create',
    'createUnit',
    'unit',
    'config',
    'factory',
  ];
  const open = Object.entries(engine).filter(
    ([name, value]) => ways.includes(name) || (typeof value === 'object' && 'evaluate' in value),
  );
  expect(open).toEqual([]);
});

test('the tool names the mathjs that is installed', () => {
  expect(calculate.engine).toBe(`mathjs@${mathjs.version.split('.')[0]}`);
});
