/** Questions about one kind of thing, or two, in pictures: counts, colours, places. */

import { isThere } from './candidates.ts';
import { qualityIn, type Region } from './evidence.ts';
import type { Meaning, Side, Thing } from './meaning.ts';
import { before, colour, sameNoun } from './nouns.ts';
import { Missing, type Outcome, type World } from './outcome.ts';
import { SIDE_SPELLINGS, sideBetween } from './places.ts';

type OfOne = Extract<Meaning, { asks: 'count' | 'exists' | 'quality' | 'relation' | 'holds' | 'predicate' }>;

export function ofOne(world: World, meaning: OfOne, options: readonly string[]): Outcome {
  switch (meaning.asks) {
    case 'count': {
      let sum = 0;
      let unclear = false;
      if (hangsOnDoubt(world, meaning.thing, meaning.images)) return 'unknown';
      for (const image of meaning.images) {
        const count = countOf(world, meaning.thing, image);
        if (count === 'unknown') unclear = true;
        else sum += count;
      }
      return unclear ? 'unknown' : [sum];
    }
    case 'exists': {
      const has = hasThing(world, meaning.thing, meaning.images[0]!);
      return has === 'unknown' ? has : yesNo(has);
    }
    case 'quality': {
      const found = qualityOf(world, meaning.thing, meaning.images[0]!);
      return found === 'unknown' ? found : [found];
    }
    case 'relation': {
      const side = relationOf(world, meaning.thing, meaning.anchor, 0);
      // `Left, right, above or below` knows of no inside, unless an option does.
      const known = side !== 'inside' || options.some((option) => SIDE_SPELLINGS.inside.includes(option));
      return side === undefined || !known ? 'unknown' : SIDE_SPELLINGS[side];
    }
    case 'holds': {
      const side = relationOf(world, meaning.thing, meaning.anchor, 0, meaning.side);
      return side === undefined ? 'unknown' : yesNo(side === meaning.side);
    }
    case 'predicate':
      return predicateOf(world, meaning, options);
  }
}

export const yesNo = (is: boolean): Outcome => (is ? ['yes'] : ['no']);

/** What the observations call the thing, and the quality that the question sets before the noun. */
function taken(world: World, { name, quality }: Thing, image: number): { noun: string; quality?: string } {
  const labels = world.evidence.labels(image);
  if (quality !== undefined) {
    const together = labels.find((label) => sameNoun(label, `${quality} ${name}`));
    return together === undefined ? { noun: name, quality: colour(quality) } : { noun: together };
  }
  if (labels.some((label) => sameNoun(label, name))) return { noun: name };
  for (const label of labels) {
    const words = before(name, label);
    if (words !== undefined) return { noun: label, quality: colour(words) };
  }
  return { noun: name };
}

/**
 * Whether a region that stays doubtful leaves a number of things of some quality open: then the qualities of the others
 * need not be looked at. @throws Missing where an image was not looked at
 */
function hangsOnDoubt(world: World, thing: Thing, images: readonly number[]): boolean {
  let hangs = false;
  for (const image of images) {
    const { noun, quality } = taken(world, thing, image);
    world.regions(noun, image);
    if (quality === undefined) continue;
    for (const { box, is } of world.evidence.regions(noun, image) ?? [])
      if (is === 'undecided' && world.evidence.likest(box, image, aboutNoun(noun)) === undefined) hangs = true;
  }
  return hangs;
}

/** How many there are; undecided likenesses leave it unknown. @throws Missing */
export function countOf(world: World, thing: Thing, image: number): number | 'unknown' {
  const { noun, quality } = taken(world, thing, image);
  const regions = world.regions(noun, image);
  if (quality === undefined) return regions.length;
  const each = regions.map((region) => regionIs(world, region, noun, quality, image));
  return each.includes('unknown') ? 'unknown' : each.filter((is) => is === true).length;
}

