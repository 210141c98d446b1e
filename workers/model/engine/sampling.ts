/** Chooses the next token from logits; a token whose logit is -Infinity is never chosen. */
export type Sampler = (logits: Float32Array) => number;

/** The most likely token; the lowest id among equals, so that a greedy answer is the same on every machine. */
export const greedy: Sampler = (logits) => {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id]! > logits[best]!) best = id;
  return best;
};

/** Uniform numbers in [0, 1) from a seed (mulberry32): a repeated turn says the same again. */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * A sampler for one turn. Temperature 0 is greedy; otherwise tokens are drawn by softmax(logits / temperature) from the
 * smallest set whose probability reaches `topP`.
 */
export function sampler(options: { temperature: number; topP?: number | undefined; seed: number }): Sampler {
  if (options.temperature <= 0) return greedy;
  const next = uniform(options.seed);
  const topP = options.topP ?? 1;
  return (logits) => {
    const top = logits[greedy(logits)]!;
    const ranked = Array.from(logits, (logit, id) => ({
      id,
      mass: Math.exp((logit - top) / options.temperature),
    })).sort((a, b) => b.mass - a.mass || a.id - b.id);
    const whole = ranked.reduce((sum, one) => sum + one.mass, 0);
    const kept: typeof ranked = [];
    let mass = 0;
    for (const one of ranked) {
      if (kept.length > 0 && mass >= topP * whole) break;
      kept.push(one);
      mass += one.mass;
    }
    let draw = next() * mass;
    for (const one of kept) {
      draw -= one.mass;
      if (draw < 0) return one.id;
    }
    return kept[0]!.id;
  };
}
