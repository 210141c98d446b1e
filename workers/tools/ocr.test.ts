import { existsSync, readFileSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import {
  drawWords as draw,
  pageBy as read,
  drawReceipt as receipt,
  receiptRows,
  callOcr as run,
  type Words,
} from '../../test/ocr-pages.ts';
import { closeOcr } from './engines/ppocr/engine.ts';

/** A page is a second of CPU time; the machine may have other work. */
const SLOW = { timeout: 240_000 };
afterAll(() => closeOcr());

describe('reads rows', () => {
  test('with their cells from left to right, and boxes where the words are', SLOW, async () => {
    const page = await read(await receipt());
    expect(page.rows.map(({ text }) => text)).toEqual(receiptRows);
    expect(page.text).toBe(receiptRows.join('\n'));
    const total = page.rows[3]!;
    expect(total.cells.map(({ text }) => text)).toEqual(['TOTAL', 'RM', '22.88']);
    for (const { score } of total.cells) expect(score).toBeGreaterThan(0.9);
    const [left, top, right, bottom] = total.cells[2]!.bbox;
    // Drawn from (480, 220) to (555, 240).
    expect(left * 600).toBeGreaterThan(460);
    expect(left * 600).toBeLessThan(490);
    expect(right * 600).toBeGreaterThan(545);
    expect(right * 600).toBeLessThan(575);
    expect(top * 360).toBeGreaterThan(205);
    expect(bottom * 360).toBeLessThan(255);
    expect(total.bbox[0]).toBe(total.cells[0]!.bbox[0]);
    expect(total.bbox[2]).toBe(right);
  });

  test('the same bytes twice give the same result', SLOW, async () => {
    const bytes = await receipt();
    expect(await read(bytes)).toEqual(await read(bytes));
  });

  test('on a slanted photo', SLOW, async () => {
    for (const angle of [-7, 5]) {
      const slanted = await sharp(await receipt())
        .rotate(angle, { background: '#fff' })
        .png()
        .toBuffer();
      expect((await read(slanted)).rows.map(({ text }) => text)).toEqual(receiptRows);
    }
  });

  test('of a page that lies on its side or on its head, with boxes of the picture as it is', SLOW, async () => {
    for (const turn of [90, 180, 270]) {
      const lying = await sharp(await receipt())
        .rotate(turn)
        .png()
        .toBuffer();
      const { rows } = await read(lying);
      expect(rows.map(({ text }) => text)).toEqual(receiptRows);
      const [left, top, right, bottom] = rows[3]!.cells[2]!.bbox;
      const middle = [(left + right) / 2, (top + bottom) / 2];
      // The amount is at (517, 230) of 600 x 360 before the turn.
      const [x, y] = [517 / 600, 230 / 360];
      const meant = turn === 90 ? [1 - y, x] : turn === 180 ? [1 - x, 1 - y] : [y, 1 - x];
      expect(Math.abs(middle[0]! - meant[0]!)).toBeLessThan(0.03);
      expect(Math.abs(middle[1]! - meant[1]!)).toBeLessThan(0.03);
    }
  });

  test('of a phone photo that is turned by its EXIF orientation', SLOW, async () => {
    // Stored after a quarter turn to the left; orientation 6 turns it back.
    const stored = await sharp(await receipt())
      .rotate(270)
      .jpeg()
      .withMetadata({ orientation: 6 })
      .toBuffer();
    const { rows } = await read(stored);
    expect(rows.map(({ text }) => text)).toEqual(receiptRows);
    expect(rows[3]!.cells[2]!.bbox[0]).toBeGreaterThan(0.7);
  });

  test('white on black, grey, half transparent, as JPEG, WebP and GIF', SLOW, async () => {
    const plain: Words[] = [
      ['Regular', 20, 60],
      ['3.49', 300, 60],
    ];
    const dark = await draw(420, 100, plain, '#fff', '#000');
    const light = await draw(420, 100, plain);
    const pictures = [
      dark,
      await sharp(light).greyscale().png().toBuffer(),
      await sharp(light).ensureAlpha(0.6).png().toBuffer(),
      await sharp(light).jpeg({ quality: 70 }).toBuffer(),
      await sharp(light).webp().toBuffer(),
      await sharp(light).gif().toBuffer(),
    ];
    for (const bytes of pictures) expect((await read(bytes)).text).toBe('Regular\t3.49');
  });

  test('of a receipt ten times as long as wide', SLOW, async () => {
    const words = Array.from({ length: 60 }, (_, i): Words[] => [
      [`Article number ${i + 10}`, 20, 50 + i * 80, 30],
      [`${i + 10}.95`, 400, 50 + i * 80, 30],
    ]).flat();
    const { rows } = await read(await draw(500, 4900, words));
    const meant = Array.from({ length: 60 }, (_, i) => `Article number ${i + 10}\t${i + 10}.95`);
    const found = meant.filter((row) => rows.some(({ text }) => text === row));
    expect(found.length).toBeGreaterThanOrEqual(57);
  });
});

describe('takes any picture', () => {
  const blank = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: '#c8d0c0' } })
      .png()
      .toBuffer();

  test('without text: no rows', SLOW, async () => {
    for (const [width, height] of [
      [300, 200],
      [1, 1],
      [2000, 1],
      [1, 2000],
    ] as const)
      expect(await read(await blank(width, height))).toEqual({ text: '', rows: [] });
  });

  test('noise gives no crash and little text', SLOW, async () => {
    const noise = Buffer.alloc(400 * 400 * 3);
    for (let i = 0, seed = 7; i < noise.length; i++) {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff;
      noise[i] = seed >> 16;
    }
    const bytes = await sharp(noise, { raw: { width: 400, height: 400, channels: 3 } })
      .png()
      .toBuffer();
    expect((await read(bytes)).text.length).toBeLessThan(50);
  });

  test('but what is none, is cut off or has too many pixels is refused with a reason', SLOW, async () => {
    // A PNG that says it is 40,000 x 40,000; its pixels are never asked for.
    const huge = Buffer.from(await blank(10, 10));
    huge.writeUInt32BE(40_000, 16);
    huge.writeUInt32BE(40_000, 20);
    const half = (await receipt()).subarray(0, 3_000);
    for (const bytes of [Buffer.from('hello'), Buffer.alloc(0), huge, half]) {
      expect(await run(bytes)).toMatchObject({
        ok: false,
        error: { code: 'unreadable_image', message: expect.stringContaining('image-0: the picture cannot be read') },
      });
    }
  });

  test('a cancelled run stops reading at once, and the next is read', SLOW, async () => {
    const bytes = await receipt();
    const began = performance.now();
    await read(bytes);
    const whole = performance.now() - began;
    // At once, and while the networks are at work, however fast the machine is.
    for (const ms of [0, whole / 5, whole / 2]) {
      const stop = new AbortController();
      const cancelled = run(bytes, stop.signal);
      setTimeout(() => stop.abort(new Error('cancelled')), ms);
      await expect(cancelled).rejects.toThrow('cancelled');
    }
    expect((await read(bytes)).rows).toHaveLength(receiptRows.length);
  });
});

