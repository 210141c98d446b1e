import { describe, expect, it } from 'vitest';
import type { Chain } from '../../../shared/data/chain.ts';
import { chainFiles, filterAndMix, openTestStore } from '../../../test/filter-mix.ts';
import { sampleChain } from '../../../test/sample-chains.ts';
import { type Random, random } from '../random.ts';
import { comparedText } from './chain-text.ts';
import { banding, jaccard, PERMUTATIONS, shingles, signature, similarity } from './minhash.ts';

const words = (rng: Random, count: number): string[] => Array.from({ length: count }, () => `w${rng.int(0, 99_999)}`);
/** The words with `changed` of them, at random places, made others. */
function edited(rng: Random, text: readonly string[], changed: number): string[] {
  const places = new Set(rng.sample([...text.keys()], changed));
  return text.map((word, i) => (places.has(i) ? `${word}x` : word));
}

describe('MinHash', () => {
  it('tells similarity without bias, and no further off than it says', () => {
    const rng = random(1, 'minhash');
    let sum = 0;
    let squares = 0;
    const runs = 300;
    for (let i = 0; i < runs; i++) {
      const text = words(rng, 220);
      const a = shingles(text.join(' '));
      const b = shingles(edited(rng, text, rng.int(1, 8)).join(' '));
      const both = new Uint8Array(2 * PERMUTATIONS);
      both.set(signature(a));
      both.set(signature(b), PERMUTATIONS);
      const error = similarity(both, 0, PERMUTATIONS) - jaccard(a, b);
      sum += error;
      squares += error * error;
    }
    expect(Math.abs(sum / runs)).toBeLessThan(0.006);
    expect(Math.sqrt(squares / runs)).toBeLessThan(0.04);
  });

  it('takes numbers with their decimals and words without case for what they are', () => {
    expect(shingles('Total RM 12.50, tax 0.75 in all!')).toEqual(shingles('total rm 12.50 TAX 0.75 in all'));
    expect(shingles('a b c d 12.50')).not.toEqual(shingles('a b c d 12 50'));
    expect(shingles('')).toHaveLength(0);
    expect(shingles('one two')).toHaveLength(1);
  });

  it.each([0.5, 0.7, 0.8, 0.9, 0.95, 1])('cuts bands so that pairs of similarity %d meet', (threshold) => {
    const { bands, rows } = banding(threshold);
    expect(bands * rows).toBeLessThanOrEqual(PERMUTATIONS);
    expect(1 - (1 - threshold ** rows) ** bands).toBeGreaterThanOrEqual(0.98);
  });
});

describe('near-duplicates', () => {
  it('finds at least 95 % of the pairs from the threshold on, and nothing below it', async () => {
    const objects = await openTestStore();
    const rng = random(2, 'pairs');
    const chains: Chain[] = [];
    const alike = new Map<string, number>();
    const threshold = 0.85;
    for (let i = 0; i < 300; i++) {
      const text = words(rng, 150);
      const chain = { ...sampleChain(i), id: `c/${String(i).padStart(4, '0')}a`, question: text.join(' ') };
      const twin = { ...chain, id: chain.id.replace('a', 'b'), question: edited(rng, text, rng.int(1, 6)).join(' ') };
      alike.set(twin.id, jaccard(shingles(comparedText(chain)), shingles(comparedText(twin))));
      chains.push(chain, twin);
    }
    const { dropped } = await filterAndMix(objects, await chainFiles(objects, chains), {
      filter: { duplicates: { exact: true, text: threshold } },
    });
    await objects.close();
    const found = new Set(dropped.map(({ id }) => id));
    for (const { reason, id, detail } of dropped) {
      expect(reason).toBe('near-duplicate');
      expect(detail).toContain(id.replace('b', 'a'));
      expect(alike.get(id)).toBeGreaterThanOrEqual(threshold);
    }
    const meant = [...alike].filter(([, value]) => value >= threshold);
    expect(meant.length).toBeGreaterThan(80);
    expect(alike.size - meant.length).toBeGreaterThan(80);
    expect(meant.filter(([id]) => found.has(id)).length / meant.length).toBeGreaterThanOrEqual(0.95);
  });
});
