import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { median } from '../ocr-page/median.ts';
import { LINE_HEIGHT, type LineCrop } from './crop-line.ts';
import { type Alphabet, decode, type Glyph } from './ctc.ts';
import { tidy } from './tidy.ts';
import { emptyColumns, gapBetween, isWordGap } from './word-gaps.ts';

/** Lines in one inference. */
const BATCH = 6;
/** Pixels of width in one inference: bounds memory, since the output holds 6,625 shares for every 8 pixels. */
const BATCH_WIDTH = 6 * 1280;
/** Narrower lines are padded to this: the network never saw shorter ones in training. */
const NARROWEST = 96;

/** What stands in a line. */
export interface Reading {
  readonly text: string;
  /** Mean probability of its characters, 0..1; 0 when nothing was read. */
  readonly score: number;
}

export interface Recogniser {
  readonly session: InferenceSession;
  readonly alphabet: Alphabet;
}

/**
 * Reads lines, in batches of like width.
 * @param signal is looked at before each batch
 * @returns readings in the order of `crops`
 */
export async function recognise(
  { session, alphabet }: Recogniser,
  crops: readonly LineCrop[],
  signal?: AbortSignal,
): Promise<Reading[]> {
  const readings: Reading[] = new Array(crops.length);
  const byWidth = crops.map((crop, i) => ({ crop, i })).sort((a, b) => a.crop.width - b.crop.width);
  for (let at = 0; at < byWidth.length; ) {
    signal?.throwIfAborted();
    let count = 1;
    while (count < BATCH && at + count < byWidth.length && byWidth[at + count]!.crop.width * (count + 1) <= BATCH_WIDTH)
      count++;
    const batch = byWidth.slice(at, at + count);
    const width = Math.max(NARROWEST, batch.at(-1)!.crop.width);
    const input = lineTensor(
      batch.map(({ crop }) => crop),
      width,
    );
    const output = (await session.run({ [session.inputNames[0]!]: input }))[session.outputNames[0]!]!;
    const [, steps, classes] = output.dims as [number, number, number];
    if (classes !== alphabet.chars.length)
      throw new Error(`the recogniser has ${classes} classes but its character list ${alphabet.chars.length}`);
    const shares = output.data as Float32Array;
    batch.forEach(({ crop, i }, row) => {
      const line = shares.subarray(row * steps * classes, (row + 1) * steps * classes);
      readings[i] = readingOf(line, steps, alphabet, crop, width / steps);
    });
    output.dispose();
    at += count;
  }
  return readings;
}

function readingOf(
  shares: Float32Array,
  steps: number,
  alphabet: Alphabet,
  crop: LineCrop,
  /** Pixels of the crop that one step stands for. */
  stride: number,
): Reading {
  const open = decode(shares, steps, alphabet, false);
  const foreign = open.filter(({ char }) => isForeign(char)).length;
  // A lone glyph of another script among Latin ones is a misread sign (a raised 9/10, a logo), not a word.
  const glyphs = foreign > 0 && foreign * 2 <= open.length ? decode(shares, steps, alphabet, true) : open;
  const score = glyphs.length ? glyphs.reduce((sum, glyph) => sum + glyph.score, 0) / glyphs.length : 0;
  return { text: tidy(spaced(glyphs, emptyColumns(crop), stride)), score };
}

/** The characters with spaces between words. */
function spaced(glyphs: readonly Glyph[], empty: Uint8Array, stride: number): string {
  const middles = glyphs.map(({ from, to }) => ((from + to + 1) / 2) * stride);
  const usual = median(middles.slice(1).map((middle, i) => middle - middles[i]!));
  let text = glyphs[0]?.char ?? '';
  for (let i = 1; i < glyphs.length; i++) {
    const [before, glyph] = [glyphs[i - 1]!, glyphs[i]!];
    const [from, to] = [middles[i - 1]!, middles[i]!];
    const gap = {
      before: before.char,
      after: glyph.char,
      earlier: glyphs[i - 2]?.char ?? '',
      share: glyph.spaceBefore,
      // A character's steps lie around its middle, give or take half a step.
      empty: gapBetween(empty, from - stride / 2, to + stride / 2),
      pitch: (to - from) / Math.max(usual, 1),
    };
    text += isWordGap(gap) ? ` ${glyph.char}` : glyph.char;
  }
  return text;
}

/** A letter of a script other than Latin. */
function isForeign(char: string): boolean {
  return /\p{L}/u.test(char) && !/\p{Script=Latin}/u.test(char);
}

/** Lines as the networks take them: blue, green, red; -1 to 1; padded with 0 to `width`. */
export function lineTensor(crops: readonly LineCrop[], width: number): Tensor {
  const size = width * LINE_HEIGHT;
  const out = new Float32Array(crops.length * 3 * size);
  crops.forEach((crop, n) => {
    for (let c = 0; c < 3; c++) {
      const plane = (n * 3 + c) * size;
      for (let y = 0, from = 2 - c; y < LINE_HEIGHT; y++)
        for (let x = 0; x < crop.width; x++, from += 3) out[plane + y * width + x] = crop.rgb[from]! / 127.5 - 1;
    }
  });
  return new Tensor('float32', out, [crops.length, 3, LINE_HEIGHT, width]);
}
