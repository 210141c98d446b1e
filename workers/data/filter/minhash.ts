/**
 * MinHash: how alike two texts are (Jaccard similarity of their sets of word 5-grams), told from 128 bytes of each.
 *
 * Each of 128 permutations of the 32-bit hashes gives the least one of a text's set; the share of permutations in which
 * two texts agree is their similarity, give or take 0.04 at most (one standard deviation, sqrt(j (1 - j) / 128)). Only a
 * byte of each minimum is kept: two different ones agree by chance in 1 of 256 cases, which `similarity` takes out.
 */
export const PERMUTATIONS = 128;
/** Words of a shingle. A text with fewer is one shingle. */
const GRAM = 5;

/** Murmur3's last step: every bit of the input moves every bit of the result. */
function mix(value: number): number {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

// x -> a x + b (mod 2^32) with odd a is a permutation. Constants from a counter, so that they are the same for ever.
const MULTIPLY = Int32Array.from({ length: PERMUTATIONS }, (_, i) => mix(2 * i + 1) | 1);
const ADD = Int32Array.from({ length: PERMUTATIONS }, (_, i) => mix(2 * i + 0x5bd1e995) | 0);

const WORD = new Uint8Array(128);
for (let code = 0; code < 128; code++)
  if (/[a-z0-9]/i.test(String.fromCharCode(code))) WORD[code] = code >= 65 && code <= 90 ? code + 32 : code;
const DOT = '.'.charCodeAt(0);
const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/**
 * The set of a text's word 5-grams as 32-bit hashes, sorted. Words are runs of letters and digits, case apart; a number
 * with a decimal point is one word. What is not ASCII counts as letters.
 */
export function shingles(text: string): Uint32Array {
  const words: number[] = [];
  let hash = 0;
  let inside = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    let unit = code < 128 ? (WORD[code] as number) : code;
    if (unit === 0 && code === DOT && inside && isDigit(text.charCodeAt(i - 1)) && isDigit(text.charCodeAt(i + 1)))
      unit = DOT;
    if (unit !== 0) {
      hash = inside ? Math.imul(hash ^ unit, 0x01000193) : Math.imul(0x811c9dc5 ^ unit, 0x01000193);
      inside = true;
    } else if (inside) {
      words.push(mix(hash));
      inside = false;
    }
  }
  if (inside) words.push(mix(hash));
  const count = Math.max(words.length - GRAM + 1, words.length > 0 ? 1 : 0);
  const grams = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    let gram = 0;
    for (let j = i; j < i + GRAM && j < words.length; j++)
      gram = Math.imul(gram ^ (words[j] as number), 0x9e3779b1) + 0x7f4a7c15;
    grams[i] = mix(gram);
  }
  grams.sort();
  let kept = 0;
  for (let i = 0; i < count; i++) if (i === 0 || grams[i] !== grams[i - 1]) grams[kept++] = grams[i] as number;
  return grams.slice(0, kept);
}

/** @returns PERMUTATIONS bytes; all zero for an empty set */
export function signature(set: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(PERMUTATIONS);
  if (set.length === 0) return bytes;
  // Four at a time: each member of the set is then loaded once for four permutations. Signed numbers are compared, as
  // they stay in integer registers; the order of a permutation is arbitrary anyway.
  for (let p = 0; p < PERMUTATIONS; p += 4) {
    const m0 = MULTIPLY[p] as number;
    const m1 = MULTIPLY[p + 1] as number;
    const m2 = MULTIPLY[p + 2] as number;
    const m3 = MULTIPLY[p + 3] as number;
    const a0 = ADD[p] as number;
    const a1 = ADD[p + 1] as number;
    const a2 = ADD[p + 2] as number;
    const a3 = ADD[p + 3] as number;
    let l0 = 0x7fffffff;
    let l1 = l0;
    let l2 = l0;
    let l3 = l0;
    for (let i = 0; i < set.length; i++) {
      const member = set[i] as number;
      const v0 = (Math.imul(member, m0) + a0) | 0;
      const v1 = (Math.imul(member, m1) + a1) | 0;
      const v2 = (Math.imul(member, m2) + a2) | 0;
      const v3 = (Math.imul(member, m3) + a3) | 0;
      if (v0 < l0) l0 = v0;
      if (v1 < l1) l1 = v1;
      if (v2 < l2) l2 = v2;
      if (v3 < l3) l3 = v3;
    }
    // The minimum's high bits are nearly always the same and its low ones depend on few of the input's: mixed, all tell.
    bytes[p] = mix(l0) & 0xff;
    bytes[p + 1] = mix(l1) & 0xff;
    bytes[p + 2] = mix(l2) & 0xff;
    bytes[p + 3] = mix(l3) & 0xff;
  }
  return bytes;
}

/**
 * Estimated Jaccard similarity of two signatures that lie in one array, or 0 as soon as it is below `atLeast`.
 * @param a place of the first byte of one, `b` of the other
 */
export function similarity(all: Uint8Array, a: number, b: number, atLeast = 0): number {
  const bound = PERMUTATIONS * (1 - (atLeast * 255 + 1) / 256) + 1e-9;
  let differ = 0;
  for (let p = 0; p < PERMUTATIONS; p++) {
    if (all[a + p] !== all[b + p] && ++differ > bound) return 0;
  }
  return Math.max(0, (1 - differ / PERMUTATIONS - 1 / 256) / (255 / 256));
}

/** Jaccard similarity of two sorted sets. */
export function jaccard(a: Uint32Array, b: Uint32Array): number {
  let shared = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const x = a[i] as number;
    const y = b[j] as number;
    if (x === y) {
      shared++;
      i++;
      j++;
    } else if (x < y) i++;
    else j++;
  }
  const union = a.length + b.length - shared;
  return union === 0 ? 1 : shared / union;
}

/** Pairs just as alike as the threshold are to share a band with this probability. */
const RECALL = 0.985;

/**
 * How to cut signatures into bands, so that two texts of similarity `threshold` agree in at least one with probability
 * RECALL: as many rows a band as that allows, since each more lets fewer of the unlike pairs through.
 */
export function banding(threshold: number): { readonly bands: number; readonly rows: number } {
  for (let rows = PERMUTATIONS; rows > 1; rows--) {
    const bands = Math.floor(PERMUTATIONS / rows);
    if (1 - (1 - threshold ** rows) ** bands >= RECALL) return { bands, rows };
  }
  return { bands: PERMUTATIONS, rows: 1 };
}

/** A 32-bit hash of `rows` bytes of a signature from `start`. */
export function bandHash(all: Uint8Array, start: number, rows: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < start + rows; i++) hash = Math.imul(hash ^ (all[i] as number), 0x01000193);
  return mix(hash);
}
