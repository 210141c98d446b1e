import { BATCH, type CallParts, type Calls, CHUNK, cacheNames, tensor } from './calls.ts';
import type { NativeTensor } from './native-session.ts';

/**
 * Calls of a graph with GroupQueryAttention: past and present are the slots themselves, so that a step appends each new
 * key and value where it belongs and copies nothing. Sequences of one step have lengths of their own; the kernel knows
 * them from the mask. Prompts are read one sequence at a time, since it takes several tokens after a past only so.
 * All tensors are made once; a call sets their sizes.
 */
export function sharedCalls({ session, slots, vocabulary, positions }: CallParts): Calls {
  const { kvHeads, headDim } = slots.shape;
  const ids = new BigInt64Array(Math.max(BATCH, CHUNK));
  const places = new BigInt64Array(ids.length);
  // A step's mask has a row of at most a slot's length for each slot.
  const mask = new BigInt64Array(Math.max(slots.capacity, CHUNK));
  const logits = new Float32Array(ids.length * vocabulary);

  const idsTensor = tensor('int64', ids, [0, 0]);
  const placesTensor = tensor('int64', places, [0, 0]);
  const maskTensor = tensor('int64', mask, [0, 0]);
  const logitsTensor = tensor('float32', logits, [0, 0, vocabulary]);
  const inputs: Record<string, NativeTensor> = { input_ids: idsTensor, attention_mask: maskTensor };
  if (positions) inputs.position_ids = placesTensor;
  const outputs: Record<string, NativeTensor> = { logits: logitsTensor };
  const caches = slots.arrays.map((array) => tensor('float32', array, [0, kvHeads, 0, headDim]));
  for (const [at, name] of cacheNames(slots).entries()) {
    inputs[`past_key_values.${name}`] = caches[at] as NativeTensor;
    outputs[`present.${name}`] = caches[at] as NativeTensor;
  }

  function size(batch: number, length: number, total: number): void {
    idsTensor.dims[0] = placesTensor.dims[0] = logitsTensor.dims[0] = maskTensor.dims[0] = batch;
    idsTensor.dims[1] = placesTensor.dims[1] = logitsTensor.dims[1] = length;
    maskTensor.dims[1] = total;
    for (const cache of caches) {
      cache.dims[0] = batch;
      cache.dims[2] = slots.length;
    }
  }

  return {
    read(slot, tokens, at) {
      const total = at + tokens.length;
      size(1, tokens.length, total);
      for (const [n, id] of tokens.entries()) {
        ids[n] = BigInt(id);
        places[n] = BigInt(at + n);
      }
      mask.fill(1n, 0, total);
      const floats = kvHeads * slots.length * headDim;
      for (const [n, cache] of caches.entries())
        cache.data = (slots.arrays[n] as Float32Array).subarray(slot * floats, (slot + 1) * floats);
      session.run(inputs, outputs);
      return logits.subarray((tokens.length - 1) * vocabulary, tokens.length * vocabulary);
    },
    step(tokens, lengths) {
      const batch = tokens.length;
      let total = 0;
      for (const length of lengths) if (length >= total) total = length + 1;
      size(batch, 1, total);
      for (let n = 0; n < batch; n++) {
        const length = lengths[n] as number;
        ids[n] = BigInt(tokens[n] as number);
        places[n] = BigInt(length);
        mask.fill(1n, n * total, n * total + length + 1);
        mask.fill(0n, n * total + length + 1, (n + 1) * total);
      }
      for (const [n, cache] of caches.entries()) cache.data = slots.arrays[n] as Float32Array;
      session.run(inputs, outputs);
      return logits.subarray(0, batch * vocabulary);
    },
  };
}
