import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answer } from './answer.ts';
import type { SolveOutcome } from './present.ts';
import { NeedsSymbolic } from './symbolic.ts';

const solved = (query: string): SolveOutcome => answer(query, new Map());
const whole = (most: number) => fc.integer({ min: -most, max: most });
const notZero = (most: number) => whole(most).filter((n) => n !== 0);

describe('equations with known solutions', () => {
  test('linear ones, also with the unknown on both sides', () => {
    fc.assert(
      fc.property(notZero(50), whole(50), whole(20), whole(200), (a, b, c, x) => {
        fc.pre(a !== c);
        const right = a * x + b - c * x;
        expect(solved(`${a}x + ${b} = ${c}x + ${right}`).result).toBe(`x = ${x}`);
      }),
      { numRuns: 200 },
    );
  });

  test('linear ones with a fraction', () => {
    fc.assert(
      fc.property(notZero(40), notZero(40), (n, d) => {
        const { decimals, result } = solved(`${d} * y = ${n}`);
        const value = decimals?.[0]?.y ?? Number(result.slice(4));
        expect(value).toBeCloseTo(n / d, 6);
      }),
      { numRuns: 100 },
    );
  });

  test('quadratic and cubic ones, given as their products and multiplied out', () => {
    fc.assert(
      fc.property(notZero(9), whole(30), whole(30), whole(30), (a, p, q, r) => {
        const roots = (list: number[]) =>
          [...new Set(list)]
            .sort((x, y) => x - y)
            .map((x) => `x = ${x}`)
            .join(' or ');
        expect(solved(`${a}x^2 + ${-a * (p + q)}x + ${a * p * q} = 0`).result).toBe(roots([p, q]));
        expect(solved(`${a}(x - (${p}))(x - (${q}))(x - (${r})) = 0`).result).toBe(roots([p, q, r]));
      }),
      { numRuns: 150 },
    );
  });

  test('systems of two and three', () => {
    fc.assert(
      fc.property(fc.array(whole(9), { minLength: 9, maxLength: 9 }), whole(20), whole(20), whole(20), (m, x, y, z) => {
        const [a, b, c, d, e, f, g, h, i] = m as [number, ...number[]] as number[] & { length: 9 };
        const determinant = a! * (e! * i! - f! * h!) - b! * (d! * i! - f! * g!) + c! * (d! * h! - e! * g!);
        fc.pre(determinant !== 0);
        const row = (k: number[]) => `${k[0]}x + ${k[1]}y + ${k[2]}z = ${k[0]! * x + k[1]! * y + k[2]! * z}`;
        const system = [m.slice(0, 3), m.slice(3, 6), m.slice(6)].map(row).join(', ');
        expect(solved(system).result).toBe(`x = ${x}, y = ${y}, z = ${z}`);
      }),
      { numRuns: 150 },
    );
  });

  test('inequalities: a number between the ends fulfils them, one beyond does not', () => {
    fc.assert(
      fc.property(whole(30), fc.integer({ min: 1, max: 30 }), (p, width) => {
        const q = p + width;
        expect(solved(`(x - (${p}))(x - (${q})) < 0`).result).toBe(`${p} < x < ${q}; as intervals: (${p}, ${q})`);
        expect(solved(`(x - (${p}))(x - (${q})) >= 0`).result).toMatch(new RegExp(`^x <= ${p} or x >= ${q};`));
      }),
      { numRuns: 100 },
    );
  });
});

describe('whatever is asked', () => {
  const ends = (query: string): void => {
    const start = performance.now();
    try {
      expect(typeof answer(query, new Map()).result).toBe('string');
    } catch (error) {
      if (error instanceof NeedsSymbolic) expect(error.request.of).toMatch(/^[a-z0-9+\-*/^(),.]+$/);
      else expect(error).toMatchObject({ name: 'Fault', message: expect.stringMatching(/\w/) });
    }
    expect(performance.now() - start).toBeLessThan(3_000);
  };

  test.each(['0/0x', '0/0 x', '0/0=x', 'x/0=1', '0/(0x)', '(0/0)(x+1)=0'])('%j: nothing over nothing', (query) =>
    ends(query),
  );

  test('garbage is answered or refused in words', { timeout: 60_000 }, () => {
    const piece = fc.constantFrom(
      ...[
        'x',
        'y',
        'z',
        '2',
        '0',
        '-1',
        '0.5',
        '1/3',
        '=',
        '<',
        '>=',
        '+',
        '-',
        '*',
        '/',
        '^',
        '(',
        ')',
        ',',
        ';',
        '|',
      ],
      ...[
        'sin',
        'ln',
        'sqrt',
        'e',
        'pi',
        'and',
        'solve',
        'for',
        'what is',
        '?',
        '%',
        '!',
        '\\frac',
        '{',
        '}',
        ' ',
        'km',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (parts) => ends(parts.join(''))),
      { numRuns: 600 },
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 60, unit: 'grapheme' }), (text) => ends(text)),
      { numRuns: 400 },
    );
  });

  test('a solution that is given fulfils its equation', { timeout: 60_000 }, () => {
    const { term } = fc.letrec<{ term: string }>((tie) => ({
      term: fc.oneof(
        { maxDepth: 2 },
        fc.constantFrom('x', 'x', '1', '2', '3', '-2', '0.5'),
        fc
          .tuple(tie('term'), fc.constantFrom('+', '-', '*', '/'), tie('term'))
          .map(([a, op, b]) => `(${a} ${op} ${b})`),
        fc.tuple(fc.constantFrom('sqrt', 'abs', 'ln'), tie('term')).map(([name, a]) => `${name}(${a})`),
        tie('term').map((a) => `(${a})^2`),
      ),
    }));
    const at = (text: string, x: number): number => {
      const code = text
        .replaceAll('^', '**')
        .replaceAll('sqrt', 'Math.sqrt')
        .replaceAll('abs', 'Math.abs')
        .replaceAll('ln', 'Math.log');
      return new Function('x', `return ${code}`)(x) as number;
    };
    fc.assert(
      fc.property(term, term, (left, right) => {
        fc.pre(`${left}${right}`.includes('x'));
        let outcome: SolveOutcome;
        try {
          outcome = solved(`${left} = ${right}`);
        } catch {
          return;
        }
        const values = outcome.decimals ?? outcome.solutions?.map(({ x }) => ({ x: Number(x) })) ?? [];
        for (const { x } of values) {
          const [a, b] = [at(left, x!), at(right, x!)];
          // Eight digits are shown.
          if (Number.isFinite(a) && Number.isFinite(b)) expect(Math.abs(a - b)).toBeLessThan(1e-4 * (1 + Math.abs(a)));
        }
      }),
      { numRuns: 300 },
    );
  });
});
