import { EVERYDAY_OBJECTS } from '../everyday-objects.ts';
import { keptResults } from '../kept-results.ts';
import { pulledEngine } from '../pulled-engine.ts';
import { pulledNetwork } from '../pulled-network.ts';
import type { Detection, Detector, EnginePicture } from '../vision.ts';
import type { CallOptions } from '../warm-engine.ts';
import type { Thresholds } from './grounded-boxes.ts';
import type { GroundingWork } from './grounding-dino-process.ts';

/** As its authors and TACO set them. */
const THRESHOLDS: Thresholds = { box: 0.35, text: 0.25 };

interface Found {
  readonly detections: readonly Detection[];
}

export const groundingNetwork = pulledNetwork('grounding-dino', { tokenizes: true });
// One at a time: pictures of different sizes cannot go together, and one of them is a gigabyte of numbers.
const engine = pulledEngine<GroundingWork>(new URL('./grounding-dino-process.ts', import.meta.url), groundingNetwork);
const kept = keptResults<Found>(4_000_000, ({ detections }) => 200 * detections.length);

/** As `groundingDino.detect`, with other thresholds. */
export async function detectAbove(
  thresholds: Thresholds,
  { sha256, bytes }: EnginePicture,
  labels: readonly string[],
  limits: CallOptions,
): Promise<readonly Detection[]> {
  const look = async (signal: AbortSignal): Promise<Found> => {
    const work = { picture: bytes, sha256, labels, thresholds };
    return { detections: (await engine.call(work, { ...limits, signal })) as Detection[] };
  };
  const key = JSON.stringify([engine.hash(), sha256, labels, thresholds]);
  return (await kept.get(key, look, limits.signal)).detections;
}

/** Boxes for any words; asked for none, it looks for everyday things. */
export const groundingDino: Detector = {
  engine: groundingNetwork.engine,
  status: groundingNetwork.status,
  detect: (picture, labels = EVERYDAY_OBJECTS, limits) => detectAbove(THRESHOLDS, picture, labels, limits),
  warmUp: engine.warmUp,
};

export const closeGroundingDino = async (): Promise<void> => {
  kept.clear();
  await engine.close();
};
