/** Plans that need boxes of one image only: numbers, presence, places. */
import type { Look } from '../look.ts';
import { absentSaid, countsSaid, placesSaid } from '../recap.ts';
import { inPlural, inSingular, localize, type Region, regionsIn, settle, UNKNOWN, withArticles } from '../regions.ts';
import { best, sideOf, Unmade } from '../rules.ts';
import { centre } from '../scene.ts';
import { pluralOf, withArticle } from '../words/kinds.ts';
import type { Side } from '../words/single.ts';
import type { Found, PlanOf } from './plan.ts';

const SEVERAL = new Unmade('more than one thing has the name of one');

/** Regions of some labels in an image. */
export async function regionsOf(
  look: Look,
  thought: string,
  image: string,
  labels: readonly string[],
): Promise<Region[]> {
  const { result } = await look.one(thought, localize(image, labels));
  return regionsIn(result, image, labels);
}

export const countOf = (there: readonly Region[], label: string): number =>
  there.filter((region) => region.label === label).length;

/** The one region of a label, undefined where there is none. @throws Unmade where there are several */
export function theOne(there: readonly Region[], label: string): Region | undefined {
  const mine = there.filter((region) => region.label === label);
  if (mine.length > 1) throw SEVERAL;
  return mine[0];
}

export async function count(look: Look, { image, label, beside }: PlanOf<'count'>): Promise<Found> {
  const labels = look.rng.shuffle([label, ...beside]);
  const regions = await regionsOf(
    look,
    look.say('findCount', { image, what: `the ${pluralOf(label)}` }),
    image,
    labels,
  );
  const { answer, there, doubt } = await settle(look, regions, (some) => String(countOf(some, label)));
  return { answer, seen: doubt ?? countsSaid(look.rng, image, labels, there) };
}

export async function exists(look: Look, { image, label, beside }: PlanOf<'exists'>): Promise<Found> {
  const labels = look.rng.shuffle([label, ...beside]);
  const regions = await regionsOf(look, look.say('findWhether', { image, what: withArticle(label) }), image, labels);
  const { answer, there, doubt } = await settle(look, regions, (some) => (countOf(some, label) > 0 ? 'yes' : 'no'));
  return { answer, seen: doubt ?? countsSaid(look.rng, image, labels, there) };
}

/** Which one of some labels is there at all. */
export async function present(look: Look, { image, labels }: PlanOf<'present'>): Promise<Found> {
  const regions = await regionsOf(
    look,
    look.say('findWhether', { image, what: withArticles(labels).replace(/ and (?=[^,]*$)/, ' or ') }),
    image,
    labels,
  );
  const { answer, there, doubt } = await settle(look, regions, (some) => {
    const seen = labels.filter((label) => countOf(some, label) > 0);
    return seen.length === 1 ? seen[0]! : UNKNOWN;
  });
  return { answer, seen: doubt ?? countsSaid(look.rng, image, labels, there) };
}

export async function frequent(look: Look, { image, labels, most }: PlanOf<'frequent'>): Promise<Found> {
  const regions = await regionsOf(look, look.say('findKinds', { image, what: inPlural(labels) }), image, labels);
  const { answer, there, doubt } = await settle(look, regions, (some) => {
    const counts = labels.map((label) => countOf(some, label) * (most ? 1 : -1));
    const top = Math.max(...counts);
    return counts.filter((one) => one === top).length === 1 ? labels[counts.indexOf(top)]! : UNKNOWN;
  });
  return { answer, seen: doubt ?? countsSaid(look.rng, image, labels, there) };
}

const AXIS: Readonly<Record<Side, { axis: 0 | 1; sign: 1 | -1 }>> = {
  left: { axis: 0, sign: -1 },
  right: { axis: 0, sign: 1 },
  above: { axis: 1, sign: -1 },
  below: { axis: 1, sign: 1 },
};

export async function extreme(look: Look, { image, labels, side }: PlanOf<'extreme'>): Promise<Found> {
  const { axis, sign } = AXIS[side];
  const regions = await regionsOf(look, look.say('findPlaces', { image, what: inSingular(labels) }), image, labels);
  const { answer, there, doubt } = await settle(look, regions, (some) => {
    const at = best(
      some.map(({ bbox }) => centre(bbox)[axis]),
      sign,
      some.map(({ label }) => label),
    );
    return at === undefined ? UNKNOWN : some[at]!.label;
  });
  const seen = there.length > 0 ? placesSaid(look.rng, image, there, axis) : absentSaid(look.rng, image, labels);
  return { answer, seen: doubt ?? seen };
}

/** Of the one thing as seen from the other. */
export const sideBetween = (there: readonly Region[], label: string, anchor: string): Side | undefined => {
  const [a, b] = [theOne(there, label), theOne(there, anchor)];
  return a && b && sideOf(a.bbox, b.bbox);
};

const missingSaid = (look: Look, image: string, labels: readonly string[], there: readonly Region[]): string => {
  const missing = labels.filter((label) => countOf(there, label) === 0);
  return missing.length > 0 ? absentSaid(look.rng, image, missing) : placesSaid(look.rng, image, there, 'both');
};

export async function relation(look: Look, { image, label, anchor }: PlanOf<'relation'>): Promise<Found> {
  const labels = look.rng.shuffle([label, anchor]);
  const regions = await regionsOf(look, look.say('findPlaces', { image, what: inSingular(labels) }), image, labels);
  const { answer, there, doubt } = await settle(look, regions, (some) => sideBetween(some, label, anchor) ?? UNKNOWN);
  return { answer, seen: doubt ?? missingSaid(look, image, [label, anchor], there) };
}

export async function head(look: Look, { image, labels, anchor, side }: PlanOf<'head'>): Promise<Found> {
  const asked = look.rng.shuffle([...labels, anchor]);
  const regions = await regionsOf(look, look.say('findPlaces', { image, what: inSingular(asked) }), image, asked);
  const { answer, there, doubt } = await settle(look, regions, (some) => {
    const fits = labels.filter((label) => sideBetween(some, label, anchor) === side);
    return fits.length === 1 ? fits[0]! : UNKNOWN;
  });
  const seen =
    countOf(there, anchor) === 0 ? absentSaid(look.rng, image, [anchor]) : placesSaid(look.rng, image, there, 'both');
  return { answer, seen: doubt ?? seen };
}
