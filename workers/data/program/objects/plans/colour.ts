/** Plans that tell colours and relations by comparing a cut-out with texts. Rule 6. */
import type { JsonObject } from '../../../../../shared/contract.ts';
import type { Look } from '../look.ts';
import { absentSaid, amount, closeSaid, countsSaid, matchSaid } from '../recap.ts';
import { inSingular, type Region, settle, UNKNOWN } from '../regions.ts';
import { order, Unmade } from '../rules.ts';
import type { Box } from '../scene.ts';
import { listed, pluralOf } from '../words/kinds.ts';
import { relationPhrase, withColour } from '../words/phrases.ts';
import { countOf, regionsOf, theOne } from './one-look.ts';
import type { Found, PlanOf } from './plan.ts';

/** Cut-outs that a chain makes at most. */
const MOST_CUTS = 8;
const UNCLEAR = new Unmade('the colour of one of several things cannot be told');
const TOO_MANY = new Unmade('more things than a chain should look at one by one');

interface Match {
  /** Index in the texts; undefined where the first two cannot be told apart. */
  readonly at: number | undefined;
  readonly seen: string;
}

export function bestOf(look: Look, { similarity }: JsonObject, names: readonly string[], image: string): Match {
  const values = similarity as unknown as number[];
  const ranked = values.map((value, i) => [value, i] as const).sort(([a], [b]) => b - a);
  const [[first, at], second] = [ranked[0]!, ranked[1]];
  if (second && order(first, second[0]) === 0) return { at: undefined, seen: closeSaid(look.rng, image) };
  return { at, seen: matchSaid(look.rng, names[at]!, first, second?.[0]) };
}

const cut = (look: Look, image: string, bbox: Box) =>
  look.rng.chance(0.65)
    ? { name: 'Crop', arguments: { image, bbox: [...bbox] } }
    : { name: 'ZoomIn', arguments: { image, bbox: [...bbox], zoom_factor: look.rng.pick([2, 3]) } };

/** @returns the name of the cut-out */
async function cutOut(look: Look, seen: string, image: string, bbox: Box, what: string): Promise<string> {
  const { result } = await look.one(look.say('cut', { seen, image, what }), cut(look, image, bbox));
  return String(result.image);
}

const compare = (image: string, texts: readonly string[]) => ({
  name: 'GetImageToTextsSimilarity',
  arguments: { image, texts: [...texts] },
});

const textsFor = (look: Look, label: string, colours: readonly string[]) => {
  const tried = look.rng.shuffle(colours);
  return { tried, texts: tried.map((colour) => withColour(colour, label)) };
};

/** The colours of some regions of one label, in their order; undefined for one that cannot be told. */
export async function coloursOf(
  look: Look,
  regions: readonly Region[],
  label: string,
  colours: readonly string[],
  seen: string,
): Promise<{ readonly colours: readonly (string | undefined)[]; readonly seen: string }> {
  if (regions.length > MOST_CUTS) throw TOO_MANY;
  const { tried, texts } = textsFor(look, label, colours);
  const told: (string | undefined)[] = [];
  let said = seen;
  const note = (match: Match): void => {
    told.push(match.at === undefined ? undefined : tried[match.at]!);
    said = match.seen;
  };
  if (regions.length > 1 && look.rng.chance(0.6)) {
    // All at once: first the cut-outs, but of those that a second look enlarged, then the comparisons.
    const uncut = regions.filter(({ enlarged }) => enlarged === undefined);
    const made = regions.map(({ enlarged }) => enlarged ?? '');
    if (uncut.length > 0) {
      const names = listed([...new Set(uncut.map(({ image }) => image))], 'and');
      const what = uncut.length === 1 ? `the ${uncut[0]!.name}` : `the ${uncut.length} ${pluralOf(label)}`;
      const cuts = await look.act(
        look.say('cut', { seen, image: names, what }),
        uncut.map(({ image, bbox }) => cut(look, image, bbox)),
      );
      uncut.forEach((one, i) => {
        made[regions.indexOf(one)] = String((cuts[i] as { result: JsonObject }).result.image);
      });
    }
    const shown = await look.act(
      look.say('compareTexts', { image: listed(made, 'and') }),
      made.map((image) => compare(image, texts)),
    );
    for (const [i, one] of shown.entries()) note(bestOf(look, (one as { result: JsonObject }).result, texts, made[i]!));
    const fitting = listed(
      told.map((colour, i) => `${made[i]} is ${colour ?? 'of no clear colour'}`),
      'and',
    );
    return {
      colours: told,
      seen: look.rng.pick([
        `By the best matches, ${fitting}.`,
        `Going by similarity, ${fitting}.`,
        `The comparisons say that ${fitting}.`,
      ]),
    };
  }
  for (const { name, image, bbox, enlarged } of regions) {
    const alone = enlarged ?? (await cutOut(look, said, image, bbox, `the ${name}`));
    note(
      bestOf(
        look,
        (await look.one(look.say('compareTexts', { image: alone }), compare(alone, texts))).result,
        texts,
        alone,
      ),
    );
  }
  return { colours: told, seen: said };
}

