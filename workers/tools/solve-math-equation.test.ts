import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { calculateExpression } from './calculate/calculate-expression.ts';
import { executeTool, findTool } from './registry.ts';
import { closeNerdamer } from './solve/nerdamer.ts';
import { solveMathEquation } from './solve-math-equation.ts';
import type { ToolContext } from './tool.ts';

const context = (signal = new AbortController().signal): ToolContext => ({
  signal,
  image: () => Promise.reject(new Error('there are no images')),
  ask: () => Promise.reject(new Error('nobody to ask')),
  keepImage: () => Promise.reject(new Error('nothing to keep')),
});
const solve = (query: string, signal?: AbortSignal) =>
  executeTool(findTool('SolveMathEquation'), { query }, context(signal));

async function resultOf(query: string): Promise<unknown> {
  const outcome = await solve(query);
  return outcome.ok ? outcome.result.result : outcome.error;
}

beforeAll(() => solveMathEquation.warmUp!(), 60_000);
afterAll(() => closeNerdamer());

const rows: [query: string, result: string | RegExp][] = [
  // Free text, as models write it.
  ['x-2^3=0, what is x?', 'x = 8'],
  ['5 + a = 7', 'a = 2'],
  ['1000*(1+r)^2 = 1210', 'r = -21/10 = -2.1 or r = 1/10 = 0.1'],
  ['What is the value of x if 2x + 3 = 11?', 'x = 4'],
  ['If 3x = 12, find x', 'x = 4'],
  ['solve for y: 3x + 2y = 12', 'y = 6 - 3*x/2'],
  ['x: x^2+2x+1=0', 'x = -1'],
  ['A number x plus 5 equals 12. Find x.', 'x = 7'],
  ['The sum of x and y is 10. x - y = 2.', 'x = 6, y = 4'],
  ['three times x is 12', 'x = 4'],
  ['x is a positive number with x^2 = 49', 'x = 7'],
  ['3 apples + x = 7 apples', 'x = 4'],
  ['price * 3 = 12', 'price = 4'],
  ['20% of x = 30', 'x = 150'],
  ['50 + 25% * x = 60', 'x = 40'],
  ['$1,200 + 3x = $1,500', 'x = 100'],
  ['x + 5 cm = 12 cm', 'x = 7'],
  // LaTeX, Python and other signs.
  ['\\frac{x}{2} + 3 \\cdot 2 = 10', 'x = 8'],
  ['$\\sqrt{x+3} = 5$', 'x = 22'],
  ['x**2 - 5*x + 6 == 0', 'x = 2 or x = 3'],
  ['solve(Eq(2*x, 6), x)', 'x = 3'],
  ['solve([x + y - 3, x - y - 1], [x, y])', 'x = 2, y = 1'],
  ['x² − 5x + 6 = 0', 'x = 2 or x = 3'],
  ['6 ÷ x × 2 = 4', 'x = 3'],
  ['√x = 3', 'x = 9'],
  ['0,5x = 2,5', 'x = 5'],
  ['2(x+3)=4x', 'x = 3'],
  // One unknown.
  ['3x = 1', 'x = 1/3 ≈ 0.33333333'],
  ['0.5x + 1.2 = 3', 'x = 3.6'],
  ['x^2 = 2', 'x = -sqrt(2) ≈ -1.4142136 or x = sqrt(2) ≈ 1.4142136'],
  ['x^2 - x - 1 = 0', /^x = \(1 - sqrt\(5\)\)\/2 ≈ -0\.61803399 or x = \(1 \+ sqrt\(5\)\)\/2 ≈ 1\.618034$/],
  ['x^2 + 2*sqrt(3)*x + 3 = 0', 'x = -sqrt(3) ≈ -1.7320508'],
  ['x^2 = 8', 'x = -2*sqrt(2) ≈ -2.8284271 or x = 2*sqrt(2) ≈ 2.8284271'],
  ['x^2 + 2x + 5 = 0', 'no real solution; complex: x = -1 - 2*i or x = -1 + 2*i'],
  ['x^3 - 6x^2 + 11x - 6 = 0', 'x = 1 or x = 2 or x = 3'],
  ['x^4 - 5x^2 + 4 = 0', 'x = -2 or x = -1 or x = 1 or x = 2'],
  ['x^3 = 2', 'x = 2^(1/3) ≈ 1.259921'],
  ['x^5 - x - 1 = 0', 'x ≈ 1.167304'],
  ['1/x + 1/(x+1) = 3/2', 'x = -2/3 ≈ -0.66666667 or x = 1'],
  ['x/(x-1) = 1/(x-1)', 'no solution'],
  ['|2x - 1| = 7', 'x = -3 or x = 4'],
  ['sqrt(x) = -1', 'no solution'],
  ['sqrt(x) + x = 6', 'x = 4'],
  ['x = x + 1', 'no solution'],
  ['2(x+1) = 2x + 2', /^true for all real x/],
  ['ln(x) = 2', 'x = e^2 ≈ 7.3890561'],
  ['2^x = 32', 'x = 5'],
  ['9^x - 4*3^x + 3 = 0', 'x = 0 or x = 1'],
  ['e^(2x) - 3e^x + 2 = 0', 'x = 0 or x = ln(2) ≈ 0.69314718'],
  ['5^x = 20', 'x = ln(20)/ln(5) ≈ 1.8613531'],
  ['log10(x) + log10(x-3) = 1', 'x = 5'],
  ['log_2(x) = 5', 'x = 32'],
  ['sin(x) = 0.5', /pi\/6 or x = .*5\*pi\/6, for any whole number n; from 0 to 2\*pi: x ≈ 0\.52359878, 2\.6179939$/],
  ['sin(x) = 0.5, 0 < x < 1', /^x ≈ 0\.52359878 \(/],
  ['cos(x) = 2', 'no solution'],
  ['cos(x) = x', 'x ≈ 0.73908513'],
  ['e^x = x + 2', 'x ≈ -1.8414057 or x ≈ 1.1461932'],
  ['x^2 = 16, x > 0', 'x = 4'],
  ['find all integer solutions of x^2 = 10', /^no such solution/],
  // Parameters.
  ['ax = b, solve for x', 'x = b/a'],
  ['v = u + at, solve for t', 't = (v - u)/a'],
  ['A = pi r^2, solve for r', 'r = -sqrt(A/pi) or r = sqrt(A/pi)'],
  ['a x^2 + b x + c = 0, solve for x', /^x = \(-b - sqrt\(b\^2 - 4\*a\*c\)\)\/\(2\*a\) or x = /],
  // Systems.
  ['x^2+y^2=25, x-y=1', '(x = -3, y = -4) or (x = 4, y = 3)'],
  ['2x + y = 5 and x - y = 1', 'x = 2, y = 1'],
  ['x + y + z = 6; 2x - y + z = 3; x + 2y - z = 2', 'x = 1, y = 2, z = 3'],
  ['\\begin{cases} x + y = 3 \\\\ x - y = 1 \\end{cases}', 'x = 2, y = 1'],
  ['x + y = 10\nxy = 21', '(x = 7, y = 3) or (x = 3, y = 7)'],
  ['x^2+y^2=25, x^2-y^2=7', /^\(x = -4, y = -3\) or .* or \(x = 4, y = 3\)$/],
  ['x^2 + y^2 = 10, y = x + 1', /sqrt\(19\)\)\/2/],
  ['y = e^x, y = 2', 'x = ln(2) ≈ 0.69314718, y = 2'],
  ['v = u + a*t, u = 5, a = 2, t = 3, find v', /^v = 11, /],
  ['x + y = 2, 2x + 2y = 4', 'infinitely many solutions: x = 2 - y, for any y'],
  ['x + y = 2, x + y = 3', 'no solution (the equations contradict each other)'],
  ['x^2 + y^2 = -1, x = y', 'no real solution'],
  // Inequalities.
  ['2x+3 > 7', 'x > 2; as intervals: (2, inf)'],
  ['-2x > 6', 'x < -3; as intervals: (-inf, -3)'],
  ['1 < 2x+3 <= 9', '-1 < x <= 3; as intervals: (-1, 3]'],
  ['x^2 - 4 >= 0', 'x <= -2 or x >= 2; as intervals: (-inf, -2] U [2, inf)'],
  ['x^2 - 2x - 1 <= 0', /^1 - sqrt\(2\) <= x <= 1 \+ sqrt\(2\);/],
  ['1/x < 2', 'x < 0 or x > 1/2; as intervals: (-inf, 0) U (1/2, inf)'],
  ['|x - 2| < 3', '-1 < x < 5; as intervals: (-1, 5)'],
  ['x^2 + 1 > 0', 'all real x (always true)'],
  ['x^2 + 1 < 0', 'no solution'],
  ['x > 2 and x < 5', '2 < x < 5; as intervals: (2, 5)'],
  // Derivatives, integrals, limits, other forms.
  ['derivative of x^2 sin(x)', /2\*x\*sin\(x\)/],
  ['\\frac{d}{dx} (x^3 + 2x)', /3\*x\^2/],
  ['derivative of x^3 at x = 2', '12'],
  ['second derivative of x^4', '12*x^2'],
  ['diff(ln(x), x)', '1/x'],
  ['integrate x^2 dx', 'x^3/3 + C'],
  ['\\int_{0}^{1} x^2 \\, dx', '1/3 ≈ 0.33333333'],
  ['integrate sin(x) from 0 to pi', '2'],
  ['integrate e^(-x^2) from -inf to inf', '≈ 1.7724539'],
  ['limit of sin(x)/x as x approaches 0', '1'],
  ['\\lim_{x \\to \\infty} (1 + 1/x)^x', 'e ≈ 2.7182818'],
  ['lim x->0 1/x', 'does not exist: -inf from the left, inf from the right'],
  ['factor x^2 - 5x + 6', /^\(-[23] \+ x\)\*\(-[23] \+ x\)$/],
  ['expand (x+1)^3', 'x^3 + 3*x^2 + 3*x + 1'],
  ['simplify (2x^2 + 4x)/(2x)', 'x + 2'],
  ['roots of x^2 - 4', 'x = -2 or x = 2'],
  // Quantities.
  ['60 mph * 2.5 h in miles', '150 miles'],
  ['5 ft 7 in to cm', '170.18 cm'],
  ['100 degF to degC', '37.77777778 degC'],
  ['72 km/h to m/s', '20 m/s'],
  ['how many cm are in 5 feet?', '152.4 cm'],
  // What Calculate does works here too.
  ['3 + 4 * 2', '11'],
  ['What is 15% of 200?', '30'],
  ['2 + 3 = 5', 'true'],
];

