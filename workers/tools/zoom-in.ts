import { z } from 'zod';
import { boxArgument, imageArgument, numberArgument } from './arguments.ts';
import { CUT_LIMIT_MS, cutOut, type Region } from './region.ts';
import type { Tool } from './tool.ts';

/** Room around the box, as in Crop. */
const MARGIN = 0.1;
/** Pixels of the result at most, 2048 x 2048: vision models shrink anything larger before they look. */
const MOST_PIXELS = 2048 * 2048;
/** More than this shows no more, only larger squares. */
const LARGEST_FACTOR = 20;

const zoomInArguments = z.object({
  image: imageArgument('name of the image to look into'),
  bbox: boxArgument,
  zoom_factor: numberArgument(
    z
      .number('must be a number greater than 1')
      .gt(1, 'must be greater than 1')
      .lte(LARGEST_FACTOR, `must be ${LARGEST_FACTOR} at most`)
      .describe('how many times larger, greater than 1'),
  ),
});

/**
 * Cuts a part out of an image and enlarges it (Lanczos). The factor is lowered where the result would pass four
 * million pixels, and `zoom_factor` in the result says what it was.
 */
export const zoomIn: Tool<z.infer<typeof zoomInArguments>> = {
  name: 'ZoomIn',
  version: '1',
  engine: 'sharp',
  description: 'Cuts out the part of an image inside a box and enlarges it, to see or read small things better.',
  arguments: zoomInArguments,
  returns: 'image: the name of the new image; zoom_factor: by how much it was enlarged',
  example: { image: 'image-0', bbox: [0.4, 0.3, 0.5, 0.4], zoom_factor: 2 },
  pool: 'cpu',
  timeLimitMs: CUT_LIMIT_MS,
  deterministic: true,
  cache: false,
  async run({ image, bbox, zoom_factor }, context) {
    const { bytes } = await context.image(image);
    let factor = zoom_factor;
    const size = (region: Region) => {
      factor = Math.min(zoom_factor, Math.max(1, Math.sqrt(MOST_PIXELS / (region.width * region.height))));
      return { width: Math.round(region.width * factor), height: Math.round(region.height * factor) };
    };
    const cut = await cutOut(bytes, bbox, MARGIN, { size, signal: context.signal });
    return { image: await context.keepImage(cut), zoom_factor: Number(factor.toFixed(2)) };
  },
};
