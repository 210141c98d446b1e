import { type CallParts, type Calls, cacheNames, tensor } from './calls.ts';
import type { NativeTensor } from './native-session.ts';

/**
 * Calls of a graph whose attention is made of plain operators. Its past must be exactly as long as the sequence and its
 * present is a new tensor, so a slot's keys and values are copied out for each call and the new ones back, and sequences
 * of one step are computed one after the other: right, but slow. Memory beyond the slots: twice one sequence.
 */
export function plainCalls({ session, slots, vocabulary, positions, longest }: CallParts): Calls {
  const { kvHeads, headDim } = slots.shape;
  const names = cacheNames(slots);
  const room = longest * kvHeads * headDim;
  const pasts = names.map(() => new Float32Array(room));
  const presents = names.map(() => new Float32Array(room));
  const mask = new BigInt64Array(longest).fill(1n);
  let spoken = new Float32Array(vocabulary);
  let stepped = new Float32Array(vocabulary);

  function read(slot: number, tokens: readonly number[], at: number): Float32Array {
    const total = at + tokens.length;
    const size = tokens.length * vocabulary;
    if (spoken.length < size) spoken = new Float32Array(size);
    const inputs: Record<string, NativeTensor> = {
      input_ids: tensor('int64', BigInt64Array.from(tokens, BigInt), [1, tokens.length]),
      attention_mask: tensor('int64', mask, [1, total]),
    };
    if (positions)
      inputs.position_ids = tensor(
        'int64',
        BigInt64Array.from(tokens, (_, n) => BigInt(at + n)),
        [1, tokens.length],
      );
    const outputs: Record<string, NativeTensor> = {
      logits: tensor('float32', spoken, [1, tokens.length, vocabulary]),
    };
    for (const [n, name] of names.entries()) {
      const from = slots.arrays[n] as Float32Array;
      const past = pasts[n] as Float32Array;
      for (let head = 0; head < kvHeads; head++) {
        const start = (slot * kvHeads + head) * slots.length * headDim;
        past.set(from.subarray(start, start + at * headDim), head * at * headDim);
      }
      inputs[`past_key_values.${name}`] = tensor('float32', past, [1, kvHeads, at, headDim]);
      outputs[`present.${name}`] = tensor('float32', presents[n] as Float32Array, [1, kvHeads, total, headDim]);
    }
    session.run(inputs, outputs);
    for (const [n, array] of slots.arrays.entries()) {
      const present = presents[n] as Float32Array;
      for (let head = 0; head < kvHeads; head++) {
        const fresh = present.subarray((head * total + at) * headDim, (head + 1) * total * headDim);
        array.set(fresh, ((slot * kvHeads + head) * slots.length + at) * headDim);
      }
    }
    return spoken.subarray(size - vocabulary, size);
  }

  return {
    read,
    step(tokens, lengths) {
      if (stepped.length < tokens.length * vocabulary) stepped = new Float32Array(tokens.length * vocabulary);
      for (const [n, token] of tokens.entries()) stepped.set(read(n, [token], lengths[n] as number), n * vocabulary);
      return stepped.subarray(0, tokens.length * vocabulary);
    },
  };
}