const refused: [query: string, code: string, words: RegExp][] = [
  ['', 'bad_query', /empty/],
  ['hello world', 'bad_query', /no equation/],
  ['x + = 3', 'bad_query', /missing before "="/],
  ['(x + 1 = 3', 'bad_query', /"\)" is missing/],
  ['3 km + 2 kg', 'bad_query', /do not go together/],
  ['x = 5, find y', 'bad_query', /y stands in no equation/],
  ['x + y > 3', 'not_solved', /one unknown/],
  ['sin(x) > 0.5', 'not_solved', /sin, cos or tan/],
  ['integrate e^(x^2) * sin(x^3) dx', 'not_solved', /bounds/],
  ['9^9^9^9 = x', 'too_large', /smaller/],
  ['x^1000000000 = 2', 'not_solved', /no way/],
  ['(x+y+z+w)^90 = 1', 'too_large', /smaller/],
  [`${'('.repeat(300)}x${')'.repeat(300)} = 1`, 'bad_query', /nested/],
  ['x.constructor = 3', 'bad_query', /no meaning/],
  ['x.__proto__ = 3', 'bad_query', /no meaning/],
  ['import("fs") = x', 'bad_query', /no meaning/],
  ['f = function() { return process }', 'bad_query', /no meaning/],
  ['x[0] = 3', 'bad_query', /no meaning/],
  ['createUnit("foo")', 'bad_query', /no meaning/],
];

