/**
 * Pairs of sets that are as alike as a threshold, all of them and exactly. Two sets of Jaccard similarity t share one of
 * the first |x| - ceil(t |x|) + 1 members of each, in any one order of the members; with the rarest first few pairs are left
 * to compare.
 */
import { jaccard } from '../../workers/data/filter/minhash.ts';

/** A table of counts of 32-bit numbers, by their low bits: members that share a place only count as commoner. */
const PLACES = 1 << 24;

/** Members of a set in an order that all sets share: the rarest first. */
export function rarestFirst(sets: readonly Uint32Array[]): (set: Uint32Array) => Uint32Array {
  const often = new Uint32Array(PLACES);
  for (const set of sets)
    for (const member of set) often[member & (PLACES - 1)] = (often[member & (PLACES - 1)] ?? 0) + 1;
  const count = (member: number): number => often[member & (PLACES - 1)] as number;
  return (set) => Uint32Array.from(set).sort((a, b) => count(a) - count(b) || a - b);
}

/**
 * @param sets sorted, in the order in which they come
 * @param order from `rarestFirst`
 * @returns numbers of the sets that have one before them as alike as `threshold`
 */
export function withOneBefore(
  sets: readonly Uint32Array[],
  threshold: number,
  order: (set: Uint32Array) => Uint32Array,
): number[] {
  const before = new Map<number, number[]>();
  const found: number[] = [];
  for (const [at, set] of sets.entries()) {
    const prefix = order(set).subarray(0, set.length - Math.ceil(threshold * set.length - 1e-9) + 1);
    const compared = new Set<number>();
    let alike = false;
    for (const member of prefix) {
      for (const other of before.get(member) ?? []) {
        if (alike || compared.has(other)) continue;
        compared.add(other);
        const one = sets[other] as Uint32Array;
        if (Math.min(one.length, set.length) < threshold * Math.max(one.length, set.length)) continue;
        alike = jaccard(set, one) >= threshold;
      }
    }
    if (alike) found.push(at);
    for (const member of prefix) {
      const list = before.get(member);
      if (list) list.push(at);
      else before.set(member, [at]);
    }
  }
  return found;
}
