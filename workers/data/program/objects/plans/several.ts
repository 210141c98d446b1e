/** Plans about several images: each is looked at, then they are compared. Rule 10. */
import type { JsonObject } from '../../../../../shared/contract.ts';
import type { Look } from '../look.ts';
import { absentSaid, amount, countsSaid, placesSaid } from '../recap.ts';
import { inSingular, localize, type Region, regionsIn, settle, UNKNOWN } from '../regions.ts';
import { Unmade } from '../rules.ts';
import { listed, pluralOf, withArticle } from '../words/kinds.ts';
import { withColour } from '../words/phrases.ts';
import type { THOUGHTS } from '../words/thoughts.ts';
import { added, bestOf, coloursOf } from './colour.ts';
import { countOf, sideBetween, theOne } from './one-look.ts';
import type { Found, PlanOf } from './plan.ts';

/** The same search in each image, one after another or all in one turn. */
async function inEach(
  look: Look,
  images: readonly string[],
  labels: readonly string[],
  first: keyof typeof THOUGHTS,
  what: string,
): Promise<Region[]> {
  if (look.rng.chance(0.45)) {
    const thought = look.say(first, { image: listed(images, 'and'), what });
    const shown = await look.act(
      thought,
      images.map((image) => localize(image, labels)),
    );
    return shown.flatMap((one, i) => regionsIn((one as { result: JsonObject }).result, images[i]!, labels));
  }
  const regions: Region[] = [];
  for (const [i, image] of images.entries()) {
    const { result } = await look.one(look.say(i === 0 ? first : 'findNext', { image, what }), localize(image, labels));
    regions.push(...regionsIn(result, image, labels));
  }
  return regions;
}

const HALF_SEEN = new Unmade('whether there is another of the things that are compared stays doubtful');

const inImage = (there: readonly Region[], image: string): Region[] => there.filter((one) => one.image === image);

const eachSaid = (look: Look, images: readonly string[], labels: readonly string[], there: readonly Region[]): string =>
  images.map((image) => countsSaid(look.rng, image, labels, inImage(there, image))).join(' ');

const only = (images: readonly string[]): string => (images.length === 1 ? images[0]! : UNKNOWN);

export async function whichHas(look: Look, { images, label }: PlanOf<'which-has'>): Promise<Found> {
  if (look.rng.chance(0.4)) {
    const has: string[] = [];
    for (const image of images) {
      const { result } = await look.one(look.say('listTags', { image, what: withArticle(label) }), {
        name: 'GetObjects',
        arguments: { image },
      });
      if ((result.objects as string[]).includes(label)) has.push(image);
    }
    const seen =
      has.length > 0
        ? `${withArticle(label)} is listed for ${listed(has, 'and')} only.`
        : `${withArticle(label)} is listed for none of the images.`;
    return { answer: only(has), seen };
  }
  const regions = await inEach(look, images, [label], 'findWhether', withArticle(label));
  const { answer, there, doubt } = await settle(look, regions, (some) =>
    only(images.filter((image) => inImage(some, image).length > 0)),
  );
  return { answer, seen: doubt ?? eachSaid(look, images, [label], there) };
}

export async function whichHasColour(
  look: Look,
  { images, label, colour }: PlanOf<'which-has-colour'>,
): Promise<Found> {
  const text = withColour(colour, label);
  const { result } = await look.one(look.say('compareImages', { what: text, images: listed(images, 'and') }), {
    name: 'GetTextToImagesSimilarity',
    arguments: { text, images: [...images] },
  });
  const { at, seen } = bestOf(look, result, images, text);
  return { answer: at === undefined ? UNKNOWN : images[at]!, seen };
}

const sidesSaid = (
  look: Look,
  images: readonly string[],
  labels: readonly string[],
  there: readonly Region[],
): string =>
  images
    .map((image) => {
      const mine = inImage(there, image);
      const missing = labels.filter((label) => countOf(mine, label) === 0);
      return missing.length > 0 ? absentSaid(look.rng, image, missing) : placesSaid(look.rng, image, mine, 'both');
    })
    .join(' ');

export async function whichSide(look: Look, { images, label, anchor, side }: PlanOf<'which-side'>): Promise<Found> {
  const labels = look.rng.shuffle([label, anchor]);
  const regions = await inEach(look, images, labels, 'findPlaces', inSingular(labels));
  const { answer, there, doubt } = await settle(look, regions, (some) =>
    only(images.filter((image) => sideBetween(inImage(some, image), label, anchor) === side)),
  );
  return { answer, seen: doubt ?? sidesSaid(look, images, labels, there) };
}

