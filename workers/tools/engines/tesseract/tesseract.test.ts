import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readEnv } from '../../../../shared/env.ts';
import { loadToolsConfig } from '../../../../shared/tools-config.ts';
import { openWeights } from '../../../../shared/weights/weights.ts';
import { callOcr, drawReceipt, drawWords, pageBy, receiptRows } from '../../../../test/ocr-pages.ts';
import { ocr } from '../../ocr.ts';
import { setToolSettings } from '../../settings.ts';
import { closeTesseract } from './engine.ts';
import { pageOfLines, type Word } from './words.ts';

/** A page is a second or two of CPU time; the machine may have other work. */
const SLOW = { timeout: 120_000 };

/** A word of letters 20 pixels high. */
const word = (text: string, x0: number, y0: number, more: Partial<Word> = {}): Word => ({
  text,
  confidence: 90,
  bbox: { x0, y0, x1: x0 + text.length * 10, y1: y0 + 20 },
  ...more,
});
const line = (words: readonly Word[], rise = 0) => {
  const [first, last] = [words[0]!, words.at(-1)!];
  return { words, baseline: { x0: first.bbox.x0, y0: first.bbox.y1, x1: last.bbox.x1, y1: first.bbox.y1 + rise } };
};
const page = { width: 400, height: 200, rgb: new Uint8Array() };

describe('the page of what Tesseract gives', () => {
  test('has words close together in one cell, with their mean score and the box around them', () => {
    const words = [word('Chopping', 20, 40, { confidence: 80 }), word('board', 110, 40), word('19.00', 300, 40)];
    const { text, rows } = pageOfLines([line(words)], page, 0);
    expect(text).toBe('Chopping board\t19.00');
    expect(rows).toEqual([
      {
        text: 'Chopping board\t19.00',
        bbox: [0.05, 0.2, 0.875, 0.3],
        cells: [
          { text: 'Chopping board', bbox: [0.05, 0.2, 0.4, 0.3], score: 0.85 },
          { text: '19.00', bbox: [0.75, 0.2, 0.875, 0.3], score: 0.9 },
        ],
      },
    ]);
  });

  test('has a name beside its price, though Tesseract read the names first and then the prices', () => {
    const names = ['Regular', 'Special', 'Super'].map((name, i) => line([word(name, 20, 20 + 50 * i)]));
    const prices = ['3.49', '3.55', '3.65'].map((price, i) => line([word(price, 300, 20 + 50 * i)]));
    expect(pageOfLines([...names, ...prices], page, 0).text).toBe('Regular\t3.49\nSpecial\t3.55\nSuper\t3.65');
  });

  test('keeps the rows of a slanted page', () => {
    // Falls by 5 degrees: 25 pixels from a name to its price, where the lines are 24 apart.
    const at = (text: string, x: number, row: number) => word(text, x, Math.round(10 + 24 * row + x * 0.0875));
    const lines = [0, 1, 2, 3].flatMap((row) => [
      line([at('A', 10, row), at('longer', 40, row), at('name', 110, row), at(`${row}`, 160, row)], 12),
      line([at(`${row}.95`, 310, row)], 3),
    ]);
    const meant = [0, 1, 2, 3].map((row) => `A longer name ${row}\t${row}.95`);
    expect(pageOfLines(lines, page, 0).text.split('\n')).toEqual(meant);
  });

  test('leaves out what is doubtful, a mark only, or a rule', () => {
    const rule = word('—————', 0, 60, { bbox: { x0: 0, y0: 60, x1: 400, y1: 63 } });
    const dashes = word('-----', 0, 90, { bbox: { x0: 0, y0: 90, x1: 400, y1: 93 } });
    const words = [word('|', 5, 20), word('~.', 20, 20), word('smear', 100, 20, { confidence: 20 })];
    expect(pageOfLines([line(words), line([rule]), line([dashes])], page, 0)).toEqual({ text: '', rows: [] });
    expect(pageOfLines([], page, 0)).toEqual({ text: '', rows: [] });
  });

  test('has boxes of the picture as it was before it was turned', () => {
    // Read after a quarter turn clockwise: what is at the upper left was at the lower left.
    const { rows } = pageOfLines([line([word('Total', 0, 0)])], page, 1);
    expect(rows[0]!.bbox).toEqual([0, 0.875, 0.1, 1]);
  });
});

