import { z } from 'zod';
import { boxArgument, imageArgument } from './arguments.ts';
import { depthMap, depthNetwork, warmUpDepth } from './engines/depth/engine.ts';
import { regionDepth } from './engines/depth/region-depth.ts';
import type { Box } from './engines/vision.ts';
import { looking, pictureOf } from './looking.ts';
import type { Tool } from './tool.ts';

/** For one picture: five CPU seconds are usual, a busy machine may take ten times that. */
export const DEPTH_LIMIT_MS = 90_000;
/** With the wait behind the pictures of other runs. */
const CALL_LIMIT_MS = 300_000;

const regionArguments = z.object({
  image: imageArgument('name of the image'),
  bbox: boxArgument,
  mode: z
    .enum(['mean', 'center', 'mode'], 'must be "mean", "center" or "mode"')
    .exactOptional()
    .describe('what stands for the region: its mean (if left out), its center, or its most frequent depth'),
});

/** Depths of one picture can be compared to three digits; more would be noise. */
export const roundDepth = (depth: number): number => Number(depth.toFixed(3));

export const DEPTH_RETURNS =
  'a number, 0 for the nearest point of the image and larger for what is farther away; only comparable within one image, not a distance';

/** How far away a part of an image is. As in TACO, the network's map is turned round so that smaller is nearer. */
export const estimateRegionDepth: Tool<z.infer<typeof regionArguments>> = {
  name: 'EstimateRegionDepth',
  version: '1',
  get engine() {
    return depthNetwork.engine();
  },
  description: 'Estimates how far away a region of an image is.',
  arguments: regionArguments,
  returns: `depth: ${DEPTH_RETURNS}`,
  example: { image: 'image-0', bbox: [0.3, 0.2, 0.5, 0.4] },
  pool: 'vision',
  timeLimitMs: CALL_LIMIT_MS,
  deterministic: true,
  cache: true,
  status: depthNetwork.status,
  warmUp: warmUpDepth,
  async run({ image, bbox, mode }, context) {
    const picture = await pictureOf(context, image);
    const limits = { timeLimitMs: DEPTH_LIMIT_MS, signal: context.signal };
    const map = await looking(image, () => depthMap(picture, limits));
    return { depth: roundDepth(regionDepth(map, bbox as unknown as Box, mode)) };
  },
};
