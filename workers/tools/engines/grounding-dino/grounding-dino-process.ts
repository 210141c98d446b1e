import { LRUCache } from 'lru-cache';
import { loadedOnce } from '../network-files.ts';
import { prepare, tensorOf } from '../network-input.ts';
import { decodePicture, type Picture } from '../picture.ts';
import type { PulledRequest } from '../pulled-engine.ts';
import { serveEngine } from '../serve-engine.ts';
import type { Detection } from '../vision.ts';
import { detectionsOf, groundedBoxes, type Thresholds } from './grounded-boxes.ts';
import { ground, openGroundingDino } from './grounding-dino.ts';
import { promptsOf } from './prompt.ts';

export interface GroundingWork {
  readonly picture: Uint8Array;
  readonly sha256: string;
  readonly labels: readonly string[];
  readonly thresholds: Thresholds;
}

const networkOf = loadedOnce(openGroundingDino);
/** Decoded and resized, 3 MB each: the next question about a picture begins at the network. */
const prepared = new LRUCache<string, Picture>({ maxSize: 48_000_000, sizeCalculation: ({ rgb }) => rgb.byteLength });

serveEngine(async (request, signal) => {
  const { place, ...asked } = request as PulledRequest<GroundingWork>;
  const network = await networkOf(place);
  if ('load' in asked) return undefined;
  const { picture: bytes, sha256, labels, thresholds } = asked.work;
  const picture = prepared.get(sha256) ?? prepare(await decodePicture(bytes), network.recipe);
  prepared.set(sha256, picture);
  const pixels = tensorOf([picture], network.recipe);
  const detections: Detection[] = [];
  for (const prompt of promptsOf(labels, network.tokenizer)) {
    // Heard between one prompt and the next: an abort while the network runs waits for it.
    await new Promise(setImmediate);
    signal.throwIfAborted();
    const output = await ground(network, pixels, [1, 3, picture.height, picture.width], prompt.tokens);
    detections.push(...detectionsOf(groundedBoxes(output, thresholds), prompt));
  }
  return detections.sort((a, b) => b.score - a.score);
});
