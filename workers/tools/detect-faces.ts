import { z } from 'zod';
import { imageArgument } from './arguments.ts';
import { drawRegions } from './draw/regions.ts';
import { facesEngine, detectFaces as find, warmUpFaces } from './engines/faces/engine.ts';
import { looking, pictureOf } from './looking.ts';
import { regionList } from './region-list.ts';
import type { Tool } from './tool.ts';

/** For one picture: a third of a second is usual, a crowd takes two. */
const LOOK_LIMIT_MS = 60_000;
/** With the wait behind the pictures of other runs. */
const CALL_LIMIT_MS = 180_000;

const detectFacesArguments = z.object({
  image: imageArgument('name of the image to look at'),
});

/** Finds faces; whose they are it does not tell. */
export const detectFaces: Tool<z.infer<typeof detectFacesArguments>> = {
  name: 'DetectFaces',
  version: '1',
  get engine() {
    return facesEngine();
  },
  description: 'Finds the faces of people in an image.',
  arguments: detectFacesArguments,
  returns:
    'image: the name of a new image with the faces framed (of the given one when there is none); ' +
    'regions: [{label, bbox}], surest first, with bbox = [left, top, right, bottom] as fractions of the image; ' +
    'the second face is called "face-2"',
  example: { image: 'image-0' },
  pool: 'vision',
  timeLimitMs: CALL_LIMIT_MS,
  deterministic: true,
  cache: true,
  warmUp: warmUpFaces,
  async run({ image }, context) {
    const picture = await pictureOf(context, image);
    const limits = { timeLimitMs: LOOK_LIMIT_MS, signal: context.signal };
    const faces = await looking(image, () => find(picture, limits));
    const regions = regionList(faces).map(({ label, bbox }) => ({ label, bbox }));
    if (regions.length === 0) return { image, regions };
    const framed = regions.map((region) => ({ ...region, group: 'face' }));
    const drawn = await drawRegions(picture.bytes, framed, { signal: context.signal });
    return { image: await context.keepImage(drawn), regions };
  },
};