describe('OCR with engines: {ocr: tesseract}', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'cota-tesseract-'));
    await writeFile(join(dir, 'tools.yaml'), 'engines: {ocr: tesseract}');
    const config = loadToolsConfig(join(dir, 'tools.yaml'));
    setToolSettings({ env: readEnv({}), config, weights: openWeights(dir), session: { device: 'cpu', threads: 1 } });
  });
  afterAll(async () => {
    setToolSettings(undefined);
    await closeTesseract();
    await rm(dir, { recursive: true, force: true });
  });

  test('says what reads, for the cache', () => {
    expect(ocr.engine).toMatch(/^tesseract-\d+\.\d+\.\d+-eng@[0-9a-f]{12}$/);
    expect(ocr).toMatchObject({ deterministic: true, returns: expect.stringContaining('bbox') });
  });

  test('reads rows with their cells, and boxes where the words are; twice the same', SLOW, async () => {
    await ocr.warmUp?.();
    const bytes = await drawReceipt();
    const page = await pageBy(bytes);
    expect(page.rows.map(({ text }) => text)).toEqual(receiptRows);
    expect(page.text).toBe(receiptRows.join('\n'));
    const { cells } = page.rows[3]!;
    expect(cells.map(({ text }) => text)).toEqual(['TOTAL', 'RM', '22.88']);
    for (const { score } of cells) expect(score).toBeGreaterThan(0.8);
    // Drawn from (480, 220) to (555, 240) of 600 x 360.
    const meant = [480 / 600, 220 / 360, 555 / 600, 240 / 360];
    cells[2]!.bbox.forEach((side, i) => void expect(Math.abs(side - meant[i]!)).toBeLessThan(0.02));
    expect(await pageBy(bytes)).toEqual(page);
  });

  test(
    'takes a phone photo that its EXIF turns, a page on its side or head, light letters and transparent paper',
    SLOW,
    async () => {
      const receipt = sharp(await drawReceipt());
      const photo = await receipt.clone().rotate(270).jpeg().withMetadata({ orientation: 6 }).toBuffer();
      expect((await pageBy(photo)).text).toBe(receiptRows.join('\n'));
      const onItsHead = await pageBy(await receipt.clone().rotate(180).png().toBuffer());
      expect(onItsHead.text).toBe(receiptRows.join('\n'));
      const lying = await pageBy(await receipt.clone().rotate(90).png().toBuffer());
      expect(lying.text).toBe(receiptRows.join('\n'));
      // The amount is at (517, 230) of 600 x 360 before the turn.
      const [left, top, right, bottom] = lying.rows[3]!.cells[2]!.bbox;
      expect((left + right) / 2).toBeCloseTo(1 - 230 / 360, 1);
      expect((top + bottom) / 2).toBeCloseTo(517 / 600, 1);
      const words = [
        ['Regular', 20, 60],
        ['3.49', 300, 60],
      ] as const;
      expect((await pageBy(await drawWords(420, 100, words, '#fff', '#000'))).text).toBe('Regular\t3.49');
      const thin = await sharp(await drawWords(420, 100, words))
        .ensureAlpha(0.6)
        .png()
        .toBuffer();
      expect((await pageBy(thin)).text).toBe('Regular\t3.49');
    },
  );

  test('has no rows where there is no text, at any size', SLOW, async () => {
    for (const [width, height] of [
      [300, 200],
      [1, 1],
      [2_000, 1],
      [5_000, 5_000],
    ] as const) {
      const create = { width, height, channels: 3, background: '#c8d0c0' } as const;
      expect(await pageBy(await sharp({ create }).png().toBuffer())).toEqual({ text: '', rows: [] });
    }
  });

  test('refuses what is no picture, or half of one, and goes on', SLOW, async () => {
    const receipt = await drawReceipt();
    for (const bytes of [Buffer.from('hello'), Buffer.alloc(0), receipt.subarray(0, 3_000)])
      expect(await callOcr(bytes)).toMatchObject({
        ok: false,
        error: { code: 'unreadable_image', message: expect.stringContaining('image-0: the picture cannot be read') },
      });
    expect((await pageBy(receipt)).rows).toHaveLength(receiptRows.length);
  });

  test('a cancelled run stops at once, and the next is read', SLOW, async () => {
    const bytes = await drawReceipt();
    for (const ms of [0, 150]) {
      const stop = new AbortController();
      const cancelled = callOcr(bytes, stop.signal);
      setTimeout(() => stop.abort(new Error('cancelled')), ms);
      await expect(cancelled).rejects.toThrow('cancelled');
    }
    expect((await pageBy(bytes)).rows).toHaveLength(receiptRows.length);
  });

  test('opens no connection and leaves no file behind', SLOW, async () => {
    const folder = join(dir, 'empty');
    await sharp(await drawReceipt()).toFile(join(dir, 'receipt.png'));
    await mkdir(folder);
    const offline =
      "import net from 'node:net'; net.Socket.prototype.connect = () => { throw new Error('went to the network'); };";
    const module = new URL('./read-page.ts', import.meta.url);
    const script = `
      import { readFileSync } from 'node:fs';
      import { endTesseract, readPage } from ${JSON.stringify(module)};
      console.log((await readPage(readFileSync('../receipt.png'))).text);
      await endTesseract();`;
    await writeFile(join(dir, 'read.mjs'), script);
    // Its thread takes over what is imported first.
    const args = ['--import', `data:text/javascript,${encodeURIComponent(offline)}`, join(dir, 'read.mjs')];
    const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    const [printed] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    expect(printed.trim()).toBe(receiptRows.join('\n'));
    expect(await readdir(folder)).toEqual([]);
  });
});
