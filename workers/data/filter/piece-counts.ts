/**
 * How many tokens a piece of text comes to, remembered: of a million chains nearly all pieces were met before. A Map
 * would want each piece cut out as a string of its own; looking it up where it stands took a tenth off the whole pass
 * over the chains.
 */
const SLOTS = 1 << 18;
/** Pieces kept at most; then it starts anew, so that memory has a bound. */
const MOST = SLOTS / 2;
/** Characters of a piece that is kept: longer ones are rare. */
const LONGEST = 24;

export class PieceCounts {
  readonly #count: (piece: string) => number;
  readonly #most: number;
  /** By slot: hash, tokens (0 = empty), length, and the characters, LONGEST of them. */
  readonly #hashes = new Int32Array(SLOTS);
  readonly #tokens = new Uint8Array(SLOTS);
  readonly #lengths = new Uint8Array(SLOTS);
  readonly #chars = new Uint8Array(SLOTS * LONGEST);
  #kept = 0;

  /** @param count of a piece that is not known yet. @param most pieces kept, MOST at most */
  constructor(count: (piece: string) => number, most = MOST) {
    this.#count = count;
    this.#most = Math.min(most, MOST);
  }

  of(text: string, start: number, end: number): number {
    const length = end - start;
    let hash = length;
    if (length > LONGEST) return this.#count(text.slice(start, end));
    for (let i = start; i < end; i++) {
      const code = text.charCodeAt(i);
      if (code >= 128) return this.#count(text.slice(start, end));
      hash = Math.imul(hash ^ code, 0x01000193);
    }
    // The low bits of such a hash know little of the first characters.
    let slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    while (this.#tokens[slot] !== 0) {
      if (this.#hashes[slot] === hash && this.#isAt(slot, text, start, length)) return this.#tokens[slot] as number;
      slot = (slot + 1) & (SLOTS - 1);
    }
    const tokens = this.#count(text.slice(start, end));
    if (this.#kept >= this.#most) {
      this.#tokens.fill(0);
      this.#kept = 0;
      return tokens;
    }
    this.#kept++;
    this.#hashes[slot] = hash;
    this.#tokens[slot] = tokens;
    this.#lengths[slot] = length;
    for (let i = 0; i < length; i++) this.#chars[slot * LONGEST + i] = text.charCodeAt(start + i);
    return tokens;
  }

  #isAt(slot: number, text: string, start: number, length: number): boolean {
    if (this.#lengths[slot] !== length) return false;
    const at = slot * LONGEST;
    for (let i = 0; i < length; i++) if (this.#chars[at + i] !== text.charCodeAt(start + i)) return false;
    return true;
  }
}
