import { describe, expect, it } from 'vitest';
import { speak, type Turn } from './turn.ts';

/** Words of two letters over 0 to 3; 3 ends. Logarithms of what follows what has been said. */
const SHARES: Readonly<Record<string, readonly number[]>> = {
  // The greedy word begins with 0, and then nothing is likely.
  '': [0.5, 0.4, 0.099, 0.001],
  '0': [0.3, 0.3, 0.3, 0.1],
  '1': [0.01, 0.01, 0.01, 0.97],
  '2': [0.25, 0.25, 0.25, 0.25],
};
const logits = (said: readonly number[]) =>
  Float32Array.from(SHARES[said.join('')] ?? [0.01, 0.01, 0.01, 0.97], (share) => Math.log(share));

function spoken(turn: Partial<Turn>): { said: readonly number[]; fed: number[][] } {
  const whole: Turn = { limit: 4, end: [3], mask: undefined, sampler: undefined, branches: 1, ...turn };
  const speaking = speak(whole, logits([]));
  const there: number[] = [];
  const fed: number[][] = [];
  let next = speaking.next();
  while (!next.done) {
    there.splice(next.value.keep, there.length, ...next.value.ids);
    fed.push([...there]);
    next = speaking.next(logits(there));
  }
  return { said: next.value, fed };
}

describe('a turn', () => {
  it('is the likeliest token each time, and the last one is not fed', () => {
    expect(spoken({})).toEqual({ said: [0, 0, 3], fed: [[0], [0, 0]] });
    expect(spoken({ limit: 2 })).toEqual({ said: [0, 0], fed: [[0]] });
  });

  it('is the likeliest whole among branches: those met on the way, while one could win', () => {
    const { said, fed } = spoken({ branches: 4 });
    expect(said).toEqual([1, 3]);
    // Back at the beginning, only what differs is fed again.
    expect(fed).toEqual([[0], [0, 0], [1]]);
  });

  it('heeds the mask in all branches', () => {
    const mask: Turn['mask'] = (said, of) => {
      if (said.length === 0) of[1] = Number.NEGATIVE_INFINITY;
    };
    expect(spoken({ branches: 4, mask }).said[0]).not.toBe(1);
  });

  it('prefers a turn that ends to a likelier one that does not', () => {
    const mask: Turn['mask'] = (said, of) => {
      if (said[0] === 0) of[3] = Number.NEGATIVE_INFINITY;
    };
    expect(spoken({ branches: 4, limit: 2, mask }).said).toEqual([1, 3]);
  });
});
