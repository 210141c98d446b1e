import { describe, expect, test } from 'vitest';
import { calculateExpression, type Outcome } from './calculate-expression.ts';
import { Fault } from './fault.ts';

/** Other ways to write what the other tables hold, and what models copy from pictures. */
const rows: [expression: string, result: Outcome][] = [
  // Python.
  ['830**2', 688900],
  ['10 ** 2', 100],
  ['5**0.5', 2.2360679774998],
  ['27**(1/3)', 3],
  ['0b101 + 0o17', 20],
  ['0xff', 255],
  ['1.5E3', 1500],
  ['np.sum([1, 2])', 3],
  ['np.sqrt(16) + math.pow(2, 3)', 12],
  ['statistics.mean([1, 2, 6])', 3],
  ['print(3 + 4)', 7],
  ['result = (3 + 4)', 7],
  ['5 if 2 > 1 else 0', 5],
  ['5 * -3', -15],
  ['5--3', 8],
  // LaTeX.
  ['\\frac{3}{4} + \\frac{1}{4}', 1],
  ['\\dfrac{1}{2}', 0.5],
  ['\\sqrt{2} \\cdot \\sqrt{8}', 4],
  ['5 \\times 10^{3}', 5000],
  ['\\left( 1 + 2 \\right)^2', 9],
  ['2^{-1}', 0.5],
  ['\\log_{2}(8)', 3],
  ['\\ln(e)', 1],
  ['100 \\div 8', 12.5],
  ['\\$3.50 \\times 2', 7],
  // Signs and words.
  ['½ + ¼', 0.75],
  ['1½ * 2', 3],
  ['10³', 1000],
  ['2√9', 6],
  ['∛27', 3],
  ['|-5| + |3|', 8],
  ['3 · 4', 12],
  ['5 − 3', 2],
  ['2 squared + 2 cubed', 12],
  ['square root of 16', 4],
  ['half of 10', 5],
  ['3/4 of 20', 15],
  ['5 choose 2', 10],
  ['nCr(5, 2)', 10],
  ['nPr(5, 2)', 20],
  ['log_2(8)', 3],
  ['sin(90 degrees)', 1],
  ['cos(60 deg)', 0.5],
  ['17 mod 5', 2],
  ['3-3!', -3],
  ['10!/(3!*7!)', 120],
  // Money, percent, thousands.
  ['$1,299.99 - $300', 999.99],
  ['20% of $50', 10],
  ['5 dollars + 3 dollars', 8],
  ['¥100 * 2', 200],
  ['₹1,00,000 + 1', 100001],
  ['1\u00a0000 + 2', 1002],
  ['15 percent of 80', 12],
  ['100 + 8.25%', 108.25],
  ['1000*(1+5%)', 1050],
  // Exact decimals.
  ['19.99*3', 59.97],
  ['0.07*100', 7],
  ['4.35*100', 435],
  ['1.1 + 2.2', 3.3],
  ['123456789*987654321', '121932631112635269'],
  ['1000*(1+0.05/12)**(12*10)', 1647.0094976903],
  ['1/7', 0.14285714285714],
];

/** What belongs to the other tool, by name. */
const elsewhere: [expression: string, words: RegExp][] = [
  ['x + 2 = 5', /SolveMathEquation solves equations/],
  ['2*x + 3', /SolveMathEquation finds unknowns/],
  ['60 mph * 2', /SolveMathEquation finds unknowns and converts units/],
  ['solve(4 - 4)', /ask SolveMathEquation/],
  ['factor(12)', /ask SolveMathEquation/],
  ['\\int x dx', /SolveMathEquation finds integrals/],
  ['\\begin{cases} 1 \\end{cases}', /SolveMathEquation/],
];

describe('reads', () => {
  test.each(rows)('%s', (expression, result) => expect(calculateExpression(expression)).toEqual(result));
});

test.each(elsewhere)('%s belongs to SolveMathEquation', (expression, words) => {
  expect(() => calculateExpression(expression)).toThrow(Fault);
  expect(() => calculateExpression(expression)).toThrow(words);
});
