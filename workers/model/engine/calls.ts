import type { NativeSession, NativeTensor } from './native-session.ts';
import type { Slots } from './slots.ts';

/**
 * Tokens of a prompt that are read in one call; sequences that speak wait so long at most. For 3.6 million parameters a
 * call takes 7 milliseconds; calls of half the length take a sixth more for the same prompt, of twice the length 3 % less.
 */
export const CHUNK = 128;

/** Sequences of one step at most. */
export const BATCH = 64;

/** How a graph is called. Logits lie in memory that the next call fills again. */
export interface Calls {
  /** Feeds `ids` to a slot that holds `at` tokens: logits after the last of them, (vocabulary). */
  read(slot: number, ids: readonly number[], at: number): Float32Array;
  /** Feeds one token to each of the first slots, of which slot n holds lengths[n] tokens: logits, (slots, vocabulary). */
  step(tokens: readonly number[], lengths: readonly number[]): Float32Array;
}

export interface CallParts {
  readonly session: NativeSession;
  readonly slots: Slots;
  readonly vocabulary: number;
  /** Whether the graph takes position_ids. */
  readonly positions: boolean;
  readonly longest: number;
}

export const tensor = (type: NativeTensor['type'], data: NativeTensor['data'], dims: number[]): NativeTensor => ({
  ...{ type, location: 'cpu', data, dims },
});

/** `key` and `value` of each layer, in the order of the slots' arrays. */
export function cacheNames(slots: Slots): string[] {
  return slots.arrays.map((_, at) => `${Math.floor(at / 2)}.${at % 2 === 0 ? 'key' : 'value'}`);
}
