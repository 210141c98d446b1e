/**
 * What the tools take and give, as the checker knows them: its own short table, so that a chain is held to what tools
 * are documented to do and not to what a generator thinks they do.
 */
import type { JsonObject } from '../../../shared/contract.ts';
import { isBox } from './boxes.ts';

type Kind = 'image' | 'images' | 'text' | 'texts' | 'box' | 'factor' | 'regions' | 'other';

interface Shape {
  readonly takes: Readonly<Record<string, Kind>>;
  readonly optional?: readonly string[];
  /** Whether this result makes an image. */
  makes?(result: JsonObject): boolean;
  /** What is wrong with a result; undefined where nothing is. */
  fault(result: JsonObject, given: JsonObject): string | undefined;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.length > 0 && value.every(isText);
const isName = (value: unknown): value is string => typeof value === 'string' && /^image-\d+$/.test(value);
const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const KINDS: Readonly<Record<Kind, readonly [(value: unknown) => boolean, string]>> = {
  image: [isName, 'the name of an image'],
  images: [(value) => Array.isArray(value) && value.length > 0 && value.every(isName), 'names of images'],
  text: [isText, 'a text'],
  texts: [isTexts, 'a list of texts'],
  box: [isBox, 'a box [left, top, right, bottom] of fractions'],
  factor: [(value) => typeof value === 'number' && value > 1 && value <= 20, 'a factor above 1, 20 at most'],
  regions: [
    (value) => Array.isArray(value) && value.length > 0 && value.every((one) => isObject(one) && isBox(one.bbox)),
    'a list of regions',
  ],
  other: [() => true, ''],
};

/** Region lists: surest first, the n-th of a label called `label-n`. */
function regionsFault({ regions }: JsonObject, asked?: readonly string[]): string | undefined {
  if (!Array.isArray(regions)) return 'regions is no list';
  const counts = new Map<string, number>();
  let last = Number.POSITIVE_INFINITY;
  for (const region of regions) {
    if (!isObject(region) || typeof region.label !== 'string' || !isBox(region.bbox))
      return 'a region has no label or no box';
    const name = region.label;
    const numbered = /^(.+)-(\d+)$/.exec(name);
    const known = asked === undefined || asked.includes(name);
    const label =
      numbered && !(asked?.includes(name) ?? false) && counts.has(numbered[1] as string)
        ? (numbered[1] as string)
        : name;
    const count = (counts.get(label) ?? 0) + 1;
    counts.set(label, count);
    if (count > 1 && name !== `${label}-${count}`) return `${name} should be ${label}-${count}`;
    if (!known && !(asked?.includes(label) ?? true)) return `nobody asked for ${name}`;
    const score = region.score;
    if (asked === undefined && score === undefined) continue;
    if (typeof score !== 'number' || score < 0 || score > 1) return `${name} has no score`;
    if (score > last) return 'the regions are not surest first';
    last = score;
  }
  return undefined;
}

function likenessFault(result: JsonObject, names: unknown, kind: 'image' | 'text'): string | undefined {
  const { similarity } = result;
  if (!Array.isArray(names) || !Array.isArray(similarity) || similarity.length !== names.length)
    return 'there is not one similarity for each';
  if (!similarity.every((one) => typeof one === 'number')) return 'a similarity is no number';
  const best = result[`best_${kind}_index`];
  if (typeof best !== 'number' || result[`best_${kind}`] !== names[best]) return 'the best is not the one at its place';
  if (Math.max(...(similarity as number[])) > (similarity as number[])[best]!)
    return 'the best is not the most similar';
  return undefined;
}

const depthFault = ({ depth }: JsonObject): string | undefined =>
  typeof depth === 'number' && depth >= 0 && depth <= 1 ? undefined : 'depth is no number from 0 to 1';
const textFault =
  (name: string) =>
  (result: JsonObject): string | undefined =>
    typeof result[name] === 'string' ? undefined : `${name} is no text`;
const none = (): undefined => undefined;
const always = (): true => true;
const ifRegions = ({ regions }: JsonObject): boolean => Array.isArray(regions) && regions.length > 0;

export const TOOLS: Readonly<Record<string, Shape>> = {
  OCR: {
    takes: { image: 'image' },
    fault: ({ text, rows }) => {
      if (typeof text !== 'string') return 'text is no text';
      if (!Array.isArray(rows)) return 'rows is no list';
      const texts = rows.map((row) => (isObject(row) && typeof row.text === 'string' ? row.text : undefined));
      if (texts.includes(undefined)) return 'a row has no text';
      return texts.join('\n') === text ? undefined : 'text and rows differ';
    },
  },
  LocalizeObjects: {
    takes: { image: 'image', objects: 'texts' },
    makes: ifRegions,
    fault: (result, { objects }) => regionsFault(result, objects as string[]),
  },
  DetectFaces: { takes: { image: 'image' }, makes: ifRegions, fault: (result) => regionsFault(result) },
  GetObjects: {
    takes: { image: 'image' },
    fault: ({ objects }) =>
      Array.isArray(objects) && objects.every(isText) && new Set(objects).size === objects.length
        ? undefined
        : 'objects is no list of different names',
  },
  EstimateRegionDepth: { takes: { image: 'image', bbox: 'box', mode: 'text' }, optional: ['mode'], fault: depthFault },
  EstimateObjectDepth: {
    takes: { image: 'image', object: 'text' },
    fault: (result) => depthFault(result) ?? (isBox(result.bbox) ? undefined : 'bbox is no box'),
  },
  Crop: { takes: { image: 'image', bbox: 'box' }, makes: always, fault: none },
  ZoomIn: {
    takes: { image: 'image', bbox: 'box', zoom_factor: 'factor' },
    makes: always,
    fault: ({ zoom_factor }, given) =>
      typeof zoom_factor === 'number' && zoom_factor >= 1 && zoom_factor <= (given.zoom_factor as number) + 0.006
        ? undefined
        : 'zoom_factor is not what it can have been',
  },
  GetImageToTextsSimilarity: {
    takes: { image: 'image', texts: 'texts' },
    fault: (result, { texts }) => likenessFault(result, texts, 'text'),
  },
  GetImageToImagesSimilarity: {
    takes: { image: 'image', other_images: 'images' },
    fault: (result, { other_images }) => likenessFault(result, other_images, 'image'),
  },
  GetTextToImagesSimilarity: {
    takes: { text: 'text', images: 'images' },
    fault: (result, { images }) => likenessFault(result, images, 'image'),
  },
  Calculate: {
    takes: { expression: 'text' },
    fault: ({ result }) => (result === undefined ? 'there is no result' : undefined),
  },
  SolveMathEquation: { takes: { query: 'text' }, fault: textFault('result') },
  QueryLanguageModel: { takes: { query: 'text' }, fault: textFault('result') },
  QueryKnowledgeBase: {
    takes: { query: 'text', lang: 'text', sentences: 'other' },
    optional: ['lang', 'sentences'],
    fault: textFault('summary'),
  },
  VisualizeRegionsOnImage: {
    takes: { image: 'image', regions: 'regions', color: 'text' },
    optional: ['color'],
    makes: always,
    fault: none,
  },
};

/** What is wrong with a call's arguments; undefined where nothing is. */
export function argumentsFault(name: string, given: JsonObject): string | undefined {
  const shape = TOOLS[name];
  if (!shape) return undefined;
  for (const argument of Object.keys(given))
    if (!(argument in shape.takes)) return `${name} has no argument ${argument}`;
  for (const [argument, kind] of Object.entries(shape.takes)) {
    const value = given[argument];
    if (value === undefined && shape.optional?.includes(argument)) continue;
    const [fits, what] = KINDS[kind];
    if (!fits(value)) return `${argument} of ${name} is not ${what}`;
  }
  return undefined;
}

/** Names of images that a call names, in the order of its arguments. */
export function imagesOf(name: string, given: JsonObject): string[] {
  const takes = TOOLS[name]?.takes ?? {};
  return Object.entries(takes).flatMap(([argument, kind]) => {
    const value = given[argument];
    if (kind === 'image' && typeof value === 'string') return [value];
    return kind === 'images' && Array.isArray(value) ? (value as string[]) : [];
  });
}