/** Whether there is one. @throws Missing */
export function hasThing(world: World, thing: Thing, image: number): boolean | 'unknown' {
  const { noun, quality } = taken(world, thing, image);
  if (quality === undefined) return isThere(world, noun, image);
  const regions = world.regions(noun, image);
  let unclear = false;
  let missing: Missing | undefined;
  for (const region of regions) {
    try {
      const is = regionIs(world, region, noun, quality, image);
      if (is === true) return true;
      if (is === 'unknown') unclear = true;
    } catch (error) {
      // One that has it decides, whatever the others are.
      if (!(error instanceof Missing)) throw error;
      missing = error;
    }
  }
  if (missing) throw missing;
  return unclear ? 'unknown' : false;
}

function regionIs(world: World, { box }: Region, noun: string, quality: string, image: number): boolean | 'unknown' {
  const text = world.evidence.likest(box, image, aboutNoun(noun));
  if (text === undefined) throw new Missing(`nobody looked which ${noun} of image-${image} is ${quality}`);
  return text === 'alike' ? 'unknown' : qualityIn(text, noun) === quality;
}

/** Texts about a thing name it, or are qualities alone. */
const aboutNoun =
  (noun: string) =>
  (texts: readonly string[]): boolean =>
    texts.some((text) => qualityIn(text, noun) !== colour(text).replace(/^(?:a|an|the) /, '')) ||
    texts.every((text) => text.split(' ').length <= 2);

/** The quality of the one thing of its kind; of several only where they are all alike. @throws Missing */
export function qualityOf(world: World, noun: string, image: number): string {
  const regions = world.maybe(noun, image);
  if (!regions) {
    const text = world.evidence.likest(undefined, image, aboutNoun(noun));
    if (text === undefined) throw new Missing(`nobody looked for the ${noun} in image-${image}`);
    return text === 'alike' ? 'unknown' : qualityIn(text, noun);
  }
  if (regions.length === 0) return 'unknown';
  const found = new Set<string>();
  for (const { box } of regions) {
    const text = world.evidence.likest(box, image, aboutNoun(noun));
    if (text === undefined) {
      // Two of a kind of which one was not looked at: which is meant is not known anyway.
      if (regions.length > 1) return 'unknown';
      throw new Missing(`nobody looked which colour the ${noun} of image-${image} has`);
    }
    found.add(text === 'alike' ? 'unknown' : qualityIn(text, noun));
  }
  const [only] = found;
  return found.size === 1 && only !== undefined ? only : 'unknown';
}

/** Where the one thing is as seen from the other; undefined where that cannot be told. @throws Missing */
export function relationOf(world: World, thing: string, anchor: string, image: number, asked?: Side): Side | undefined {
  const [things, anchors] = [world.regions(thing, image), world.regions(anchor, image)];
  const [a, b] = [things[0], anchors[0]];
  if (!a || !b || things.length > 1 || anchors.length > 1) return undefined;
  return sideBetween(a.box, b.box, asked);
}

/** By likeness of a cut-out that holds both; by places where all options are places. */
function predicateOf(
  world: World,
  { thing, anchor }: { thing: string; anchor: string },
  options: readonly string[],
): Outcome {
  const sides = (Object.entries(SIDE_SPELLINGS) as [Side, readonly string[]][]).filter(([, words]) =>
    options.some((option) => words.includes(option)),
  );
  if (sides.length === options.length) {
    const side = relationOf(world, thing, anchor, 0);
    return side === undefined ? 'unknown' : SIDE_SPELLINGS[side];
  }
  const [things, anchors] = [world.regions(thing, 0), world.regions(anchor, 0)];
  const [a, b] = [things[0], anchors[0]];
  if (!a || !b || things.length > 1 || anchors.length > 1) return 'unknown';
  const text = world.evidence.likestAround([a.box, b.box], 0);
  if (text === undefined) throw new Missing(`nobody compared what the ${thing} is to the ${anchor}`);
  if (text === 'alike') return 'unknown';
  const plain = text.toLowerCase();
  const fitting = options.filter(
    (option) => plain === option || plain.includes(` ${option} `) || plain.endsWith(` ${option}`),
  );
  // `on top of` holds `on`: the longest is what was said.
  const longest = fitting.sort((x, y) => y.length - x.length)[0];
  return longest === undefined ? 'unknown' : [longest];
}