export async function colour(look: Look, { image, label, colours }: PlanOf<'colour'>): Promise<Found> {
  const regions = await regionsOf(look, look.say('findForColour', { image, what: `the ${label}` }), image, [label]);
  const { answer, there, doubt } = await settle(look, regions, (some) => String(countOf(some, label)));
  if (answer === UNKNOWN) return { answer, seen: doubt ?? '' };
  const one = theOne(there, label);
  if (!one) return { answer: UNKNOWN, seen: absentSaid(look.rng, image, [label]) };
  const told = await coloursOf(look, [one], label, colours, countsSaid(look.rng, image, [label], there));
  return { answer: told.colours[0] ?? UNKNOWN, seen: told.seen };
}

/** How many of a label have the colour, over one or several images. */
export async function colourCount(look: Look, plan: PlanOf<'colour-count'>): Promise<Found> {
  const { images, label, colours, colour } = plan;
  const regions: Region[] = [];
  for (const [i, image] of images.entries()) {
    const step = i === 0 ? 'findCount' : 'findNext';
    regions.push(...(await regionsOf(look, look.say(step, { image, what: `the ${pluralOf(label)}` }), image, [label])));
  }
  const { answer, there, doubt } = await settle(look, regions, (some) =>
    some
      .map(({ image, name }) => `${image} ${name}`)
      .sort()
      .join(),
  );
  if (answer === UNKNOWN) return { answer, seen: doubt ?? '' };
  const counted = images
    .map((image) =>
      countsSaid(
        look.rng,
        image,
        [label],
        there.filter((one) => one.image === image),
      ),
    )
    .join(' ');
  if (there.length === 0) return { answer: '0', seen: counted };
  const told = await coloursOf(look, there, label, colours, counted);
  const fits = there.filter((_, i) => told.colours[i] === colour);
  // One of no clear colour: the number hangs on it.
  if (told.colours.includes(undefined)) throw UNCLEAR;
  const each = images.map((image) => fits.filter((one) => one.image === image).length);
  const sum = each.reduce((a, b) => a + b, 0);
  const said = images.map((image, i) => `${amount(look.rng, `${colour} ${label}`, each[i]!)} in ${image}`);
  const seen = `${told.seen} That is ${listed(said, 'and')}.`;
  if (images.length === 1 || look.rng.chance(0.3)) return { answer: String(sum), seen };
  return { answer: await added(look, each, seen), seen: `The sum is ${sum}.` };
}

/** The sum of some numbers, by Calculate. */
export async function added(look: Look, numbers: readonly number[], seen: string): Promise<string> {
  const { result } = await look.one(look.say('add', { seen }), {
    name: 'Calculate',
    arguments: { expression: numbers.join(' + ') },
  });
  return String(result.result);
}

export async function predicate(look: Look, plan: PlanOf<'predicate'>): Promise<Found> {
  const { image, label, anchor, predicates } = plan;
  const labels = [label, anchor];
  const regions = await regionsOf(look, look.say('findPlaces', { image, what: inSingular(labels) }), image, labels);
  const { answer, there, doubt } = await settle(look, regions, (some) =>
    labels.map((one) => countOf(some, one)).join(),
  );
  if (answer === UNKNOWN) return { answer, seen: doubt ?? '' };
  const [a, b] = [theOne(there, label), theOne(there, anchor)];
  if (!a || !b)
    return {
      answer: UNKNOWN,
      seen: absentSaid(
        look.rng,
        image,
        labels.filter((one) => countOf(there, one) === 0),
      ),
    };
  const both = [0, 1, 2, 3].map((i) => (i < 2 ? Math.min : Math.max)(a.bbox[i]!, b.bbox[i]!)) as unknown as Box;
  // The one may be all around the other, and have been enlarged.
  const whole = there.find(({ bbox, enlarged }) => enlarged !== undefined && bbox.every((at, i) => at === both[i]));
  const counted = countsSaid(look.rng, image, labels, there);
  const alone = whole?.enlarged ?? (await cutOut(look, counted, image, both, inSingular(labels)));
  const tried = look.rng.shuffle(predicates);
  const texts = tried.map((word) => relationPhrase(label, word, anchor));
  const match = bestOf(
    look,
    (await look.one(look.say('compareTexts', { image: alone }), compare(alone, texts))).result,
    texts,
    alone,
  );
  return { answer: match.at === undefined ? UNKNOWN : tried[match.at]!, seen: match.seen };
}
