import { z } from 'zod';
import { imageArgument, textsArgument } from './arguments.ts';
import { drawRegions } from './draw/regions.ts';
import { detector } from './engines/detector.ts';
import { looking, pictureOf } from './looking.ts';
import { regionList, surestFew } from './region-list.ts';
import { type Tool, ToolError } from './tool.ts';

/** For one picture. The embedded network takes a fifth of a second; those that look for any words half a minute on one busy core. */
const LOOK_LIMIT_MS = 180_000;
/** With the wait behind the pictures of other runs. */
const CALL_LIMIT_MS = 600_000;

/** Kinds of objects in one call: one text may name several, and each fifty or so are another look of half a minute. */
const MOST_KINDS = 64;

const localizeArguments = z.object({
  image: imageArgument('name of the image to look at'),
  objects: textsArgument('what to look for, each in a word or a few: ["dog", "frisbee"]', 32, 100),
});

/** Finds the objects that it is asked for, with the detector that tools.yaml names. */
export const localizeObjects: Tool<z.infer<typeof localizeArguments>> = {
  name: 'LocalizeObjects',
  version: '1',
  get engine() {
    return detector().engine();
  },
  description: 'Finds objects in an image: where each is, how sure that is, and an image with their boxes drawn.',
  arguments: localizeArguments,
  returns:
    'image: the name of a new image with the boxes drawn (of the given one when nothing was found); ' +
    'regions: [{label, bbox, score}], surest first, with bbox = [left, top, right, bottom] as fractions of the image; ' +
    'the second of a label is called "label-2"; note: what could not be looked for, if anything',
  example: { image: 'image-0', objects: ['dog', 'frisbee'] },
  pool: 'vision',
  timeLimitMs: CALL_LIMIT_MS,
  deterministic: true,
  cache: true,
  status: () => detector().status(),
  warmUp: () => detector().warmUp(),
  async run({ image, objects }, context) {
    const finder = detector();
    const wanted = [...new Set(objects.flatMap(separately))];
    if (wanted.length > MOST_KINDS) {
      const words = `LocalizeObjects: "objects" names ${wanted.length} kinds of objects; it may name ${MOST_KINDS} at most.`;
      throw new ToolError('invalid_arguments', words);
    }
    const picture = await pictureOf(context, image);
    const limits = { timeLimitMs: LOOK_LIMIT_MS, signal: context.signal };
    const found = await looking(image, () => finder.detect(picture, wanted, limits));
    const { few, remark } = surestFew(found);
    const regions = regionList(few);
    const remarks = [...(remark === undefined ? [] : [remark]), ...(finder.remarks?.(wanted) ?? [])];
    const note = remarks.length > 0 ? { note: remarks.join(' ') } : {};
    if (regions.length === 0) return { image, regions, ...note };
    const groups = regions.map((region, i) => ({ ...region, group: few[i]!.label }));
    const drawn = await drawRegions(picture.bytes, groups, { signal: context.signal });
    return { image: await context.keepImage(drawn), regions, ...note };
  },
};

/** Models also write several names as one text. */
function separately(text: string): string[] {
  return text
    .split(/[,;\n]|\.\s/)
    .map((name) => name.replace(/\.$/, '').trim())
    .filter((name) => name !== '');
}