const data = new URL('../../../shared/data/receipts-open/', import.meta.url);
describe.skipIf(!existsSync(data))('reads scanned receipts (skipped without ../shared/data/receipts-open)', () => {
  const keys = existsSync(data)
    ? (JSON.parse(readFileSync(new URL('keys.json', data), 'utf8')) as Record<
        string,
        { total: string; lines: string[] }
      >)
    : {};
  const tight = (text: string) => text.normalize('NFKC').toLowerCase().replace(/\s/g, '');

  test('four fifths of their lines, and each total beside its name', { timeout: 4 * SLOW.timeout }, async () => {
    let [lines, found] = [0, 0];
    const lost: string[] = [];
    for (const name of ['000', '002', '007', '020', '029']) {
      const { text, rows } = await read(readFileSync(new URL(`images/${name}.jpg`, data)));
      const { total, lines: meant } = keys[name]!;
      lines += meant.length;
      found += meant.filter((line) => tight(text).includes(tight(line))).length;
      const row = rows.find(
        ({ text }) => /total|sales/i.test(text) && text.split('\t').some((cell) => cell.includes(total)),
      );
      if (!row) lost.push(name);
    }
    // Measured: 205 of 227.
    expect(found / lines).toBeGreaterThan(0.8);
    expect(lost).toEqual([]);
  });
});
