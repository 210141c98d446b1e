import { evaluate } from 'mathjs';
import { describe, expect, it } from 'vitest';
import { type NanoChain, normaliseRow } from '../../../../shared/nano/format.ts';
import { written } from '../../../../shared/nano/references.ts';
import { random } from '../../../data/random.ts';
import { sayable } from '../sayable.ts';
import { drill } from './drill.ts';
import { asExpression, listDrill } from './lists.ts';
import { receiptDrill } from './receipts.ts';
import { regionDrill } from './regions.ts';
import { tableDrill } from './tables.ts';

function rowsOf({ observations }: NanoChain): readonly string[] {
  const [reading] = observations;
  if (!reading || !('rows' in reading)) throw new Error('a drill begins with a reading');
  return reading.rows.map(normaliseRow);
}

describe.each([
  ['lists', listDrill],
  ['tables', tableDrill],
  ['receipts', receiptDrill],
] as const)('drills of %s', (_, make) => {
  it('can be said, Calculate gives their result, and what they answer stands in the row quoted', () => {
    const rng = random(7, 'drills');
    let computed = 0;
    let read = 0;
    let untold = 0;
    for (let n = 0; n < 60; n++)
      for (const chain of make(rng, 4)) {
        expect(sayable(chain)).toBe(true);
        const rows = rowsOf(chain);
        const quoted = (quotes: readonly number[]): string[] => quotes.map((row) => rows[row] as string);
        for (const [at, { quotes, action }] of chain.turns.entries()) {
          if (action === 'unknown') untold++;
          else if (action.name === 'Calculate') {
            computed++;
            const value = evaluate(written(action.argument, quoted(quotes))) as number;
            expect(chain.observations[at]).toEqual({ result: String(Number(value.toFixed(10))) });
          } else if (action.name === 'Terminate' && quotes.length > 0) {
            read++;
            expect(quoted(quotes).at(-1)).toContain(normaliseRow(action.argument));
          }
        }
      }
    expect(computed).toBeGreaterThan(50);
    expect(read).toBeGreaterThan(50);
    expect(untold).toBeGreaterThan(5);
  });
});

it('a table is computed by its columns: numbers are named by their row', () => {
  const chains = Array.from({ length: 50 }, (_, n) => tableDrill(random(n, 'tables'), 4)).flat();
  const computed = chains.flatMap(({ turns }) =>
    turns.flatMap(({ action }) => (action !== 'unknown' && action.name === 'Calculate' ? [action.argument] : [])),
  );
  expect(computed.length).toBeGreaterThan(50);
  expect(computed.filter((one) => one.includes('[')).length / computed.length).toBeGreaterThan(0.9);
});

it('a side is told by the greater of two differences, and each of them is what Calculate gives', () => {
  const chains = Array.from({ length: 300 }, (_, n) => regionDrill(random(n, 'regions'))).flat();
  const sided = chains.filter(({ observations }) => observations.length === 3);
  expect(sided.length).toBeGreaterThan(20);
  for (const chain of sided) {
    expect(sayable(chain)).toBe(true);
    const rows = rowsOf(chain);
    const [across, down] = chain.turns.slice(1, 3).map(({ quotes, action }, at) => {
      if (action === 'unknown') throw new Error('both differences are calculated');
      const value = evaluate(
        written(
          action.argument,
          quotes.map((row) => rows[row] as string),
        ),
      ) as number;
      expect(chain.observations[at + 1]).toEqual({ result: String(value) });
      return value;
    }) as [number, number];
    const wide = Math.abs(across) > Math.abs(down);
    const side = wide ? (across < 0 ? 'left' : 'right') : down < 0 ? 'above' : 'below';
    expect(chain.turns[3]).toEqual({ quotes: [], action: { name: 'Terminate', argument: side } });
  }
});

it('an exercise is calculated in signs of its own', () => {
  expect(asExpression('(6 + 52) × 8 = ?')).toBe('(6+52)*8');
  expect(asExpression('24 : 6 =__')).toBe('24/6');
});

it('kinds come in the shares that are asked for', () => {
  const shape = { rows: [2, 4], questions: 2, regions: 0, copies: 0 } as const;
  expect(drill(random(1, 'l'), { ...shape, lists: 1 })).toEqual(listDrill(after(random(1, 'l')), 2));
  expect(drill(random(1, 't'), { ...shape, tables: 1 })).toEqual(tableDrill(after(random(1, 't')), 2));
  expect(drill(random(1, 'r'), { ...shape, receipts: 1 })).toEqual(receiptDrill(after(random(1, 'r')), 2));
});

/** The kind itself is drawn first. */
function after<T extends { next(): number }>(rng: T): T {
  rng.next();
  return rng;
}
