import { readFileSync } from 'node:fs';
import type { InferenceSession } from 'onnxruntime-node';
import { readingOrder } from '../ocr-page/columns.ts';
import type { TurnedBox } from '../ocr-page/geometry.ts';
import { type Page, pageOf } from '../ocr-page/page.ts';
import { turnPicture } from '../ocr-page/turn.ts';
import { onnxSession, type SessionSettings } from '../onnx-session.ts';
import { decodePicture, type Picture } from '../picture.ts';
import { cropLine, type Quarter } from './crop-line.ts';
import { type Alphabet, alphabetOf } from './ctc.ts';
import { detect } from './detect.ts';
import { type Reading, recognise } from './recognise.ts';
import { isSideways, isUpsideDown } from './upright.ts';
import { weights } from './weights.ts';

export interface ReadOptions {
  readonly session: SessionSettings;
  /** Longer side of the picture as the detector sees it, in pixels; chosen by the picture's own size if not given. */
  readonly longestSide?: number | undefined;
}

/** Readings below this are noise more often than text. */
const LOWEST_SCORE = 0.5;
/** A box this many times as high as wide may hold text that runs up or down. */
const TALL = 1.5;
/** A box this many times as high as wide holds no single upright character any more. */
const VERY_TALL = 4;
/** A sideways reading must be this much surer than the upright one: a 1 or an I is tall too. */
const UPRIGHT_BONUS = 0.15;

interface Networks {
  readonly detector: InferenceSession;
  readonly recogniser: InferenceSession;
  readonly turner: InferenceSession;
  readonly alphabet: Alphabet;
}

let alphabet: Alphabet | undefined;

/** Loads the weights once; later calls are free. */
export async function loadNetworks(settings: SessionSettings): Promise<Networks> {
  const [detector, recogniser, turner] = await Promise.all([
    onnxSession(weights.detector, settings),
    onnxSession(weights.recogniser, settings),
    onnxSession(weights.turner, settings),
  ]);
  alphabet ??= alphabetOf(readFileSync(weights.keys, 'utf8'));
  return { detector, recogniser, turner, alphabet };
}

/**
 * Reads all text of a picture. Turned pages (by quarters) are read upright; boxes are those of the picture as given.
 * @param bytes an encoded picture
 * @param signal is looked at between inferences, which cannot be stopped themselves
 * @throws PictureError when it cannot be decoded; the signal's reason
 */
export async function readPage(bytes: Uint8Array, options: ReadOptions, signal?: AbortSignal): Promise<Page> {
  const networks = await loadNetworks(options.session);
  const decoded = await decodePicture(bytes);
  signal?.throwIfAborted();
  const { picture, boxes, quarters } = await findLines(decoded, networks, options.longestSide, signal);
  signal?.throwIfAborted();
  const pieces = await readLines(picture, boxes, networks, signal);
  return pageOf(readingOrder(pieces), picture, quarters);
}

/** The lines of a page, and the quarter turns clockwise that it needed to stand upright. */
async function findLines(
  picture: Picture,
  networks: Networks,
  longestSide: number | undefined,
  signal: AbortSignal | undefined,
) {
  const scale = longestSide ? longestSide / Math.max(picture.width, picture.height) : detectorScale(picture);
  let found = { picture, boxes: await detect(networks.detector, picture, scale), quarters: 0 };
  const turn = async (quarters: number) => {
    signal?.throwIfAborted();
    const turned = turnPicture(picture, quarters);
    return { picture: turned, boxes: await detect(networks.detector, turned, scale), quarters };
  };
  if (isSideways(found.boxes)) found = await turn(1);
  signal?.throwIfAborted();
  if (await isUpsideDown(networks.turner, found.picture, found.boxes)) found = await turn(found.quarters + 2);
  return found;
}

/** Pixels that the detector sees at most: memory and time grow with them. As many as 1280 x 1280. */
const MOST_PIXELS = 1280 * 1280;
/** A picture with a longer side below this is enlarged up to it, but not more than twice. */
const SMALL = 960;

/**
 * The scale at which the detector sees a picture: its own size, small ones up to doubled, large ones shrunk. The limit is
 * one of area, not of the longer side, so that the print of a long receipt does not get lost. Settings of 800 to 1600
 * pixels for the longer side all found 85 to 87 % of the lines of 13 receipts, so time and memory decide.
 */
function detectorScale({ width, height }: Picture): number {
  const longest = Math.max(width, height);
  const enlarged = longest < SMALL ? Math.min(2, SMALL / longest) : 1;
  return Math.min(enlarged, Math.sqrt(MOST_PIXELS / (width * height)));
}

interface Line extends TurnedBox, Reading {
  /** Text that runs up or down: it stands in no row. */
  readonly sideways: boolean;
}

async function readLines(
  picture: Picture,
  boxes: readonly TurnedBox[],
  networks: Networks,
  signal: AbortSignal | undefined,
): Promise<Line[]> {
  const tries = boxes.flatMap((box) => quartersOf(box).map((quarter) => ({ box, quarter })));
  const crops = tries.map(({ box, quarter }) => cropLine(picture, box, quarter));
  const readings = await recognise({ session: networks.recogniser, alphabet: networks.alphabet }, crops, signal);
  const best = new Map<TurnedBox, Line>();
  tries.forEach(({ box, quarter }, i) => {
    const { text, score } = readings[i]!;
    if (!text || score < LOWEST_SCORE) return;
    const line = { ...box, text, score, sideways: quarter !== 0 };
    const known = best.get(box);
    if (!known || score > known.score + (known.sideways ? 0 : UPRIGHT_BONUS)) best.set(box, line);
  });
  return [...best.values()];
}

/** Ways to read a box: upright, and a tall one also from its foot up and from its head down. */
function quartersOf({ width, height }: TurnedBox): Quarter[] {
  if (height < TALL * width) return [0];
  return height < VERY_TALL * width ? [0, 1, 3] : [1, 3];
}
