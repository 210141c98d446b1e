import { microBatch } from '../micro-batch.ts';
import { loadedOnce } from '../network-files.ts';
import { prepare, tensorOf } from '../network-input.ts';
import { decodePicture, type Picture } from '../picture.ts';
import type { PulledRequest } from '../pulled-engine.ts';
import { serveEngine } from '../serve-engine.ts';
import { type Clip, encodePixels, encodeTokens, openClip, tokensOf } from './clip.ts';

export type ClipWork =
  | { readonly picture: Uint8Array; readonly tiles?: readonly Tile[] }
  | { readonly texts: readonly string[] };

/** A part of a picture in fractions: [left, top, right, bottom]. */
export type Tile = readonly [left: number, top: number, right: number, bottom: number];

/** Four pictures together cost a fifth less than alone; more gain nothing and hold the first one up. */
const PICTURES = 4;
/** Eight short texts together cost a third of what they cost alone. */
const TEXTS = 32;

const clipOf = loadedOnce(async (place) => batched(await openClip(place)));

function batched(clip: Clip) {
  const see = (pictures: readonly Picture[]) => {
    const { width, height } = pictures[0]!;
    return encodePixels(clip, tensorOf(pictures, clip.recipe), [pictures.length, 3, height, width]);
  };
  return {
    clip,
    see: microBatch(see, { most: PICTURES, kindOf: ({ width, height }) => `${width}x${height}` }),
    read: microBatch((tokens: readonly number[][]) => encodeTokens(clip, tokens), { most: TEXTS }),
  };
}

function cutOut({ rgb, width, height }: Picture, [left, top, right, bottom]: Tile): Picture {
  const [x0, y0] = [Math.floor(left * width), Math.floor(top * height)];
  const [w, h] = [Math.max(1, Math.ceil(right * width) - x0), Math.max(1, Math.ceil(bottom * height) - y0)];
  const out = new Uint8Array(w * h * 3);
  for (let y = 0; y < h; y++) {
    const start = ((y0 + y) * width + x0) * 3;
    out.set(rgb.subarray(start, start + w * 3), y * w * 3);
  }
  return { width: w, height: h, rgb: out };
}

serveEngine(async (request, signal) => {
  const { place, ...asked } = request as PulledRequest<ClipWork>;
  const { clip, see, read } = await clipOf(place);
  if ('load' in asked) return undefined;
  const { work } = asked;
  if ('texts' in work) return Promise.all(work.texts.map((text) => read(tokensOf(clip, text), signal)));
  const picture = await decodePicture(work.picture);
  signal.throwIfAborted();
  const parts = work.tiles ? work.tiles.map((tile) => cutOut(picture, tile)) : [picture];
  return Promise.all(parts.map((part) => see(prepare(part, clip.recipe), signal)));
});
