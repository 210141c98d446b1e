/** Pages for tests of OCR, and its call. */
import sharp from 'sharp';
import type { JsonObject } from '../shared/contract.ts';
import { loadFont } from '../workers/data/render/fonts.ts';
import type { Page } from '../workers/tools/engines/ocr-page/page.ts';
import { executeTool, findTool } from '../workers/tools/registry.ts';
import { pictureContext } from './tool-services.ts';

/** OCR of a picture, with the engine that the settings name. */
export async function callOcr(bytes: Buffer, signal = new AbortController().signal) {
  return executeTool(
    findTool('OCR'),
    { image: 'image-0' },
    pictureContext(bytes, () => 'image-1', signal),
  );
}

/** What it gives. @throws Error with what it refuses */
export async function pageBy(bytes: Buffer): Promise<Page> {
  const outcome = await callOcr(bytes);
  if (!outcome.ok) throw new Error(outcome.error.message);
  return outcome.result as JsonObject & Page;
}

export type Words = readonly [text: string, left: number, baseline: number, size?: number];

/** Draws words by their outlines, so that the machine needs no fonts. */
export async function drawWords(
  width: number,
  height: number,
  words: readonly Words[],
  ink = '#111',
  paper = '#fff',
): Promise<Buffer> {
  const font = loadFont('roboto');
  const shapes = words.map(([text, left, baseline, size = 28]) => {
    let x = left;
    let path = '';
    for (const char of text) {
      const glyph = font.charToGlyph(char);
      for (const { type, ...at } of glyph.getPath(x, baseline, size).commands)
        path += `${type}${[at.x1, at.y1, at.x2, at.y2, at.x, at.y]
          .filter((n) => n !== undefined)
          .map((n) => n.toFixed(2))
          .join(' ')}`;
      x += (glyph.advanceWidth * size) / font.unitsPerEm;
    }
    return `<path d="${path}"/>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="${paper}"/><g fill="${ink}">${shapes.join('')}</g></svg>`;
  return sharp(Buffer.from(svg)).removeAlpha().png().toBuffer();
}

export const drawReceipt = (): Promise<Buffer> =>
  drawWords(600, 360, [
    ['GREEN VALLEY MARKET', 140, 50],
    ['Chopping board 35 cm', 30, 120],
    ['19.00', 480, 120],
    ['Tape 48 mm', 30, 170],
    ['3.88', 480, 170],
    ['TOTAL', 30, 240],
    ['RM', 380, 240],
    ['22.88', 480, 240],
    ['Thank you and come again', 110, 310],
  ]);
export const receiptRows = [
  'GREEN VALLEY MARKET',
  'Chopping board 35 cm\t19.00',
  'Tape 48 mm\t3.88',
  'TOTAL\tRM\t22.88',
  'Thank you and come again',
];
