/** The process in which both small networks run: they share decoded pictures, and one process costs less than two. */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { findObjects } from '../coco80/centernet.ts';
import { findFaces } from '../faces/full-range.ts';
import { onnxSession, type SessionSettings } from '../onnx-session.ts';
import { decodePicture } from '../picture.ts';
import { serveEngine } from '../serve-engine.ts';
import type { Scored } from './boxes.ts';
import { type Pyramid, pyramidOf } from './pyramid.ts';
import { networks } from './weights.ts';

export type DetectorsRequest =
  | { readonly load: SessionSettings }
  | {
      readonly task: 'objects';
      readonly threshold: number;
      readonly bytes: Uint8Array;
      readonly session: SessionSettings;
    }
  | { readonly task: 'faces'; readonly bytes: Uint8Array; readonly session: SessionSettings };

/** Pixels of decoded pictures that are kept: a question for objects is often followed by one for faces. */
const KEPT_BYTES = 128 * 2 ** 20;

const pictures = new LRUCache<string, Pyramid>({
  maxSize: KEPT_BYTES,
  sizeCalculation: ({ levels }) => levels.reduce((sum, { rgb }) => sum + rgb.length, 0),
});

async function pyramidFrom(bytes: Uint8Array): Promise<Pyramid> {
  const key = createHash('sha256').update(bytes).digest('hex');
  const known = pictures.get(key);
  if (known) return known;
  const pyramid = pyramidOf(await decodePicture(bytes));
  pictures.set(key, pyramid);
  return pyramid;
}

serveEngine(async (request, signal): Promise<Scored[] | undefined> => {
  const asked = request as DetectorsRequest;
  if ('load' in asked) {
    await Promise.all(Object.values(networks).map((file) => onnxSession(file, asked.load)));
    return undefined;
  }
  const session = await onnxSession(networks[asked.task], asked.session);
  const pyramid = await pyramidFrom(asked.bytes);
  if (asked.task === 'faces') return findFaces(pyramid, session, signal);
  return findObjects(pyramid, session, asked.threshold, signal);
});
