import { z } from 'zod';
import { imageArgument, textArgument } from './arguments.ts';
import { depthMap, depthNetwork, warmUpDepth } from './engines/depth/engine.ts';
import { regionDepth } from './engines/depth/region-depth.ts';
import { detector } from './engines/detector.ts';
import { DEPTH_LIMIT_MS, DEPTH_RETURNS, roundDepth } from './estimate-region-depth.ts';
import { looking, pictureOf } from './looking.ts';
import { type Tool, ToolError } from './tool.ts';

/** For finding the object. Networks that look for any words take half a minute on one busy core. */
const FIND_LIMIT_MS = 180_000;
/** Finding, measuring, and the wait behind the pictures of other runs. */
const CALL_LIMIT_MS = 600_000;

const objectArguments = z.object({
  image: imageArgument('name of the image'),
  object: textArgument('what to look for, in a word or a few', 200),
});

/** How far away an object is: found as LocalizeObjects finds it, the surest one, and measured by its box. */
export const estimateObjectDepth: Tool<z.infer<typeof objectArguments>> = {
  name: 'EstimateObjectDepth',
  version: '1',
  get engine() {
    return `${depthNetwork.engine()}+${detector().engine()}`;
  },
  description: 'Estimates how far away an object in an image is.',
  arguments: objectArguments,
  returns: `depth: ${DEPTH_RETURNS}; bbox: where the object was found, [left, top, right, bottom] as fractions of the image`,
  example: { image: 'image-0', object: 'a red car' },
  pool: 'vision',
  timeLimitMs: CALL_LIMIT_MS,
  deterministic: true,
  cache: true,
  status() {
    const depth = depthNetwork.status();
    return depth.ready ? detector().status() : depth;
  },
  async warmUp() {
    await detector().warmUp();
    await warmUpDepth();
  },
  async run({ image, object }, context) {
    const picture = await pictureOf(context, image);
    const { signal } = context;
    const found = await looking(image, () =>
      detector().detect(picture, [object], { timeLimitMs: FIND_LIMIT_MS, signal }),
    );
    const [best] = found;
    if (!best) {
      const remarks = detector().remarks?.([object]) ?? [];
      const said = [`No ${JSON.stringify(object)} was found in ${image}.`, ...remarks];
      const instead = 'Name it by a more general word, or give EstimateRegionDepth the place of the object.';
      throw new ToolError('object_not_found', [...said, instead].join(' '));
    }
    const map = await looking(image, () => depthMap(picture, { timeLimitMs: DEPTH_LIMIT_MS, signal }));
    const bbox = best.bbox.map((side) => Number(side.toFixed(3)));
    return { depth: roundDepth(regionDepth(map, best.bbox)), bbox };
  },
};
