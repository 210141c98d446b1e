import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { random } from '../random.ts';
import { FLAT, HashIndex, hashDistance, pictureHash } from './picture-hash.ts';

/** Noise of soft patches: no two seeds look alike. */
async function patches(seed: number): Promise<Buffer> {
  const rng = random(seed, 'patches');
  const grey = Buffer.from(Array.from({ length: 64 }, () => rng.int(0, 255)));
  return await sharp(grey, { raw: { width: 8, height: 8, channels: 1 } })
    .resize(400, 300, { fit: 'fill' })
    .png()
    .toBuffer();
}

describe('picture hashes', () => {
  it('are nearly equal for a picture at another size, quality and format, and far for others', async () => {
    const hashes: string[] = [];
    for (let seed = 0; seed < 12; seed++) {
      const bytes = await patches(seed);
      const hash = await pictureHash(bytes);
      const worse = await sharp(bytes).resize(210).jpeg({ quality: 35 }).toBuffer();
      expect(hashDistance(hash, await pictureHash(worse))).toBeLessThanOrEqual(4);
      for (const other of hashes) expect(hashDistance(hash, other)).toBeGreaterThan(12);
      hashes.push(hash);
    }
  });

  it('say when there is nothing to see', async () => {
    const grey = await sharp({ create: { width: 50, height: 40, channels: 3, background: '#778' } })
      .png()
      .toBuffer();
    expect(await pictureHash(grey)).toBe(FLAT);
  });

  it.each([0, 3, 7, 12])('are all found within %i bits', (bits) => {
    const rng = random(3, 'bits');
    const index = new HashIndex<number>(bits);
    const hashes = Array.from({ length: 400 }, () =>
      Array.from({ length: 16 }, () => rng.int(0, 15).toString(16)).join(''),
    );
    for (const [i, hash] of hashes.entries()) index.add(hash, i);
    for (const [i, hash] of hashes.slice(0, 100).entries()) {
      let near = BigInt(`0x${hash}`);
      for (const bit of rng.sample([...Array(64).keys()], bits)) near ^= 1n << BigInt(bit);
      const text = near.toString(16).padStart(16, '0');
      expect(index.nearest(text)).toEqual({ item: i, distance: bits });
      expect(index.within(text)).toEqual(
        hashes.flatMap((other, at) => (hashDistance(other, text) <= bits ? [at] : [])),
      );
    }
  });
});
