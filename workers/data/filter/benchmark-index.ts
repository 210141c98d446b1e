/**
 * What benchmark files hold, as hashes: questions as word 8-grams and pictures as picture hashes. A chain that holds
 * too much of a question, or a picture, is one that a model must not be trained on before it is asked the benchmark.
 */
import { z } from 'zod';
import type { Chain } from '../../../shared/data/chain.ts';
import { hashText } from '../random.ts';
import { plainQuestion } from './chain-text.ts';
import { FLAT, HashIndex } from './picture-hash.ts';

/** Words of a gram. */
export const BENCHMARK_GRAM = 8;

/** One row of a benchmark, of which only hashes are kept. */
export const benchmarkRow = z.object({
  /** File and index, for people. */
  name: z.string(),
  /** The question without case and punctuation, hashed twice. */
  asked: z.tuple([z.int(), z.int()]),
  /** Its word 8-grams, hashed; none where it has fewer words. */
  grams: z.array(z.int()),
  /** Picture hashes. */
  pictures: z.array(z.string()),
});
export type BenchmarkRow = z.infer<typeof benchmarkRow>;

const words = (question: string): string[] => plainQuestion(question).split(' ').filter(Boolean);

export function gramsOf(question: string): number[] {
  const list = words(question);
  const grams = new Set<number>();
  for (let i = 0; i + BENCHMARK_GRAM <= list.length; i++)
    grams.add(hashText(list.slice(i, i + BENCHMARK_GRAM).join(' ')));
  return [...grams].sort((a, b) => a - b);
}

/** Two hashes of 32 bits: one would take a chance question of many for another. */
export function askedHash(question: string): [number, number] {
  const plain = words(question).join(' ');
  return [hashText(plain), hashText(`${plain}?`)];
}

export interface BenchmarkIndex {
  /** What of a benchmark the chain holds, in words; undefined where it holds nothing. */
  hit(chain: Pick<Chain, 'question' | 'images'>): string | undefined;
  readonly rows: number;
}

/**
 * @param share of a benchmark question's 8-grams from which a chain's question is taken for it
 * @param imageBits bits in which picture hashes may differ
 */
export function indexBenchmarks(rows: readonly BenchmarkRow[], share: number, imageBits: number): BenchmarkIndex {
  const pictures = new HashIndex<number>(imageBits);
  const byGram = new Map<number, number[]>();
  const pictured = new Map<string, number>();
  for (const { asked, pictures: own } of rows)
    if (own.length > 0) pictured.set(asked.join(), (pictured.get(asked.join()) ?? 0) + 1);
  for (const [at, row] of rows.entries()) {
    for (const hash of row.pictures) if (hash !== FLAT) pictures.add(hash, at);
    // A question that the benchmark itself asks of several pictures (`What is this?`) says nothing without its picture.
    if ((pictured.get(row.asked.join()) ?? 0) > 1) continue;
    for (const gram of row.grams) {
      const list = byGram.get(gram);
      if (list) list.push(at);
      else byGram.set(gram, [at]);
    }
  }
  return {
    rows: rows.length,
    hit({ question, images }) {
      for (const { name, phash } of images) {
        if (phash === undefined || phash === FLAT) continue;
        const near = pictures.nearest(phash);
        if (near) return `${name} is the picture of ${rows[near.item]?.name}, but for ${near.distance} bits`;
      }
      if (byGram.size === 0) return undefined;
      const shared = new Map<number, number>();
      for (const gram of gramsOf(question))
        for (const at of byGram.get(gram) ?? []) shared.set(at, (shared.get(at) ?? 0) + 1);
      for (const [at, count] of [...shared].sort(([a], [b]) => a - b)) {
        const row = rows[at] as BenchmarkRow;
        if (count / row.grams.length >= share)
          return `the question holds ${count} of ${row.grams.length} word ${BENCHMARK_GRAM}-grams of ${row.name}`;
      }
      return undefined;
    },
  };
}
