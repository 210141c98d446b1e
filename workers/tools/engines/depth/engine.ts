import { keptResults } from '../kept-results.ts';
import { pulledEngine } from '../pulled-engine.ts';
import { pulledNetwork } from '../pulled-network.ts';
import type { EnginePicture } from '../vision.ts';
import type { CallOptions } from '../warm-engine.ts';
import type { DepthMap } from './depth.ts';
import type { DepthWork } from './depth-process.ts';

/** A map is 1.4 MB: forty pictures, so that each further region of one costs a millisecond. */
const KEPT_BYTES = 64_000_000;

export const depthNetwork = pulledNetwork('depth', { tokenizes: false });
// One at a time: on a CPU four pictures together save a tenth of the work and make the first wait for all.
const engine = pulledEngine<DepthWork>(new URL('./depth-process.ts', import.meta.url), depthNetwork);
const kept = keptResults<DepthMap>(KEPT_BYTES, ({ nearness }) => nearness.byteLength);

/** @throws UnreadablePicture; EngineEnded; the signal's reason */
export function depthMap({ sha256, bytes }: EnginePicture, limits: CallOptions): Promise<DepthMap> {
  const look = async (signal: AbortSignal) =>
    (await engine.call({ picture: bytes }, { ...limits, signal })) as DepthMap;
  return kept.get(`${engine.hash()} ${sha256}`, look, limits.signal);
}

export const warmUpDepth = (): Promise<void> => engine.warmUp();
export const closeDepth = async (): Promise<void> => {
  kept.clear();
  await engine.close();
};
