/** Names of things in scenes: half known words, half invented, often sharing words with a neighbour. */
import type { Random } from '../random.ts';
import { dishHead, dishKind, dishMain, drinks, sizes } from '../words/food.ts';
import { inventName, inventWord, randomLetters } from '../words/invent.ts';
import { goods, goodsMark } from '../words/shop.ts';

/** Which half of the vocabulary a split may use: a word of the other half never occurs in it. */
export interface Vocabulary {
  pick(rng: Random, words: readonly string[]): string;
}

export function dish(rng: Random, words: Vocabulary): string {
  return rng.weighted([
    [() => `${words.pick(rng, dishHead)} ${words.pick(rng, dishMain)} ${words.pick(rng, dishKind)}`, 3],
    [() => `${words.pick(rng, dishMain)} ${words.pick(rng, dishKind)}`, 4],
    [() => words.pick(rng, drinks), 2],
    [() => `${words.pick(rng, drinks)} ${rng.pick(sizes)}`, 1],
    [() => `${words.pick(rng, dishMain)} & ${words.pick(rng, dishMain)} ${words.pick(rng, dishKind)}`, 1],
    [() => `${words.pick(rng, dishKind)} ${inventWord(rng)}`, 2],
    [() => inventName(rng), 5],
    [() => `${inventWord(rng)} ${words.pick(rng, dishKind)}`, 2],
    [() => randomLetters(rng), 2],
    [() => `${randomLetters(rng)} ${randomLetters(rng)}`, 1],
  ])();
}

export function ware(rng: Random, words: Vocabulary): string {
  return rng.weighted([
    [() => words.pick(rng, goods), 4],
    [() => `${words.pick(rng, goods)} ${rng.pick(goodsMark)}`, 4],
    [() => `${inventWord(rng)} ${words.pick(rng, goods)}`, 3],
    [() => `${inventWord(rng)} ${words.pick(rng, goods)} ${rng.pick(goodsMark)}`, 2],
    [() => inventName(rng), 3],
    [() => `${randomLetters(rng)} ${rng.pick(goodsMark)}`, 2],
  ])();
}

/**
 * `count` different names from `make`; none is contained in another once spaces and case are dropped, so that a whole
 * name means one row.
 */
export function distinctNames(rng: Random, count: number, make: () => string): string[] {
  const out: string[] = [];
  const keys: string[] = [];
  for (let tries = 0; out.length < count && tries < count * 12; tries++) {
    let name = make();
    // Neighbours that share a word: only reading to the end tells them apart.
    const other = out.length > 0 && rng.chance(0.2) ? rng.pick(out) : undefined;
    if (other?.includes(' ')) {
      const parts = other.split(' ');
      const mine = name.split(' ');
      name = rng.chance(0.5) ? `${parts[0]} ${mine.at(-1)}` : `${mine[0]} ${parts.at(-1)}`;
    }
    const key = name.toLowerCase().replace(/[^a-z0-9]/g, '');
    if (key.length < 2 || keys.some((k) => k.includes(key) || key.includes(k))) continue;
    out.push(name);
    keys.push(key);
  }
  return out;
}

/** The half of the word lists that a split may use; validation has every sixth word to itself. */
export function vocabularyOf(split: 'train' | 'validation' | 'holdout'): Vocabulary {
  const cache = new Map<readonly string[], readonly string[]>();
  return {
    pick(rng, words) {
      let own = cache.get(words);
      if (!own) {
        own = words.filter((_, i) =>
          split === 'train' ? i % 6 < 4 : split === 'validation' ? i % 6 === 4 : i % 6 === 5,
        );
        cache.set(words, own);
      }
      return rng.pick(own);
    },
  };
}
