/**
 * Which of millions of texts came before, and on which line: an open hash table over 128 bits of SHA-256. It takes 20
 * bytes a slot and is at most half full, 40 MB for a million texts. Two different texts are taken for equal with a
 * chance of 2^-88 among a million.
 */
import { createHash } from 'node:crypto';

export interface Seen {
  /** @returns the line that the text came on before; undefined (and remembered) when it is new */
  before(text: string, line: number): number | undefined;
  has(text: string): boolean;
  readonly size: number;
}

const WORDS = 4;

export function createSeen(expected = 1_024): Seen {
  let slots = 2 ** Math.ceil(Math.log2(Math.max(16, expected * 2)));
  let hashes = new Uint32Array(slots * WORDS);
  /** 0 = free. */
  let lines = new Uint32Array(slots);
  let size = 0;

  function place(words: Uint32Array, table: Uint32Array, used: Uint32Array): number {
    const mask = used.length - 1;
    for (let slot = (words[0] ?? 0) & mask; ; slot = (slot + 1) & mask) {
      if (used[slot] === 0) return slot;
      const at = slot * WORDS;
      if (
        table[at] === words[0] &&
        table[at + 1] === words[1] &&
        table[at + 2] === words[2] &&
        table[at + 3] === words[3]
      )
        return slot;
    }
  }

  function grow(): void {
    const [oldHashes, oldLines] = [hashes, lines];
    slots *= 2;
    hashes = new Uint32Array(slots * WORDS);
    lines = new Uint32Array(slots);
    for (let slot = 0; slot < oldLines.length; slot++) {
      const line = oldLines[slot] ?? 0;
      if (line === 0) continue;
      const words = oldHashes.subarray(slot * WORDS, slot * WORDS + WORDS);
      const free = place(words, hashes, lines);
      hashes.set(words, free * WORDS);
      lines[free] = line;
    }
  }

  const wordsOf = (text: string): Uint32Array => {
    const digest = createHash('sha256').update(text).digest();
    return Uint32Array.from({ length: WORDS }, (_, word) => digest.readUInt32LE(word * 4));
  };

  return {
    before(text, line) {
      const words = wordsOf(text);
      const slot = place(words, hashes, lines);
      const found = lines[slot] ?? 0;
      if (found > 0) return found;
      hashes.set(words, slot * WORDS);
      lines[slot] = line;
      size += 1;
      if (size * 2 > slots) grow();
      return undefined;
    },
    has: (text) => (lines[place(wordsOf(text), hashes, lines)] ?? 0) > 0,
    get size() {
      return size;
    },
  };
}
