/** One character as the recogniser saw it. */
export interface Glyph {
  readonly char: string;
  /** Probability of the class at its best step. */
  readonly score: number;
  /** First and last step (8 pixels of a 48-pixel-high line) at which the class led. */
  readonly from: number;
  readonly to: number;
  /** Highest share of the space class since the character before. */
  readonly spaceBefore: number;
}

/** The classes of the network, in its order: blank, the characters of its list, space. */
export interface Alphabet {
  readonly chars: readonly string[];
  /** Classes to choose from when a text is known to be Latin: no glyphs of other scripts. */
  readonly latin: Int32Array;
}

/** Class of "nothing here" in CTC. */
const BLANK = 0;

/** @param keys the character list that comes with the weights, one a line */
export function alphabetOf(keys: string): Alphabet {
  const list = keys.replace(/\r/g, '').replace(/\n$/, '').split('\n');
  const chars = ['', ...list.map(fullWidthToAscii), ' '];
  const latin = chars.flatMap((char, i) => (i === BLANK || isLatin(char) ? [i] : []));
  return { chars, latin: Int32Array.from(latin) };
}

/** Letters of the Latin script, digits, and the signs that occur among them. */
function isLatin(char: string): boolean {
  return /^[\u0020-\u007e\u00a1-\u00ff‘’“”…—–•™№℃√≤≥≠≈→←↑↓€]$/u.test(char) && !/[\u3000-\uffff]/.test(char);
}

function fullWidthToAscii(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code >= 0xff01 && code <= 0xff5e) return String.fromCodePoint(code - 0xfee0);
  return { '￥': '¥', '￡': '£', '￠': '¢', '∶': ':', '、': ',', '。': '.', '\u3000': ' ' }[char] ?? char;
}

/**
 * Greedy CTC: the leading class of each step, repeats joined, blanks and spaces dropped.
 * @param shares of one line, `steps * classes`
 * @param latinOnly choose among the Latin classes only
 */
export function decode(shares: Float32Array, steps: number, alphabet: Alphabet, latinOnly: boolean): Glyph[] {
  const classes = alphabet.chars.length;
  const space = classes - 1;
  const glyphs: Writable<Glyph>[] = [];
  let last = BLANK;
  let spaceShare = 0;
  for (let step = 0; step < steps; step++) {
    const base = step * classes;
    const best = latinOnly ? leadOf(shares, base, alphabet.latin) : lead(shares, base, classes);
    const share = shares[base + best]!;
    const glyph = glyphs.at(-1);
    const inked = best !== BLANK && best !== space;
    spaceShare = Math.max(spaceShare, shares[base + space]!);
    if (inked && best === last && glyph) {
      glyph.to = step;
      glyph.score = Math.max(glyph.score, share);
    } else if (inked) {
      glyphs.push({ char: alphabet.chars[best]!, score: share, from: step, to: step, spaceBefore: spaceShare });
    }
    if (inked) spaceShare = shares[base + space]!;
    last = best;
  }
  return glyphs;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function lead(shares: Float32Array, base: number, classes: number): number {
  let best = 0;
  for (let i = 1; i < classes; i++) if (shares[base + i]! > shares[base + best]!) best = i;
  return best;
}

function leadOf(shares: Float32Array, base: number, among: Int32Array): number {
  let best = among[0]!;
  for (const i of among) if (shares[base + i]! > shares[base + best]!) best = i;
  return best;
}
