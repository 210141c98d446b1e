import { bytesPerToken, type DecoderShape } from './decoder-config.ts';

/**
 * Keys and values of the sequences under way. One array for each layer's keys and each layer's values, allocated once;
 * each holds [slot, head, length, head dim], where `length`, the room of a slot in tokens, is the same for all and may
 * change: slots are then laid out anew in the same memory. The slots in use are always the first ones, so that they are
 * one tensor.
 */
export interface Slots {
  /** In the order key, value of layer 0, key, value of layer 1, and so on. */
  readonly arrays: readonly Float32Array[];
  readonly shape: DecoderShape;
  /** Tokens that all slots together have room for. */
  readonly capacity: number;
  readonly length: number;
  /** How many slots of `length` there are. */
  count(length: number): number;
  /** Gives every slot room for `length` tokens; `used` says how many tokens each of the first slots holds. */
  resize(length: number, used: readonly number[]): void;
  /** Copies the first `used` tokens of a slot over another's. */
  copy(from: number, to: number, used: number): void;
  /** Copies `count` tokens between a slot and a block of the form [array, head, `stride` tokens, head dim]. */
  save(slot: number, at: number, count: number, block: Float32Array, stride: number): void;
  restore(slot: number, at: number, count: number, block: Float32Array, stride: number): void;
}

/** @param bytes for all slots together; whole tokens of it are used */
export function openSlots(shape: DecoderShape, bytes: number): Slots {
  const capacity = Math.max(0, Math.floor(bytes / bytesPerToken(shape)));
  const { kvHeads, headDim } = shape;
  const arrays = Array.from({ length: 2 * shape.layers }, () => new Float32Array(capacity * kvHeads * headDim));
  let length = 0;

  const place = (slot: number, head: number, at: number, room = length) =>
    ((slot * kvHeads + head) * room + at) * headDim;

  function resize(next: number, used: readonly number[]): void {
    const moves = used.flatMap((count, slot) => Array.from({ length: kvHeads }, (_, head) => ({ slot, head, count })));
    // Growing, what lies last moves first, so that nothing is overwritten before it has moved; shrinking, the other way.
    if (next > length) moves.reverse();
    for (const array of arrays) {
      for (const { slot, head, count } of moves) {
        const from = place(slot, head, 0);
        array.copyWithin(place(slot, head, 0, next), from, from + count * headDim);
      }
    }
    length = next;
  }

  return {
    arrays,
    shape,
    capacity,
    get length() {
      return length;
    },
    count: (room) => Math.floor(capacity / room),
    resize,
    copy(from, to, used) {
      for (const array of arrays) {
        for (let head = 0; head < kvHeads; head++) {
          const start = place(from, head, 0);
          array.copyWithin(place(to, head, 0), start, start + used * headDim);
        }
      }
    },
    save(slot, at, count, block, stride) {
      let to = 0;
      for (const array of arrays) {
        for (let head = 0; head < kvHeads; head++) {
          const from = place(slot, head, at);
          block.set(array.subarray(from, from + count * headDim), to);
          to += stride * headDim;
        }
      }
    },
    restore(slot, at, count, block, stride) {
      let from = 0;
      for (const array of arrays) {
        for (let head = 0; head < kvHeads; head++) {
          array.set(block.subarray(from, from + count * headDim), place(slot, head, at));
          from += stride * headDim;
        }
      }
    },
  };
}