export async function bothSides(look: Look, { images, label, anchor, side }: PlanOf<'both-sides'>): Promise<Found> {
  const labels = look.rng.shuffle([label, anchor]);
  const regions = await inEach(look, images, labels, 'findPlaces', inSingular(labels));
  const { answer, there, doubt } = await settle(look, regions, (some) => {
    const sides = images.map((image) => sideBetween(inImage(some, image), label, anchor));
    if (sides.includes(undefined)) return UNKNOWN;
    const fits = images.filter((_, i) => sides[i] === side);
    return fits.length === images.length ? 'both' : fits.length === 0 ? 'neither' : `only ${fits[0]}`;
  });
  return { answer, seen: doubt ?? sidesSaid(look, images, labels, there) };
}

export async function whichMany(look: Look, { images, label, most }: PlanOf<'which-many'>): Promise<Found> {
  const regions = await inEach(look, images, [label], 'findCount', `the ${pluralOf(label)}`);
  const { answer, there, doubt } = await settle(look, regions, (some) => {
    const counts = images.map((image) => inImage(some, image).length);
    const top = most ? Math.max(...counts) : Math.min(...counts);
    return only(images.filter((_, i) => counts[i] === top));
  });
  return { answer, seen: doubt ?? eachSaid(look, images, [label], there) };
}

export async function total(look: Look, { images, label }: PlanOf<'total'>): Promise<Found> {
  const regions = await inEach(look, images, [label], 'findCount', `the ${pluralOf(label)}`);
  const { answer, there, doubt } = await settle(look, regions, (some) => String(some.length));
  const seen = doubt ?? eachSaid(look, images, [label], there);
  if (answer === UNKNOWN || look.rng.chance(0.25)) return { answer, seen };
  const counts = images.map((image) => inImage(there, image).length);
  return { answer: await added(look, counts, seen), seen: `The sum is ${answer}.` };
}

export async function moreIn(look: Look, { images, label, by }: PlanOf<'more-in'>): Promise<Found> {
  const [first, second] = images as readonly [string, string];
  const regions = await inEach(look, images, [label], 'findCount', `the ${pluralOf(label)}`);
  const { answer, there, doubt } = await settle(look, regions, (some) => {
    const more = inImage(some, first).length - inImage(some, second).length;
    if (by) return more > 0 ? String(more) : UNKNOWN;
    return more === 0 ? 'the same number' : more > 0 ? first : second;
  });
  const seen = doubt ?? eachSaid(look, images, [label], there);
  if (!by || answer === UNKNOWN || look.rng.chance(0.3)) return { answer, seen };
  const counts = images.map((image) => inImage(there, image).length);
  const { result } = await look.one(look.say('subtract', { seen }), {
    name: 'Calculate',
    arguments: { expression: counts.join(' - ') },
  });
  return {
    answer: String(result.result),
    seen: `The difference is ${answer}, ${amount(look.rng, label, counts[0]!)} against ${counts[1]}.`,
  };
}

export async function sameColour(look: Look, plan: PlanOf<'same-colour'>): Promise<Found> {
  const { images, label, colours, named } = plan;
  const regions = await inEach(look, images, [label], 'findForColour', `the ${label}`);
  const { answer, there, doubt } = await settle(look, regions, (some) =>
    some
      .map(({ image, name }) => `${image} ${name}`)
      .sort()
      .join(),
  );
  // What a doubtful second one leaves open hangs on colours that were not looked at.
  if (answer === UNKNOWN) {
    if (images.some((image) => inImage(there, image).length > 0)) throw HALF_SEEN;
    return { answer, seen: doubt ?? '' };
  }
  const ones = images.map((image) => theOne(inImage(there, image), label));
  const missing = images.filter((_, i) => ones[i] === undefined);
  if (missing.length > 0)
    return { answer: UNKNOWN, seen: missing.map((image) => absentSaid(look.rng, image, [label])).join(' ') };
  const told = await coloursOf(look, ones as Region[], label, colours, eachSaid(look, images, [label], there));
  const [a, b] = told.colours;
  const seen = a && b ? `The ${label} is ${a} in ${images[0]} and ${b} in ${images[1]}.` : told.seen;
  if (!a || !b) return { answer: UNKNOWN, seen };
  return { answer: named ? `${a} and ${b}` : a === b ? 'yes' : 'no', seen };
}
