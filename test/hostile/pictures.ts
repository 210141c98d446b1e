/** Pictures that ought to break whoever opens them, each with its bytes; all made here. */
import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';

const solid = (width: number, height: number, background = '#88aa44') =>
  sharp({ create: { width, height, channels: 3, background } });

/** A PNG whose header says what it likes. */
export function png(width: number, height: number, bits: number, colour: number, data: Buffer): Buffer {
  const chunk = (type: string, body: Buffer): Buffer => {
    const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
    const out = Buffer.alloc(named.length + 8);
    out.writeUInt32BE(body.length, 0);
    named.copy(out, 4);
    out.writeUInt32BE(crc32(named), named.length + 4);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([bits, colour, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

export interface HostilePicture {
  readonly what: string;
  readonly bytes: Buffer;
}

/** The first is an ordinary one, so that hostile arguments meet a picture that works. */
export async function hostilePictures(): Promise<readonly HostilePicture[]> {
  const page = Buffer.from(
    '<svg width="640" height="480"><rect width="640" height="480" fill="white"/><circle cx="480" cy="160" r="90" fill="red"/><text x="40" y="240" font-size="40">TOTAL 12.50</text></svg>',
  );
  const good = await sharp(page).png().toBuffer();
  const jpeg = await sharp(page).jpeg().toBuffer();
  const noise = Buffer.from(Array.from({ length: 4_096 }, (_, i) => createHash('md5').update(`${i}`).digest()[0]!));
  const frames = await sharp(Buffer.alloc(64 * 64 * 3 * 200, 7), {
    raw: { width: 64, height: 64 * 200, channels: 3, pageHeight: 64 },
  })
    .gif()
    .toBuffer();
  return [
    { what: 'ordinary', bytes: good },
    { what: 'one pixel', bytes: await solid(1, 1).png().toBuffer() },
    { what: 'one pixel wide, 20,000 high', bytes: await solid(1, 20_000).png().toBuffer() },
    { what: '20,000 wide, two high', bytes: await solid(20_000, 2).png().toBuffer() },
    { what: 'no bytes', bytes: Buffer.alloc(0) },
    { what: 'noise', bytes: noise },
    { what: 'text', bytes: Buffer.from('root:x:0:0:root:/root:/bin/sh\n') },
    { what: 'JPEG cut in half', bytes: jpeg.subarray(0, jpeg.length >> 1) },
    { what: 'JPEG with noise inside', bytes: Buffer.concat([jpeg.subarray(0, 700), noise, jpeg.subarray(700)]) },
    { what: 'PNG that claims 100,000 x 100,000', bytes: png(100_000, 100_000, 8, 2, deflateSync(Buffer.alloc(64))) },
    { what: 'PNG that claims 2^31', bytes: png(0x7fffffff, 0x7fffffff, 8, 2, deflateSync(Buffer.alloc(64))) },
    { what: 'PNG of no size', bytes: png(0, 0, 8, 2, deflateSync(Buffer.alloc(8))) },
    // 900 million pixels in a hundred kilobytes.
    { what: 'PNG bomb', bytes: png(30_000, 30_000, 1, 0, deflateSync(Buffer.alloc(3_751 * 30_000), { level: 9 })) },
    {
      what: 'SVG that reads a file',
      bytes: Buffer.from(
        '<?xml version="1.0"?><!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg xmlns="http://www.w3.org/2000/svg" width="90" height="90"><text>&x;</text><image href="file:///etc/passwd" width="9" height="9"/></svg>',
      ),
    },
    { what: 'GIF of 200 frames', bytes: frames },
    { what: 'PNG that is also HTML', bytes: Buffer.concat([good, Buffer.from('<script>alert(1)</script>')]) },
    { what: 'CMYK', bytes: await solid(90, 60).toColourspace('cmyk').jpeg().toBuffer() },
    { what: 'sixteen bits', bytes: await sharp(page).toColourspace('rgb16').png().toBuffer() },
    { what: 'wholly transparent', bytes: await sharp(page).ensureAlpha(0).png().toBuffer() },
    { what: 'turned by EXIF', bytes: await sharp(page).jpeg().withMetadata({ orientation: 6 }).toBuffer() },
  ];
}
