/**
 * The kinds of argument that tools share. They take what is plainly meant (`image-0.png`, `"0.5"`, a bare value for a
 * tool's only argument) and refuse with words that say what is right.
 */
import { z } from 'zod';
import type { JsonObject } from '../../shared/contract.ts';
import { type Tool, ToolError } from './tool.ts';

const IMAGE_NAME = 'must be the name of an image, such as "image-0"';
const imageName = z.string(IMAGE_NAME).regex(/^image-\d+$/, IMAGE_NAME);

/** `image-N`; also `image-N.png`, `Image_N`, `<image-N>`, `N`, and a list with one of these. */
export const imageArgument = (description: string) =>
  z.preprocess(
    (value) => nameOfImage(Array.isArray(value) && value.length === 1 ? value[0] : value),
    imageName.describe(description),
  );

/** A list of images; also one alone, and a text with several: `image-1, image-2`. */
export const imagesArgument = (description: string, most = 16) =>
  z.preprocess(
    (value) => listOf(value).map(nameOfImage),
    z
      .array(imageName, 'must be a list of names of images, such as ["image-1", "image-2"]')
      .min(1, 'must name at least one image')
      .max(most, `may name ${most} images at most`)
      .describe(description),
  );

/** A text that says something; also a number. */
export const textArgument = (description: string, mostCharacters = 2_000) =>
  z.preprocess(
    (value) =>
      typeof value === 'number' ? String(value) : Array.isArray(value) && value.length === 1 ? value[0] : value,
    shortText(mostCharacters).describe(description),
  );

/** A list of texts; also one alone, and a text that is a list as JSON. */
export const textsArgument = (description: string, most = 64, mostCharacters = 200) =>
  z.preprocess(
    (value) => {
      const list = typeof value === 'string' && value.trim().startsWith('[') ? parsed(value) : value;
      return Array.isArray(list) ? list : [list];
    },
    z
      .array(shortText(mostCharacters), 'must be a list of texts, such as ["cat", "dog"]')
      .min(1, 'must have at least one entry')
      .max(most, `may have ${most} entries at most`)
      .describe(description),
  );

const shortText = (most: number) =>
  z.string('must be a text').trim().min(1, 'must not be empty').max(most, `may have ${most} characters at most`);

function nameOfImage(one: unknown): unknown {
  if (typeof one === 'number' && Number.isInteger(one) && one >= 0) return `image-${one}`;
  if (typeof one !== 'string') return one;
  const name = /^[<\s]*(?:image[-_ ]?)?(\d{1,6})(?:\.(?:png|jpe?g|webp|gif))?[>\s]*$/i.exec(one);
  return name ? `image-${Number(name[1])}` : one;
}

function listOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'string') return [value];
  return value
    .replace(/[[\]"']/g, ' ')
    .split(/[\s,;]+/)
    .filter((item) => item !== '');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A number; also one written as a string. */
export const numberArgument = (number: z.ZodNumber) => z.preprocess(numeric, number);

const SIDES = ['left', 'top', 'right', 'bottom'] as const;

const NUMBERS = 'must be four numbers [left, top, right, bottom]';
const FRACTIONS =
  'must be fractions of the image between 0 and 1, not pixels: divide left and right by its width, top and bottom by its height';

/** [left, top, right, bottom] as fractions; also as an object with these names, or as a string. */
export const boxArgument = z.preprocess(
  (value) => {
    const list = typeof value === 'string' ? value.replace(/[[\]()]/g, '').split(/[\s,;]+/) : value;
    if (Array.isArray(list)) return list.map(numeric);
    if (typeof list === 'object' && list !== null && SIDES.every((side) => side in list))
      return SIDES.map((side) => numeric((list as Record<string, unknown>)[side]));
    return list;
  },
  z
    .array(z.number(NUMBERS).min(0, FRACTIONS).max(1, FRACTIONS), NUMBERS)
    .length(4, NUMBERS)
    .describe('[left, top, right, bottom] as fractions of the image, 0 to 1')
    .superRefine(([left = 0, top = 0, right = 0, bottom = 0], context) => {
      if (left >= right) context.addIssue(`must have left < right, but left is ${left} and right is ${right}`);
      if (top >= bottom) context.addIssue(`must have top < bottom, but top is ${top} and bottom is ${bottom}`);
    }),
);

function numeric(value: unknown): unknown {
  if (typeof value !== 'string' || value.trim() === '') return value;
  const number = Number(value);
  return Number.isFinite(number) ? number : value;
}

/**
 * The arguments of an action as its tool takes them.
 * @throws ToolError `invalid_arguments` that names each wrong argument, what is right, and an example
 */
export function readArguments<Arguments extends JsonObject>(
  tool: Pick<Tool<Arguments>, 'name' | 'arguments' | 'example'>,
  raw: JsonObject,
): Arguments {
  const names = Object.keys(tool.example);
  const parsed = tool.arguments.safeParse(withOnlyName(names, raw));
  if (parsed.success) return parsed.data;
  const faults = new Map<string, string>();
  for (const { path, message } of parsed.error.issues) {
    const name = String(path[0] ?? '');
    // The first fault of an argument is enough; those after it are often only its consequences.
    if (!faults.has(name)) faults.set(name, faultOf(name, message, raw));
  }
  throw new ToolError(
    'invalid_arguments',
    `${tool.name}: ${[...faults.values()].join('. ')}. Write it like this: ${JSON.stringify({ name: tool.name, arguments: tool.example })}`,
  );
}

function faultOf(name: string, message: string, raw: JsonObject): string {
  if (!name) return message;
  return name in raw ? `"${name}" ${message}; it was ${short(raw[name])}` : `"${name}" is missing`;
}

/** A tool with one argument may be given its value under any one name: there is nothing else that could be meant. */
function withOnlyName(names: readonly string[], raw: JsonObject): JsonObject {
  const given = Object.keys(raw);
  const [name] = names;
  if (names.length !== 1 || given.length !== 1 || name === undefined || name in raw) return raw;
  return { [name]: raw[given[0]!]! };
}

function short(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
