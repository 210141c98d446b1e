import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, test } from 'vitest';
import { type ImageLimits, inspectImage } from './inspect.ts';

const limits: ImageLimits = { maxBytes: 2_000_000, maxPixels: 20_000_000 };

/** A picture whose every pixel differs from its neighbours, so that a lost row or turn shows. */
function picture(width: number, height: number, channels: 1 | 3 | 4 = 3): Sharp {
  const bytes = Buffer.alloc(width * height * channels);
  for (let i = 0; i < bytes.length; i++) bytes[i] = (Math.imul(i, 2_654_435_761) >>> 13) & 255;
  return sharp(bytes, { raw: { width, height, channels } });
}

/** A PNG made by hand: header fields as wanted, one chunk of data. */
function png(width: number, height: number, data: Buffer, extra: Buffer[] = [], depth = 8): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, 0, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    ...extra,
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** The header of a GIF that claims a screen, without pictures. */
function gifHeader(width: number, height: number): Buffer {
  const bytes = Buffer.from('GIF89a\0\0\0\0\0\0\0,\0\0\0\0\0\0\0\0\0\x02\x02\x44\x01\0;', 'latin1');
  for (const at of [6, 18]) {
    bytes.writeUInt16LE(width, at);
    bytes.writeUInt16LE(height, at + 2);
  }
  return bytes;
}

const jpeg = await picture(640, 480).jpeg().toBuffer();
const progressive = await picture(640, 480).jpeg({ progressive: true }).toBuffer();
const whole = await picture(320, 200).png().toBuffer();
const webp = await picture(320, 200).webp().toBuffer();
const gif = await picture(60, 40).gif().toBuffer();
const frames = await picture(40, 80).raw().toBuffer();
const animation = sharp(frames, { raw: { width: 40, height: 80, channels: 3, pageHeight: 40 } });
const cut = (bytes: Buffer, share: number) => bytes.subarray(0, Math.floor(bytes.length * share));
const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>';

describe('inspectImage takes', () => {
  test.each<[string, Buffer | Promise<Buffer>, string, number, number]>([
    ['a PNG', whole, 'image/png', 320, 200],
    ['a JPEG', jpeg, 'image/jpeg', 640, 480],
    ['a progressive JPEG', progressive, 'image/jpeg', 640, 480],
    ['a WebP', webp, 'image/webp', 320, 200],
    ['a lossless WebP', picture(30, 20).webp({ lossless: true }).toBuffer(), 'image/webp', 30, 20],
    ['a GIF of one frame', gif, 'image/gif', 60, 40],
    ['one pixel', png(1, 1, deflateSync(Buffer.from([0, 9]))), 'image/png', 1, 1],
    ['a CMYK JPEG', picture(64, 32).toColourspace('cmyk').jpeg().toBuffer(), 'image/jpeg', 64, 32],
    ['a grey JPEG', picture(64, 32, 1).jpeg().toBuffer(), 'image/jpeg', 64, 32],
    ['a PNG of 16 bits', picture(64, 32).toColourspace('rgb16').png().toBuffer(), 'image/png', 64, 32],
    ['a PNG with a palette', picture(64, 32).png({ palette: true }).toBuffer(), 'image/png', 64, 32],
    ['an interlaced PNG with alpha', picture(64, 32, 4).png({ progressive: true }).toBuffer(), 'image/png', 64, 32],
    [
      'a photo lying on its side',
      picture(64, 32).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
      'image/jpeg',
      32,
      64,
    ],
    ['a photo upside down', picture(64, 32).withMetadata({ orientation: 3 }).jpeg().toBuffer(), 'image/jpeg', 64, 32],
    [
      'a photo with a film behind it',
      Buffer.concat([jpeg, Buffer.from('\0\0\0\x18ftypmp42'), Buffer.alloc(5_000)]),
      'image/jpeg',
      640,
      480,
    ],
    [
      'a picture with an archive behind it, as the picture',
      Buffer.concat([whole, Buffer.from('PK\x03\x04 and so on')]),
      'image/png',
      320,
      200,
    ],
    ['a panorama', picture(5_000, 3).png().toBuffer(), 'image/png', 5_000, 3],
  ])('%s', async (_, bytes, contentType, width, height) => {
    expect(await inspectImage(await bytes, limits)).toEqual({ contentType, width, height });
  });
});

