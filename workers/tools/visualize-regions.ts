import { z } from 'zod';
import { boxArgument, imageArgument } from './arguments.ts';
import { COLOUR_NAMES, parseColour } from './draw/colours.ts';
import { drawRegions } from './draw/regions.ts';
import { CUT_LIMIT_MS } from './region.ts';
import type { Tool } from './tool.ts';

/** More boxes than this hide the picture. */
const MOST_REGIONS = 100;

const COLOUR = `must be a colour: ${COLOUR_NAMES.join(', ')}, or one such as "#ff8800"`;

const regionArgument = z.preprocess(
  // A bare box is a region without a label.
  (value) => (Array.isArray(value) ? { bbox: value } : value),
  z.object(
    {
      label: z.preprocess(
        (value) => (typeof value === 'number' ? String(value) : (value ?? '')),
        z.string('must have a text as label').max(200, 'may have labels of 200 characters at most'),
      ),
      bbox: boxArgument,
    },
    'must be a list of regions, such as [{"label": "dog", "bbox": [0.1, 0.2, 0.5, 0.6]}]',
  ),
);

const visualizeArguments = z.object({
  image: imageArgument('name of the image to draw on'),
  regions: z.preprocess(
    (value) => asList(typeof value === 'string' ? parsed(value) : value),
    z
      .array(regionArgument, 'must be a list of regions, such as [{"label": "dog", "bbox": [0.1, 0.2, 0.5, 0.6]}]')
      .min(1, 'must have at least one region')
      .max(MOST_REGIONS, `may have ${MOST_REGIONS} regions at most`)
      .describe('what to draw: [{label, bbox}] with bbox = [left, top, right, bottom] as fractions of the image'),
  ),
  color: z
    .string(COLOUR)
    .refine((text) => parseColour(text) !== undefined, COLOUR)
    .describe('one colour for all of them; left out: a colour for each label')
    .exactOptional(),
});

/** Draws regions that the model names, to look at them again. */
export const visualizeRegions: Tool<z.infer<typeof visualizeArguments>> = {
  name: 'VisualizeRegionsOnImage',
  version: '1',
  engine: 'sharp',
  description: 'Draws boxes with labels on an image.',
  arguments: visualizeArguments,
  returns: 'image: the name of the new image',
  example: { image: 'image-0', regions: [{ label: 'dog', bbox: [0.1, 0.2, 0.5, 0.6] }] },
  pool: 'cpu',
  timeLimitMs: CUT_LIMIT_MS,
  deterministic: true,
  // As in the reference: for those who look, not for every model's list.
  offered: false,
  // Drawing again costs about as much as fetching what was drawn.
  cache: false,
  async run({ image, regions, color }, context) {
    const { bytes } = await context.image(image);
    const colour = color === undefined ? undefined : parseColour(color);
    const drawn = await drawRegions(bytes, regions, { colour, signal: context.signal });
    return { image: await context.keepImage(drawn) };
  },
};

/** One region alone, and one box alone, are lists of one. */
function asList(value: unknown): unknown {
  if (typeof value === 'object' && value !== null && 'bbox' in value) return [value];
  if (Array.isArray(value) && value.length === 4 && value.every((side) => typeof side === 'number')) return [value];
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
