/**
 * A seeded source of chance. Everything that the factory makes is a pure function of a seed, so that the same recipe
 * gives the same bytes on any machine; `Math.random` and the clock are never read here.
 */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number;
  /** True with probability `p`. */
  chance(p: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** One of the items, each as likely as its weight. */
  weighted<T>(items: readonly (readonly [T, number])[]): T;
  /** `count` different items in random order (all of them where there are fewer). */
  sample<T>(items: readonly T[], count: number): T[];
  shuffle<T>(items: readonly T[]): T[];
}

/** A 32-bit hash of a text (FNV-1a with a final mix), to make a seed of a name. */
export function hashText(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    h ^= text.charCodeAt(i);
    h = Math.imul(h, 0x01000193);
  }
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  return h >>> 0;
}

/**
 * A generator for one part of the work: (`seed`, `name`) pairs are independent of each other, so one scene can be made
 * again without those before it.
 */
export function random(seed: number, name = ''): Random {
  let a = (seed ^ 0x9e3779b9) >>> 0;
  let b = hashText(name);
  let c = 0x243f6a88;
  let d = 1;
  // sfc32: 128 bits of state, a few operations per number, passes the usual test batteries.
  const raw = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    c |= 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) raw();
  const next = (): number => raw() / 4294967296;
  const int = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  const pick = <T>(items: readonly T[]): T => {
    if (items.length === 0) throw new Error('random.pick needs at least one item');
    return items[int(0, items.length - 1)] as T;
  };
  const shuffle = <T>(items: readonly T[]): T[] => {
    const out = [...items];
    for (let i = out.length - 1; i > 0; i--) {
      const j = int(0, i);
      const swap = out[i] as T;
      out[i] = out[j] as T;
      out[j] = swap;
    }
    return out;
  };
  return {
    next,
    int,
    pick,
    shuffle,
    chance: (p) => next() < p,
    sample: (items, count) => {
      // A few of many: drawing by index avoids shuffling a long list.
      if (count * 4 > items.length) return shuffle(items).slice(0, count);
      const seen = new Set<number>();
      while (seen.size < count) seen.add(int(0, items.length - 1));
      return [...seen].map((i) => items[i] as (typeof items)[number]);
    },
    weighted: (items) => {
      let sum = 0;
      for (const [, w] of items) sum += w;
      let left = next() * sum;
      for (const [item, w] of items) {
        left -= w;
        if (left < 0) return item;
      }
      return (items[items.length - 1] as (typeof items)[number])[0];
    },
  };
}
