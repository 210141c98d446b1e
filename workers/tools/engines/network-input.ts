/** From a picture to the numbers that a network takes, as its preprocessor_config.json says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Picture } from './picture.ts';
import { type Filter, resample } from './resample.ts';

const three = z.tuple([z.number(), z.number(), z.number()]);
const side = z.int().positive().max(4_096);

const config = z.object({
  do_resize: z.boolean().default(true),
  size: z.union([
    side.transform((edge) => ({ shortest_edge: edge, longest_edge: undefined })),
    z.object({ height: side, width: side }),
    z.object({ shortest_edge: side, longest_edge: side.optional() }),
  ]),
  /** Pillow's numbers: 1 Lanczos, 2 bilinear, 3 bicubic. */
  resample: z.literal([1, 2, 3]).default(2),
  keep_aspect_ratio: z.boolean().default(false),
  ensure_multiple_of: z.int().positive().default(1),
  do_center_crop: z.boolean().default(false),
  crop_size: z
    .union([side.transform((edge) => ({ height: edge, width: edge })), z.object({ height: side, width: side })])
    .optional(),
  rescale_factor: z.number().default(1 / 255),
  image_mean: three,
  image_std: three,
});

/** How a network wants its pictures. */
export type Recipe = z.infer<typeof config>;

const FILTER_OF: Readonly<Record<number, Filter>> = { 1: 'lanczos', 2: 'bilinear', 3: 'bicubic' };

/**
 * Pixels that a network is given at most: what a panorama becomes with its aspect kept would need gigabytes of
 * attention. 1.2 million are more than 800 x 1333.
 */
const MOST_PIXELS = 1_200_000;
/** Pictures of a few pixels' height are drawn out to this: networks halve their sides five times. */
const SHORTEST = 32;

/** @throws Error that names the file and what is wrong with it */
export function readRecipe(folder: string): Recipe {
  const path = join(folder, 'preprocessor_config.json');
  const parsed = config.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new Error(`${path} is not understood: ${z.prettifyError(parsed.error)}`);
}

/** Pixels as the network is to see them, before they become numbers. @see tensorOf */
export function prepare(picture: Picture, recipe: Recipe): Picture {
  if (!recipe.do_resize) return picture;
  const { width, height } = sizeFor(picture, recipe);
  const filter = FILTER_OF[recipe.resample]!;
  const crop = recipe.do_center_crop ? recipe.crop_size : undefined;
  if (!crop) return resample(picture, width, height, filter);
  // Only where the sides are equal or larger: sizes and crops of the models here are the same.
  const [w, h] = [Math.min(crop.width, width), Math.min(crop.height, height)];
  const window = { left: Math.floor((width - w) / 2), top: Math.floor((height - h) / 2), width: w, height: h };
  return resample(picture, width, height, filter, window);
}

/** Width and height after resizing, as Python's processors round them. */
export function sizeFor({ width, height }: { width: number; height: number }, recipe: Recipe) {
  const { size } = recipe;
  if ('shortest_edge' in size) return shortestEdge(width, height, size.shortest_edge, size.longest_edge);
  if (!recipe.keep_aspect_ratio) return { width: size.width, height: size.height };
  const [across, down] = [size.width / width, size.height / height];
  // The side that changes least decides.
  let scale = Math.abs(1 - across) < Math.abs(1 - down) ? across : down;
  const of = recipe.ensure_multiple_of;
  scale *= Math.min(1, Math.sqrt(MOST_PIXELS / (width * scale * height * scale)));
  const fitted = (length: number) => Math.max(Math.ceil(SHORTEST / of), roundEven(length / of)) * of;
  return { width: fitted(width * scale), height: fitted(height * scale) };
}

function shortestEdge(width: number, height: number, shortest: number, longest: number | undefined) {
  const [low, high] = [Math.min(width, height), Math.max(width, height)];
  let edge = shortest;
  let exact = shortest;
  if (longest !== undefined && (high / low) * shortest > longest) {
    exact = (longest * low) / high;
    edge = roundEven(exact);
  }
  // The long side is made from the exact short one, and cut, not rounded.
  const other = Math.trunc((exact * high) / low);
  const short = longest === undefined ? edge : Math.max(SHORTEST, edge);
  if (low === edge) return { width, height };
  return width < height ? { width: short, height: other } : { width: other, height: short };
}

/** Python rounds halves to the even neighbour. */
function roundEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/**
 * @param pictures of one size
 * @returns `[pictures, 3, height, width]`: R, G and B planes, scaled and normalised
 */
export function tensorOf(pictures: readonly Picture[], recipe: Recipe): Float32Array {
  const area = pictures[0]!.width * pictures[0]!.height;
  const tensor = new Float32Array(pictures.length * 3 * area);
  // Of a byte there are 256 values: looked up, not calculated.
  const tables = [0, 1, 2].map((channel) =>
    Float32Array.from({ length: 256 }, (_, byte) => {
      const scaled = Math.fround(byte * recipe.rescale_factor);
      return Math.fround((scaled - recipe.image_mean[channel]!) / recipe.image_std[channel]!);
    }),
  );
  for (const [n, { rgb }] of pictures.entries())
    for (const [channel, table] of tables.entries()) {
      const plane = (n * 3 + channel) * area;
      for (let i = 0; i < area; i++) tensor[plane + i] = table[rgb[i * 3 + channel]!]!;
    }
  return tensor;
}
