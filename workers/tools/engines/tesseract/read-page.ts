import type { Worker as Thread } from 'node:worker_threads';
import sharp from 'sharp';
import { createWorker, OEM, PSM, type Worker } from 'tesseract.js';
import type { Page } from '../ocr-page/page.ts';
import { turnPicture } from '../ocr-page/turn.ts';
import { decodePicture, type Picture, resizePicture } from '../picture.ts';
import { dataFolder } from './data.ts';
import { type Line, pageOfLines, type Word } from './words.ts';

/** A picture with a longer side below this is enlarged up to it, twice at most: Tesseract wants letters 20 pixels high. */
const SMALL = 1_600;
/** As many pixels are read at most; time grows with them. */
const MOST_PIXELS = 2_000 * 2_000;
/** Words of a lower mean confidence than this may stand on their head. */
const DOUBTFUL = 60;
/** Fewer words than this tell nothing of how a page lies. */
const FEW_WORDS = 3;
/** Another way up must give this many times as many letters that Tesseract is sure of. */
const BETTER = 1.5;
const SURE = 70;

let worker: Promise<Worker> | undefined;

/**
 * Loads Tesseract once. Its data comes from the package's own folder: nothing is fetched, and nothing written.
 * @throws Error when a file is missing or damaged
 */
export function loadedTesseract(): Promise<Worker> {
  worker ??= startTesseract();
  return worker;
}

async function startTesseract(): Promise<Worker> {
  const options = { langPath: dataFolder, gzip: true, cacheMethod: 'none' } as const;
  // Without a handler of its own it throws what it also rejects with, where nobody can catch it.
  const started = await createWorker('eng', OEM.LSTM_ONLY, { ...options, errorHandler: () => undefined }).catch(fail);
  // Its imaging library tells of empty boxes there, as of errors; a fault of the thread itself goes another way.
  const { worker: thread } = started as Worker & { readonly worker?: Thread };
  thread?.stderr.unpipe().resume();
  await started.setParameters({ tessedit_pageseg_mode: PSM.AUTO, user_defined_dpi: '200', debug_file: '/dev/null' });
  return started;
}

/** It rejects with texts. */
function fail(fault: unknown): never {
  throw new Error(`Tesseract: ${fault instanceof Error ? fault.message : fault}`);
}

/** Ends the thread that Tesseract runs in. */
export async function endTesseract(): Promise<void> {
  await (await worker)?.terminate();
  worker = undefined;
}

/**
 * Reads all text of a picture. Pages that lie on their side or stand on their head are tried turned; boxes are those of
 * the picture as given.
 * @param bytes an encoded picture
 * @param signal is looked at between readings, which cannot be stopped themselves
 * @throws PictureError when it cannot be decoded; the signal's reason
 */
export async function readPage(bytes: Uint8Array, signal?: AbortSignal): Promise<Page> {
  const tesseract = await loadedTesseract();
  const picture = await fitted(await decodePicture(bytes));
  signal?.throwIfAborted();
  const asItIs = await linesIn(tesseract, picture);
  const sideways = isSideways(asItIs);
  let best = { lines: asItIs, picture, quarters: 0, letters: sideways ? 0 : sureLetters(asItIs) };
  for (const quarters of sideways ? [1, 3] : isDoubtful(asItIs) ? [2, 1, 3] : []) {
    signal?.throwIfAborted();
    const turned = turnPicture(picture, quarters);
    const lines = await linesIn(tesseract, turned);
    const letters = isSideways(lines) ? 0 : sureLetters(lines);
    if (letters > BETTER * best.letters) best = { lines, picture: turned, quarters, letters };
  }
  return pageOfLines(best.lines, best.picture, best.quarters);
}

async function fitted(picture: Picture): Promise<Picture> {
  const { width, height } = picture;
  const longest = Math.max(width, height);
  const enlarged = longest < SMALL ? Math.min(2, SMALL / longest) : 1;
  const scale = Math.min(enlarged, Math.sqrt(MOST_PIXELS / (width * height)));
  return resizePicture(picture, Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
}

/** Below this many pixels on a side there is no letter, and Tesseract refuses. */
const SMALLEST = 10;

async function linesIn(tesseract: Worker, { width, height, rgb }: Picture): Promise<Line[]> {
  if (Math.min(width, height) < SMALLEST) return [];
  const image = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .greyscale()
    .png({ compressionLevel: 1 })
    .toBuffer();
  const { data } = await tesseract.recognize(image, {}, { text: false, blocks: true }).catch(fail);
  return (data.blocks ?? []).flatMap(({ paragraphs }) => paragraphs.flatMap(({ lines }) => lines));
}

const wordsOf = (lines: readonly Line[]): Word[] => lines.flatMap(({ words }) => words);

/** Where most of a page runs up or down, Tesseract reads it so, but its boxes are then of upright lines no more. */
function isSideways(lines: readonly Line[]): boolean {
  const words = wordsOf(lines).filter(({ text }) => text.length > 2);
  const tall = words.filter(({ bbox }) => bbox.y1 - bbox.y0 > bbox.x1 - bbox.x0);
  return words.length >= FEW_WORDS && tall.length > words.length / 2;
}

function isDoubtful(lines: readonly Line[]): boolean {
  const words = wordsOf(lines);
  return (
    words.length >= FEW_WORDS && words.reduce((sum, { confidence }) => sum + confidence, 0) < DOUBTFUL * words.length
  );
}

/** Letters of words that are seldom misread. */
function sureLetters(lines: readonly Line[]): number {
  return wordsOf(lines).reduce((sum, { text, confidence }) => sum + (confidence >= SURE ? text.length : 0), 0);
}
