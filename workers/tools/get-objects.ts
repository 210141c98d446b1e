import { z } from 'zod';
import { imageArgument } from './arguments.ts';
import { tagger } from './engines/tagger.ts';
import { looking, pictureOf } from './looking.ts';
import type { Tool } from './tool.ts';

/** For one picture. */
const LOOK_LIMIT_MS = 180_000;
/** With the wait behind the pictures of other runs. */
const CALL_LIMIT_MS = 600_000;

const getObjectsArguments = z.object({
  image: imageArgument('name of the image to look at'),
});

/** Names what is in an image, with the engine that tools.yaml names. */
export const getObjects: Tool<z.infer<typeof getObjectsArguments>> = {
  name: 'GetObjects',
  version: '1',
  get engine() {
    return tagger().engine();
  },
  description: 'Names the kinds of objects in an image.',
  arguments: getObjectsArguments,
  returns: 'objects: their names, each once, surest first; empty when it knows none of what is there',
  example: { image: 'image-0' },
  pool: 'vision',
  timeLimitMs: CALL_LIMIT_MS,
  deterministic: true,
  cache: true,
  status: () => tagger().status(),
  warmUp: () => tagger().warmUp(),
  async run({ image }, context) {
    const picture = await pictureOf(context, image);
    const limits = { timeLimitMs: LOOK_LIMIT_MS, signal: context.signal };
    const tags = await looking(image, () => tagger().tag(picture, limits));
    return { objects: tags.map(({ label }) => label) };
  },
};
