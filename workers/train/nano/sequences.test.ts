import { describe, expect, it } from 'vitest';
import {
  encodeObservation,
  encodePrompt,
  fitRows,
  ID,
  MARKS,
  markOf,
  marksOf,
  type NanoChain,
  rowGlyphs,
} from '../../../shared/nano/format.ts';
import { random } from '../../data/random.ts';
import { drill } from './drills/drill.ts';
import { sayable } from './sayable.ts';
import { LONGEST, sequence, sequences, WEIGHT_SCALE } from './sequences.ts';

describe('sequences', () => {
  it('share a reading among questions, and each question is answered from the rows that it names', () => {
    const rng = random(3, 'drills');
    for (let n = 0; n < 60; n++) {
      const asked = drill(rng, { rows: [2, 12], questions: 5, regions: 0.2, copies: 0.1 });
      const made = sequences(rng, asked);
      const readings = made.map(({ ids }) => ids.filter((id) => id === ID.observation).length);
      // Questions about one page stand in one sequence, as far as they fit; a search is asked for once.
      const tokens = made.reduce((sum, { ids }) => sum + ids.length, 0);
      const [reading] = asked[0]?.observations ?? [];
      if (reading && 'rows' in reading && !reading.found && tokens < LONGEST) expect(made.length).toBe(1);
      for (const example of made) {
        expect(example.ids.length).toBe(example.weights.length);
        expect(example.weights.every((weight) => [0, 1, WEIGHT_SCALE, 2 * WEIGHT_SCALE].includes(weight))).toBe(true);
      }
      expect(readings.every((count) => count > 0)).toBe(true);
      for (const chain of asked) expect(sayable(chain)).toBe(true);
    }
  });

  it('have pages that are seen whole, whatever lengths are asked for', () => {
    const rng = random(4, 'long');
    for (let n = 0; n < 12; n++)
      for (const chain of drill(rng, { rows: [60, 200], questions: 3, regions: 0, copies: 0 })) {
        const [page] = chain.observations as [{ readonly rows: readonly string[] }];
        expect(fitRows(page.rows).seen.map(({ row }) => row)).toEqual(page.rows.map((_, at) => at));
        expect(page.rows.length).toBeLessThanOrEqual(MARKS);
        expect(sayable(chain)).toBe(true);
      }
  });

  it('mark rows from any mark on, and quotes follow', () => {
    const [chain] = drill(random(5, 'one'), { rows: [3, 6], questions: 1, regions: 0, copies: 0 }) as [NanoChain];
    const [low, high] = [sequence(chain, 0).ids, sequence(chain, 40).ids];
    expect(high.length).toBe(low.length);
    const moved = low.map((id, at) => [id, high[at]!] as const).filter(([a, b]) => a !== b);
    expect(moved.length).toBe(low.filter((id) => markOf(id) !== undefined).length);
    expect(moved.length).toBeGreaterThanOrEqual(2 * marksOf(chain.observations[0]!));
    expect(new Set(moved.map(([a, b]) => (b - a + MARKS) % MARKS)).size).toBe(1);
  });

  it('ask nothing more of rows whose marks were taken by what was read later', () => {
    const page = Array.from({ length: 40 }, (_, at) => `row ${at}`);
    const asks = (question: string, later: readonly string[]): NanoChain => ({
      prompt: { tools: ['OCR'], budget: 3, images: [{ width: 1, height: 1 }], question },
      turns: [
        { quotes: [], action: { name: 'OCR', argument: '0' } },
        ...later.slice(0, 1).map(() => ({ quotes: [], action: { name: 'OCR', argument: '0' } }) as const),
        { quotes: [39], action: { name: 'Terminate', argument: '39' } },
      ],
      observations: [{ rows: page }, ...(later.length > 0 ? [{ rows: later }] : [])],
    });
    const made = (later: number) => {
      const chains = [asks('which?', page.slice(0, later)), asks('what?', [])];
      // The one with two readings must come first to be shared.
      return Math.min(...[1, 2, 3, 4, 5, 6].map((seed) => sequences(random(seed, 'x'), chains).length));
    };
    expect([made(10), made(30)]).toEqual([1, 2]);
  });

  it('leave out what is too long', () => {
    const rows = Array.from({ length: 90 }, (_, at) => `row ${at}\t${'x'.repeat(9)}`);
    const chain = {
      prompt: { tools: [], budget: 3, images: [{ width: 1, height: 1 }], question: 'q' },
      turns: [
        { quotes: [], action: { name: 'OCR', argument: '0' } },
        { quotes: [1], action: { name: 'Terminate', argument: '1' } },
      ],
      observations: [{ rows }],
    } as const;
    expect(sequences(random(1, 'x'), [chain], 600)).toEqual([]);
    const [whole] = sequences(random(1, 'x'), [chain]);
    expect(whole?.ids.length).toBe(
      encodePrompt(chain.prompt).length +
        3 +
        encodeObservation({ rows }, 'q', 0).length +
        // The row, its mark, the answer.
        4 +
        rowGlyphs(rows[1]!).length,
    );
  });
});
