import sharp, { type Sharp } from 'sharp';
import { describe, expect, test } from 'vitest';
import { modelPart } from './model-part.ts';

/** A picture whose every pixel differs from its neighbours, so that a lost row or turn shows. */
function picture(width: number, height: number, channels: 1 | 3 | 4 = 3): Sharp {
  const bytes = Buffer.alloc(width * height * channels);
  for (let i = 0; i < bytes.length; i++) bytes[i] = (Math.imul(i, 2_654_435_761) >>> 13) & 255;
  return sharp(bytes, { raw: { width, height, channels } });
}

const jpeg = await picture(640, 480).jpeg().toBuffer();
const whole = await picture(320, 200).png().toBuffer();
const webp = await picture(320, 200).webp().toBuffer();
const gif = await picture(60, 40).gif().toBuffer();

describe('modelPart', () => {
  const room = { maxPixels: 20_000_000 };
  const pixels = (bytes: Buffer) => sharp(bytes).raw().toBuffer();

  test('passes a plain file on as it is', async () => {
    for (const [bytes, contentType] of [
      [jpeg, 'image/jpeg'],
      [whole, 'image/png'],
    ] as const) {
      const part = await modelPart(bytes, room);
      expect(part.bytes).toBe(bytes);
      expect(part.contentType).toBe(contentType);
    }
  });

  test('scales to pixels and to the longer side, keeping the shape, and never up', async () => {
    expect(await modelPart(jpeg, { maxPixels: 76_800 })).toMatchObject({
      width: 320,
      height: 240,
      contentType: 'image/jpeg',
    });
    expect(await modelPart(jpeg, { maxPixels: 1e9, maxSide: 64 })).toMatchObject({ width: 64, height: 48 });
    expect(await modelPart(jpeg, { maxPixels: 1e9, maxSide: 10_000 })).toMatchObject({ width: 640, height: 480 });
    for (const maxPixels of [1, 7, 1_000, 100_003]) {
      const { width, height, bytes } = await modelPart(jpeg, { maxPixels });
      expect(width * height).toBeLessThanOrEqual(maxPixels);
      expect(await sharp(bytes).metadata()).toMatchObject({ width, height });
    }
    expect(await modelPart(await picture(5_000, 3).png().toBuffer(), { maxPixels: 1e6, maxSide: 100 })).toMatchObject({
      width: 100,
      height: 1,
    });
  });

  test('turns a photo upright and leaves its place and camera behind', async () => {
    const exif = { IFD0: { Model: 'a camera' }, IFD3: { GPSLatitude: '51/1 30/1 0/1' } };
    // White, with a red patch in the upper left corner of the file: the upper right one of the picture.
    const patch = { create: { width: 16, height: 16, channels: 3, background: '#f00' } } as const;
    const lying = await sharp({ create: { width: 64, height: 32, channels: 3, background: '#fff' } })
      .composite([{ input: patch, left: 0, top: 0 }])
      .withExif(exif)
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    expect((await sharp(lying).metadata()).exif).toBeDefined();
    const part = await modelPart(lying, room);
    expect(part).toMatchObject({ width: 32, height: 64, contentType: 'image/jpeg' });
    const header = await sharp(part.bytes).metadata();
    expect([header.exif, header.orientation, header.xmp, header.icc]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    const upright = await pixels(part.bytes);
    const greenAt = (x: number, y: number) => upright[(y * 32 + x) * 3 + 1]!;
    expect(greenAt(28, 4)).toBeLessThan(40);
    for (const [x, y] of [
      [4, 4],
      [4, 60],
      [28, 60],
    ] as const)
      expect(greenAt(x, y)).toBeGreaterThan(215);
  });

  test.each<[string, Buffer | Promise<Buffer>, string]>([
    ['CMYK', picture(64, 32).toColourspace('cmyk').jpeg().toBuffer(), 'image/jpeg'],
    ['16 bits', picture(64, 32).toColourspace('rgb16').png().toBuffer(), 'image/png'],
    ['WebP', webp, 'image/jpeg'],
    ['GIF', gif, 'image/png'],
    ['a big PNG that must shrink', picture(1_500, 1_400).png().toBuffer(), 'image/jpeg'],
    ['a small PNG that must shrink', picture(900, 900).png().toBuffer(), 'image/png'],
  ])('makes %s an 8-bit sRGB picture that every engine reads', async (_, bytes, contentType) => {
    const part = await modelPart(await bytes, { maxPixels: contentType === 'image/png' ? 500_000 : 2_000_000 });
    expect(part.contentType).toBe(contentType);
    expect(await sharp(part.bytes).metadata()).toMatchObject({
      space: 'srgb',
      depth: 'uchar',
      hasAlpha: false,
      width: part.width,
      height: part.height,
    });
  });

  test('shows transparent pixels on white', async () => {
    const clear = await sharp({
      create: { width: 8, height: 8, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer();
    expect([...new Set(await pixels((await modelPart(clear, room)).bytes))]).toEqual([255]);
  });

  test('sends nothing that lies behind the image', async () => {
    const part = await modelPart(Buffer.concat([whole, Buffer.from('a secret behind')]), room);
    expect(part.bytes.includes('a secret behind')).toBe(false);
    expect((await pixels(part.bytes)).equals(await pixels(whole))).toBe(true);
  });

  test('gives the same bytes for the same picture', async () => {
    for (const bytes of [jpeg, whole, webp]) {
      const [first, second] = await Promise.all([
        modelPart(bytes, { maxPixels: 50_000 }),
        modelPart(bytes, { maxPixels: 50_000 }),
      ]);
      expect(first.bytes.equals(second.bytes)).toBe(true);
    }
  });

  test('refuses what inspectImage refuses', async () => {
    await expect(modelPart(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), room)).rejects.toMatchObject({
      code: 'invalid_image_format',
    });
    await expect(modelPart(jpeg.subarray(0, jpeg.length / 2), { maxPixels: 1_000 })).rejects.toMatchObject({
      code: 'image_parse_error',
    });
  });
});