describe('solves', () => {
  test.each(rows)('%s', { timeout: 20_000 }, async (query, result) => {
    const found = await resultOf(query);
    if (typeof result === 'string') expect(found).toBe(result);
    else expect(found).toMatch(result);
  });
});

describe('refuses with words that help', () => {
  test.each(refused)('%s', { timeout: 20_000 }, async (query, code, words) => {
    expect(await resultOf(query)).toMatchObject({ code, message: expect.stringMatching(words) });
  });
});

test('solutions come by name too, exact and in decimals, with what was read where words were dropped', async () => {
  expect(await solve('The product of x and 3 is 1')).toEqual({
    ok: true,
    result: {
      result: 'x = 1/3 ≈ 0.33333333',
      solutions: [{ x: '1/3' }],
      decimals: [{ x: 0.33333333 }],
      readAs: 'x*3 = 1',
    },
  });
});

test('a query that breaks nerdamer changes nothing for those after it', { timeout: 60_000 }, async () => {
  const good = ['derivative of x^3', 'factor x^4 - 1', 'integrate x e^x'];
  const before = await Promise.all(good.map(resultOf));
  const bad = ['integrate sin(x^x) dx', 'x^1000000000 = 2'];
  for (const query of bad) await solve(query);
  expect(await Promise.all(good.map(resultOf))).toEqual(before);
});

test('a cancelled run is let go at once', { timeout: 20_000 }, async () => {
  const stop = new AbortController();
  const cancelled = solve('x^1000000000 = 2', stop.signal);
  setTimeout(() => stop.abort(new Error('cancelled')), 50);
  await expect(cancelled).rejects.toThrow('cancelled');
  expect(await resultOf('x + 1 = 3')).toBe('x = 2');
});

test('the tool names the libraries that are installed', () => {
  const folder = createRequire(import.meta.url)
    .resolve('nerdamer-prime')
    .replace(/[^/]*$/, '');
  const { version } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8')) as { version: string };
  expect(solveMathEquation.engine).toContain(`nerdamer-prime@${version}`);
});

describe('the documented examples', () => {
  const docs = readFileSync(new URL('../../docs/tools.md', import.meta.url), 'utf8');
  /** Rows of a table under a heading: kind, example, result. */
  function examples(heading: string): [string, string][] {
    const section = docs.split(`### ${heading}\n`)[1]?.split(/\n#+ /)[0] ?? '';
    return [...section.matchAll(/^\|[^|]*\| `(.+?)` \| `(.+?)` \|$/gm)].map(([, query, result]) => [
      query!.replaceAll('\\|', '|'),
      result!.replaceAll('\\|', '|'),
    ]);
  }

  test('of SolveMathEquation', { timeout: 60_000 }, async () => {
    const table = examples('SolveMathEquation');
    expect(table.length).toBeGreaterThan(10);
    for (const [query, result] of table) expect([query, await resultOf(query)]).toEqual([query, result]);
  });

  test('of Calculate', () => {
    const table = examples('Calculate');
    expect(table.length).toBeGreaterThan(8);
    for (const [expression, result] of table)
      expect([expression, JSON.stringify(calculateExpression(expression))]).toEqual([expression, result]);
  });
});