describe('inspectImage refuses', () => {
  const text = Buffer.from('this is a text, whatever its name is .png\n'.repeat(50));
  test.each<[string, Buffer | Promise<Buffer>, string, RegExp]>([
    ['nothing', Buffer.alloc(0), 'empty_image_file', /empty \(0 bytes\)/],
    ['zeros', Buffer.alloc(500), 'invalid_image', /is not an image/],
    ['a text', text, 'invalid_image', /is not an image/],
    [
      'a text that begins like a bitmap',
      Buffer.from('BMW drivers, and more text than that'),
      'invalid_image',
      /is not an image/,
    ],
    ['a web page', Buffer.from('<!doctype html><html><body>404</body></html>'), 'invalid_image', /is not an image/],
    ['a program', Buffer.from('\x7fELF\x02\x01\x01\0', 'latin1'), 'invalid_image', /is not an image/],
    ['two bytes', Buffer.from([0xff, 0xd8]), 'invalid_image', /is not an image/],
    ['an SVG', Buffer.from(svg), 'invalid_image_format', /SVG files are not taken\. Convert it to PNG/],
    [
      'an SVG behind a declaration',
      Buffer.from(`\ufeff<?xml version="1.0"?>\n<!-- x -->\n<!DOCTYPE svg>${svg}`),
      'invalid_image_format',
      /SVG/,
    ],
    ['a TIFF', picture(9, 9).tiff().toBuffer(), 'invalid_image_format', /TIFF/],
    ['an AVIF', picture(16, 16).avif().toBuffer(), 'invalid_image_format', /AVIF/],
    ['a BMP', Buffer.from('BM\x1a\0\0\0\0\0\0\0\x1a\0\0\0', 'latin1'), 'invalid_image_format', /BMP/],
    ['a HEIC', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0', 'latin1'), 'invalid_image_format', /HEIC/],
    ['a PDF', Buffer.from('%PDF-1.7\n'), 'invalid_image_format', /PDF/],
    [
      'an animated GIF',
      animation.gif({ delay: [50, 50] }).toBuffer(),
      'invalid_image_format',
      /is an animation\. Send the frame/,
    ],
    ['an animated WebP', animation.webp({ delay: [50, 50] }).toBuffer(), 'invalid_image_format', /is an animation/],
    [
      'an animated PNG',
      png(1, 1, deflateSync(Buffer.from([0, 9])), [chunk('acTL', Buffer.from([0, 0, 0, 2, 0, 0, 0, 0]))]),
      'invalid_image_format',
      /is an animation/,
    ],
    ['half a PNG', cut(whole, 0.5), 'image_parse_error', /PNG file is damaged or cut short/],
    ['a PNG without its last hundredth', cut(whole, 0.99), 'image_parse_error', /damaged or cut short/],
    ['the first bytes of a PNG', whole.subarray(0, 8), 'image_parse_error', /damaged or cut short/],
    ['a PNG header alone', whole.subarray(0, 40), 'image_parse_error', /damaged or cut short/],
    ['half a JPEG', cut(jpeg, 0.5), 'image_parse_error', /JPEG file is damaged or cut short/],
    ['a JPEG without its last thousandth', cut(jpeg, 0.999), 'image_parse_error', /damaged or cut short/],
    ['a JPEG without its end mark', jpeg.subarray(0, -2), 'image_parse_error', /damaged or cut short/],
    ['half a progressive JPEG', cut(progressive, 0.5), 'image_parse_error', /damaged or cut short/],
    ['half a WebP', cut(webp, 0.5), 'image_parse_error', /WEBP file is damaged or cut short/],
    ['half a GIF', cut(gif, 0.5), 'image_parse_error', /GIF file is damaged or cut short/],
    ['a script that begins like a GIF', Buffer.from('GIF89a/*\0\0\0*/=1;alert(1)'), 'image_parse_error', /damaged/],
    [
      'a JPEG in name only',
      Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), text]),
      'image_parse_error',
      /damaged/,
    ],
    ['a PNG with a wrong checksum', Buffer.from(whole).fill(0, 45, 60), 'image_parse_error', /damaged/],
    ['a PNG of no width', png(0, 5, deflateSync(Buffer.alloc(5))), 'image_parse_error', /damaged/],
    [
      'too many bytes',
      Buffer.concat([jpeg, Buffer.alloc(2_000_000)]),
      'image_file_too_large',
      /at most 2000000 \(1\.9 MB\) are taken/,
    ],
    [
      '200 megapixels in a few bytes of PNG',
      png(20_000, 10_000, deflateSync(Buffer.alloc(100))),
      'image_too_large',
      /20000 x 10000 pixels; at most 20 megapixels/,
    ],
    [
      'a PNG larger than any can be',
      png(2 ** 31 - 1, 2 ** 31 - 1, deflateSync(Buffer.alloc(100))),
      'image_parse_error',
      /damaged/,
    ],
    ['the largest GIF', gifHeader(65_535, 65_535), 'image_too_large', /65535 x 65535/],
  ])('%s', async (_, bytes, code, message) => {
    await expect(inspectImage(await bytes, limits)).rejects.toMatchObject({
      name: 'ImageRefused',
      code,
      message: expect.stringMatching(message),
    });
  });

  test('what is too small for a model that says so', async () => {
    await expect(inspectImage(whole, { ...limits, minSide: 201 })).rejects.toMatchObject({ code: 'image_too_small' });
    expect((await inspectImage(whole, { ...limits, minSide: 200 })).height).toBe(200);
  });

  test('200 real megapixels by the header alone: at once, at no memory', async () => {
    // One bit a pixel: 2,500 bytes and a filter byte for each row.
    const huge = png(20_000, 10_000, deflateSync(Buffer.alloc(10_000 * 2_501)), [], 1);
    expect(huge.length).toBeLessThan(limits.maxBytes);
    const before = process.memoryUsage().rss;
    const start = performance.now();
    await expect(inspectImage(huge, limits)).rejects.toMatchObject({ code: 'image_too_large' });
    expect(performance.now() - start).toBeLessThan(200);
    expect(process.memoryUsage().rss - before).toBeLessThan(50_000_000);
    expect((await inspectImage(huge, { maxBytes: 2_000_000, maxPixels: 200_000_000 })).width).toBe(20_000);
  });
});
