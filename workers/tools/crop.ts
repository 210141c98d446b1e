import { z } from 'zod';
import { boxArgument, imageArgument } from './arguments.ts';
import { CUT_LIMIT_MS, cutOut } from './region.ts';
import type { Tool } from './tool.ts';

/**
 * Room around the box, as a share of its size on each side. A model's box often cuts a letter or an edge off; a tenth
 * gives that back and keeps the thing asked for most of the picture.
 */
const MARGIN = 0.1;

const cropArguments = z.object({
  image: imageArgument('name of the image to cut from'),
  bbox: boxArgument,
});

/**
 * Cuts a part out of an image.
 *
 * TACO leaves half of the box's size around it on each side, so that three quarters of the result are not what was
 * asked for, and draws a yellow frame, which covers pixels and which OCR and detectors then see as part of the scene.
 * Here the margin is a tenth and nothing is drawn: a crop holds only pixels of the image.
 */
export const crop: Tool<z.infer<typeof cropArguments>> = {
  name: 'Crop',
  version: '1',
  engine: 'sharp',
  description: 'Cuts out the part of an image inside a box (with a little room around it) and gives it as a new image.',
  arguments: cropArguments,
  returns: 'image: the name of the new image',
  example: { image: 'image-0', bbox: [0.33, 0.21, 0.58, 0.46] },
  pool: 'cpu',
  timeLimitMs: CUT_LIMIT_MS,
  deterministic: true,
  // Cutting again costs about as much as fetching the cut-out.
  cache: false,
  async run({ image, bbox }, context) {
    const { bytes } = await context.image(image);
    const cut = await cutOut(bytes, bbox, MARGIN, { signal: context.signal });
    return { image: await context.keepImage(cut) };
  },
};
