/** Which chains may be near-duplicates of another: those whose signatures share a band and come near each other. */
import { bandHash, PERMUTATIONS, similarity } from './minhash.ts';

/** A run of equal bands is compared with this many before it: longer ones are templates, not copies. */
const RUN = 200;

/** Standard deviations by which an estimate may fall short of the threshold and still be looked at. */
const DEVIATIONS = 2.5;

/** From this estimate on two texts are compared word by word. */
export const margin = (threshold: number): number =>
  Math.max(0, threshold - DEVIATIONS * Math.sqrt((threshold * (1 - threshold)) / PERMUTATIONS));

/**
 * @param signatures of all chains, PERMUTATIONS bytes each, by number
 * @param alive numbers of the chains to compare
 * @returns 1 for each chain that is a suspect
 */
export function suspectsOf(
  signatures: Uint8Array,
  alive: Uint32Array,
  threshold: number,
  { bands, rows }: { readonly bands: number; readonly rows: number },
): Uint8Array {
  const suspects = new Uint8Array(signatures.length / PERMUTATIONS);
  const atLeast = margin(threshold);
  // Hash and number in 64 bits, sorted as one number: equal bands stand together, in the order of their numbers.
  const keys = new BigUint64Array(alive.length);
  const halves = new Uint32Array(keys.buffer);
  for (let band = 0; band < bands; band++) {
    for (let i = 0; i < alive.length; i++) {
      const chain = alive[i] as number;
      halves[2 * i] = chain;
      halves[2 * i + 1] = bandHash(signatures, chain * PERMUTATIONS + band * rows, rows);
    }
    keys.sort();
    let start = 0;
    for (let i = 1; i < alive.length; i++) {
      if (halves[2 * i + 1] !== halves[2 * start + 1]) {
        start = i;
        continue;
      }
      const chain = halves[2 * i] as number;
      for (let j = i - 1; j >= Math.max(start, i - RUN); j--) {
        const other = halves[2 * j] as number;
        if (suspects[chain] === 1 && suspects[other] === 1) continue;
        if (similarity(signatures, chain * PERMUTATIONS, other * PERMUTATIONS, atLeast) < atLeast) continue;
        suspects[chain] = 1;
        suspects[other] = 1;
      }
    }
  }
  return suspects;
}
