import { loadedOnce } from '../network-files.ts';
import { prepare, tensorOf } from '../network-input.ts';
import { decodePicture } from '../picture.ts';
import type { PulledRequest } from '../pulled-engine.ts';
import { serveEngine } from '../serve-engine.ts';
import { depthOf, openDepth } from './depth.ts';

export interface DepthWork {
  readonly picture: Uint8Array;
}

const networkOf = loadedOnce(openDepth);

serveEngine(async (request, signal) => {
  const { place, ...asked } = request as PulledRequest<DepthWork>;
  const loaded = await networkOf(place);
  if ('load' in asked) return undefined;
  const picture = prepare(await decodePicture(asked.work.picture), loaded.recipe);
  signal.throwIfAborted();
  return depthOf(loaded, tensorOf([picture], loaded.recipe), [1, 3, picture.height, picture.width]);
});
