/**
 * A 64-bit hash of what a picture looks like: equal or nearly so for the same picture at another size, quality or
 * format. Each bit says whether one of the 64 lowest frequencies (DCT of 32 x 32 grey pixels, the mean left out) is
 * above their median.
 */
import sharp from 'sharp';

/** Side of the grey picture that is looked at, in pixels. */
const SIDE = 32;
const BITS = 64;

/** cos((2x + 1) u π / 2 SIDE) for the frequencies that are needed. */
const FREQUENCIES = 12;
const COSINES = Array.from({ length: FREQUENCIES }, (_, u) =>
  Float64Array.from({ length: SIDE }, (_, x) => Math.cos(((2 * x + 1) * u * Math.PI) / (2 * SIDE))),
);

/** The 64 lowest pairs of frequencies in a fixed order, without the mean. */
const LOWEST: readonly (readonly [number, number])[] = Array.from({ length: FREQUENCIES }, (_, u) =>
  Array.from({ length: FREQUENCIES }, (_, v) => [u, v] as const),
)
  .flat()
  .filter(([u, v]) => u + v > 0)
  .sort(([a, b], [c, d]) => a + b - c - d || a - c)
  .slice(0, BITS);

/**
 * @param bytes of a picture in any format that sharp reads; its EXIF orientation is applied, transparency is white
 * @returns 16 hex digits
 * @throws Error of sharp for what is no picture
 */
export async function pictureHash(bytes: Uint8Array): Promise<string> {
  const { data } = await sharp(bytes)
    .rotate()
    .flatten({ background: '#ffffff' })
    .greyscale()
    .resize(SIDE, SIDE, { fit: 'fill' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return hashOfGrey(data);
}

/** @param grey SIDE x SIDE values, row by row */
function hashOfGrey(grey: Uint8Array): string {
  // Rows first: along[u][y] is the u-th horizontal frequency of row y.
  const along = COSINES.map((cosine) =>
    Float64Array.from({ length: SIDE }, (_, y) => {
      let sum = 0;
      for (let x = 0; x < SIDE; x++) sum += (grey[y * SIDE + x] as number) * (cosine[x] as number);
      return sum;
    }),
  );
  const values = LOWEST.map(([u, v]) => {
    const row = along[u] as Float64Array;
    const cosine = COSINES[v] as Float64Array;
    let sum = 0;
    for (let y = 0; y < SIDE; y++) sum += (row[y] as number) * (cosine[y] as number);
    // What rounding leaves of a picture of one colour is no frequency.
    return Math.abs(sum) < 1e-6 ? 0 : sum;
  });
  const sorted = [...values].sort((a, b) => a - b);
  const median = ((sorted[BITS / 2 - 1] as number) + (sorted[BITS / 2] as number)) / 2;
  let hex = '';
  for (let i = 0; i < BITS; i += 4) {
    let digit = 0;
    for (let j = i; j < i + 4; j++) digit = digit * 2 + ((values[j] as number) > median ? 1 : 0);
    hex += digit.toString(16);
  }
  return hex;
}

/** The hash of a picture of one colour: it is like any other of its kind, so it proves nothing. */
export const FLAT = '0'.repeat(16);

function ones(word: number): number {
  let w = word - ((word >>> 1) & 0x55555555);
  w = (w & 0x33333333) + ((w >>> 2) & 0x33333333);
  return Math.imul((w + (w >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

const halves = (hash: string): [number, number] => [
  Number.parseInt(hash.slice(0, 8), 16) | 0,
  Number.parseInt(hash.slice(8), 16) | 0,
];

/** Bits in which two hashes differ, 0 to 64. Unrelated pictures differ in about 32. */
export function hashDistance(a: string, b: string): number {
  const [a0, a1] = halves(a);
  const [b0, b1] = halves(b);
  return ones(a0 ^ b0) + ones(a1 ^ b1);
}

/** From this many bands on a band is so narrow that every hash shares one with many: looking at all is faster. */
const MOST_BANDS = 9;

/**
 * Finds hashes that differ from a given one in `bits` bits at most. Cut into `bits + 1` bands, two such hashes agree in
 * at least one band, so only those that share a band are compared: nothing is missed.
 */
export class HashIndex<Item> {
  readonly #bits: number;
  readonly #bands: Map<string, number[]>[];
  readonly #cuts: readonly number[];
  readonly #hashes: (readonly [number, number])[] = [];
  readonly #items: Item[] = [];

  constructor(bits: number) {
    this.#bits = bits;
    const bands = bits + 1 < MOST_BANDS ? bits + 1 : 0;
    this.#bands = Array.from({ length: bands }, () => new Map<string, number[]>());
    this.#cuts = Array.from({ length: bands + 1 }, (_, i) => Math.round((i * BITS) / Math.max(bands, 1)));
  }

  get size(): number {
    return this.#items.length;
  }

  add(hash: string, item: Item): void {
    const place = this.#items.push(item) - 1;
    this.#hashes.push(halves(hash));
    for (const [i, key] of this.#keys(hash).entries()) {
      const band = this.#bands[i] as Map<string, number[]>;
      const list = band.get(key);
      if (list) list.push(place);
      else band.set(key, [place]);
    }
  }

  /** The item whose hash is nearest, the one that was added first among equals; none where all are too far. */
  nearest(hash: string): { readonly item: Item; readonly distance: number } | undefined {
    let best: readonly [number, number] | undefined;
    for (const found of this.#places(hash)) if (!best || found[1] < best[1]) best = found;
    return best && { item: this.#items[best[0]] as Item, distance: best[1] };
  }

  /** All items whose hashes are near enough, in the order in which they were added. */
  within(hash: string): Item[] {
    return this.#places(hash).map(([place]) => this.#items[place] as Item);
  }

  /** Places and distances, ascending by place. */
  #places(hash: string): (readonly [number, number])[] {
    const [h0, h1] = halves(hash);
    const found = new Map<number, number>();
    const look = (place: number): void => {
      const [g0, g1] = this.#hashes[place] as readonly [number, number];
      const distance = ones(h0 ^ g0) + ones(h1 ^ g1);
      if (distance <= this.#bits) found.set(place, distance);
    };
    if (this.#bands.length === 0) for (let place = 0; place < this.#items.length; place++) look(place);
    else
      for (const [i, key] of this.#keys(hash).entries())
        for (const place of this.#bands[i]?.get(key) ?? []) look(place);
    return [...found].sort(([a], [b]) => a - b);
  }

  #keys(hash: string): string[] {
    if (this.#bands.length === 0) return [];
    const binary = [...hash].map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0')).join('');
    return this.#bands.map((_, i) => binary.slice(this.#cuts[i], this.#cuts[i + 1]));
  }
}
