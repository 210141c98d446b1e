/** Questions that compare pictures or choose one of them. */
import type { Meaning } from './meaning.ts';
import { countOf, hasThing, qualityOf, relationOf, yesNo } from './one.ts';
import { Missing, type Outcome, type World } from './outcome.ts';

type OfSeveral = Extract<
  Meaning,
  {
    asks:
      | 'select'
      | 'select-relation'
      | 'select-number'
      | 'same-quality'
      | 'two-qualities'
      | 'compare-relation'
      | 'more-where'
      | 'how-many-more';
  }
>;

type Placed = Extract<OfSeveral, { asks: 'select-relation' | 'compare-relation' }>;

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'];

const imageSpellings = (image: number): readonly string[] => [
  `image-${image}`,
  ...(ORDINALS[image] === undefined
    ? []
    : [`${ORDINALS[image]} image`, `${ORDINALS[image]} picture`, `${ORDINALS[image]} photo`, `the ${ORDINALS[image]}`]),
];

const SAME_NUMBER = [
  'the same number',
  'same number',
  'the same',
  'same',
  'equal',
  'equally many',
  'both have the same number',
  'they have the same number',
];

export function ofSeveral(world: World, meaning: OfSeveral): Outcome {
  switch (meaning.asks) {
    case 'select':
      return theOne(
        meaning.images,
        (image) => hasThing(world, meaning.thing, image),
        () => mostLike(world, meaning),
      );
    case 'select-relation':
      return theOne(meaning.images, (image) => holdsIn(world, meaning, image));
    case 'select-number': {
      const counts = meaning.images.map((image) => ({ image, count: countOf(world, meaning.thing, image) }));
      if (counts.some(({ count }) => count === 'unknown')) return 'unknown';
      const all = counts.map(({ count }) => count as number);
      const wanted = meaning.most ? Math.max(...all) : Math.min(...all);
      const fitting = counts.filter(({ count }) => count === wanted);
      return fitting.length === 1 ? imageSpellings(fitting[0]!.image) : 'unknown';
    }
    case 'same-quality':
    case 'two-qualities': {
      const pair = [meaning.first, meaning.second];
      // Where one of the two is not there, no colour has to be looked at.
      const there = pair.map((image) => world.maybe(meaning.thing, image)?.length ?? 1);
      if (there.includes(0)) return 'unknown';
      const [one, other] = pair.map((image) => qualityOf(world, meaning.thing, image));
      if (one === 'unknown' || other === 'unknown') return 'unknown';
      if (meaning.asks === 'same-quality') return yesNo(one === other);
      return [`${one} and ${other}`, `${one}, ${other}`, `${one} ${other}`];
    }
    case 'compare-relation': {
      const { first, second } = meaning;
      // A comparison takes for granted that both things are in both images, at places that can be told.
      const [one, other] = [first, second].map((image) =>
        relationOf(world, meaning.thing, meaning.anchor, image, meaning.side),
      );
      if (one === undefined || other === undefined) return 'unknown';
      const [a, b] = [one === meaning.side, other === meaning.side];
      if (a === b)
        return a
          ? ['both', 'in both', 'both images', 'both of them']
          : ['neither', 'in neither', 'neither of them', 'none'];
      const image = a ? first : second;
      return [`only image-${image}`, `only in image-${image}`, `image-${image} only`, ...imageSpellings(image)];
    }
    case 'more-where': {
      const pair = countsOf(world, meaning);
      if (pair === 'unknown') return pair;
      const [a, b] = pair;
      return a === b ? SAME_NUMBER : imageSpellings(a > b ? meaning.first : meaning.second);
    }
    case 'how-many-more': {
      const pair = countsOf(world, meaning);
      if (pair === 'unknown') return pair;
      const [a, b] = pair;
      // "How many more" takes for granted that there are more.
      return a <= b ? 'unknown' : [a - b];
    }
  }
}

function countsOf(
  world: World,
  { thing, first, second }: Extract<OfSeveral, { asks: 'more-where' | 'how-many-more' }>,
): readonly [number, number] | 'unknown' {
  const [a, b] = [countOf(world, thing, first), countOf(world, thing, second)];
  return a === 'unknown' || b === 'unknown' ? 'unknown' : [a, b];
}

/** Rule 7 taken as what `left of` means: where it is not fulfilled, or one of the two is not there, it does not hold. */
const holdsIn = (world: World, { thing, anchor, side }: Placed, image: number): boolean =>
  relationOf(world, thing, anchor, image, side) === side;

/**
 * The one image that has it. Two that have it leave no answer, whatever the others show.
 * @param otherwise where nothing was looked for in any image
 */
function theOne(
  images: readonly number[],
  has: (image: number) => boolean | 'unknown',
  otherwise?: () => Outcome | undefined,
): Outcome {
  const fitting: number[] = [];
  let unclear = false;
  let missing: Missing | undefined;
  let looked = 0;
  for (const image of images) {
    try {
      const is = has(image);
      looked++;
      if (is === true) fitting.push(image);
      if (is === 'unknown') unclear = true;
    } catch (error) {
      if (!(error instanceof Missing)) throw error;
      missing ??= error;
    }
  }
  const other = looked === 0 ? otherwise?.() : undefined;
  if (other) return other;
  if (fitting.length > 1) return 'unknown';
  if (missing) throw missing;
  const [only] = fitting;
  return unclear || only === undefined ? 'unknown' : imageSpellings(only);
}

/** The image that a text fits best, where all images of the question were compared with it. */
function mostLike(world: World, { thing, images }: Extract<OfSeveral, { asks: 'select' }>): Outcome | undefined {
  const choice = world.evidence.chosen.findLast(({ text, images: compared }) => {
    const words = text.toLowerCase().split(/\s+/);
    const wanted = `${thing.quality ?? ''} ${thing.name}`.trim().toLowerCase().split(/\s+/);
    return (
      wanted.every((word) => words.includes(word)) &&
      images.every((image) => compared.some(({ place }) => place.input === image))
    );
  });
  if (!choice) return undefined;
  const ranked = [...choice.images].sort((a, b) => b.likeness - a.likeness);
  const [first, second] = ranked;
  if (!first || (second && Math.abs(first.likeness - second.likeness) < 0.02 - 1e-9)) return 'unknown';
  return imageSpellings(first.place.input);
}
