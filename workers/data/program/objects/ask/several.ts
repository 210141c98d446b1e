/** Questions about two to four images. */
import { UNKNOWN } from '../regions.ts';
import { listed } from '../words/kinds.ts';
import { withColour } from '../words/phrases.ts';
import { SIDES } from '../words/single.ts';
import { anywhere, clear, counts, levelled, pairs } from './across.ts';
import { type Asker, type Asking, absent, imageName, nouns, numbersAround, small } from './asked.ts';
import { COLOURED_NUMBERS, coloursIn, palette } from './colours.ts';
import { compareAttribute, compareCount, compareRelation } from './compare.ts';
import { ALL_SIDES } from './relations.ts';

const names = ({ scene }: Asking): string[] => scene.pictures.map((_, i) => imageName(i));
const all = (asked: Asking) => {
  const images = names(asked);
  return { images, slots: { images: listed(images, 'and'), choose: listed(images) } };
};

const selectObject: Asker = (asked) => {
  const { rng, twin } = asked;
  const { images, slots } = all(asked);
  const having = (fits: (some: number) => boolean): string[] =>
    anywhere(asked).filter((label) => clear(asked, label) && fits(counts(asked, label).filter((n) => n > 0).length));
  // With more images the third would be looked at for nothing once two have it.
  const both = images.length === 2 && rng.chance(0.5);
  const labels = twin ? (both ? having((some) => some === 2) : absent(asked)) : having((some) => some === 1);
  if (labels.length === 0) return undefined;
  const label = rng.pick(labels);
  return {
    wording: 'which',
    slots: { ...slots, ...nouns(label) },
    plan: { kind: 'which-has', images, label },
    options: images,
    truth: twin ? UNKNOWN : images[counts(asked, label).findIndex((n) => n > 0)]!,
  };
};

/** Pictures that have the thing in the colour. */
const withIt = (asked: Asking, label: string, colour: string): number[] =>
  asked.scene.pictures.flatMap((_, i) => (coloursIn(asked, i, label)?.includes(colour) ? [i] : []));

const selectAttributed: Asker = (asked) => {
  const { rng, twin, scene } = asked;
  const { images, slots } = all(asked);
  const found: { label: string; colour: string; at: number }[] = [];
  for (const label of anywhere(asked)) {
    if (!clear(asked, label) || scene.pictures.some((_, i) => !coloursIn(asked, i, label))) continue;
    for (const colour of new Set(scene.pictures.flatMap((_, i) => coloursIn(asked, i, label) ?? []))) {
      const some = withIt(asked, label, colour);
      if (twin ? some.length > 1 : some.length === 1) found.push({ label, colour, at: some[0]! });
    }
  }
  if (found.length === 0) return undefined;
  const { label, colour, at } = rng.pick(found);
  return {
    wording: 'which',
    slots: { ...slots, ...nouns(label), colour, a_colour_thing: withColour(colour, label) },
    plan: { kind: 'which-has-colour', images, label, colour },
    options: images,
    truth: twin ? UNKNOWN : images[at]!,
  };
};

const selectRelation: Asker = (asked) => {
  const { rng, twin } = asked;
  const { images, slots } = all(asked);
  const wanted = rng.shuffle(ALL_SIDES);
  for (const { label, anchor, sides } of pairs(
    asked,
    images.map((_, i) => i),
  ))
    for (const side of wanted) {
      const fits = sides.filter((one) => one === side).length;
      if (twin ? fits !== 0 && !(fits === 2 && images.length === 2) : fits !== 1) continue;
      return {
        wording: 'which',
        slots: { ...slots, ...nouns(label), anchor, side: rng.pick(SIDES[side]) },
        plan: { kind: 'which-side', images, label, anchor, side },
        options: images,
        truth: twin ? UNKNOWN : images[sides.indexOf(side)]!,
      };
    }
  return undefined;
};

const selectMany =
  (most: boolean): Asker =>
  (asked) => {
    const { rng, twin } = asked;
    const { images, slots } = all(asked);
    const labels = rng.shuffle(anywhere(asked).filter((one) => clear(asked, one)));
    for (const label of labels) {
      const numbers = counts(asked, label);
      const top = most ? Math.max(...numbers) : Math.min(...numbers);
      const first = numbers.filter((n) => n === top).length;
      if (Math.max(...numbers) < 2 || Math.max(...numbers) > 8 || twin !== first > 1) continue;
      return {
        wording: 'which',
        slots: { ...slots, ...nouns(label) },
        plan: { kind: 'which-many', images, label, most },
        options: images,
        truth: twin ? UNKNOWN : images[numbers.indexOf(top)]!,
      };
    }
    return undefined;
  };

const aggregateCount: Asker = (asked) => {
  const { rng, twin, mayDoubt } = asked;
  if (twin && !mayDoubt) return undefined;
  const { images, slots } = all(asked);
  const one = levelled(
    asked,
    anywhere(asked).flatMap((label) => {
      const n = counts(asked, label).reduce((a, b) => a + b, 0);
      return clear(asked, label) && n >= 1 ? [{ label, n }] : [];
    }),
    rng.int(1, 9),
  );
  if (!one) return undefined;
  const truth = String(one.n);
  return {
    wording: 'count',
    slots: { ...slots, ...nouns(one.label) },
    plan: { kind: 'total', images, label: one.label },
    options: numbersAround(rng, one.n),
    ...(twin
      ? { truth: UNKNOWN, sceneTruth: truth, doubt: { picture: rng.int(0, images.length - 1), label: one.label } }
      : { truth }),
  };
};

const aggregateAttributed: Asker = (asked) => {
  const { rng, twin, mayDoubt, scene } = asked;
  if (twin && !mayDoubt) return undefined;
  const { images, slots } = all(asked);
  const one = levelled(
    asked,
    anywhere(asked).flatMap((label) => {
      const each = scene.pictures.map((_, i) => coloursIn(asked, i, label));
      if (!clear(asked, label) || each.includes(undefined)) return [];
      const own = each.flat() as string[];
      if (own.length > 7) return [];
      const other = rng.pick(scene.colours);
      return [...new Set([...own, other])].map((colour) => ({
        label,
        colour,
        own,
        n: own.filter((mine) => mine === colour).length,
      }));
    }),
    rng.weighted(COLOURED_NUMBERS),
  );
  if (!one) return undefined;
  const { label, colour, own, n } = one;
  return {
    wording: 'count',
    slots: { ...slots, ...nouns(label), colour },
    plan: { kind: 'colour-count', images, label, colour, colours: palette(asked, [...new Set([...own, colour])], 5) },
    options: numbersAround(rng, n, small),
    ...(twin
      ? { truth: UNKNOWN, sceneTruth: String(n), doubt: { picture: rng.int(0, images.length - 1), label } }
      : { truth: String(n) }),
  };
};

export const SEVERAL_ASKERS = {
  'select-object': selectObject,
  'select-attributed': selectAttributed,
  'select-relation': selectRelation,
  'select-most': selectMany(true),
  'select-least': selectMany(false),
  'aggregate-count': aggregateCount,
  'aggregate-attributed': aggregateAttributed,
  'compare-attribute': compareAttribute,
  'compare-relation': compareRelation,
  'compare-count': compareCount,
} satisfies Readonly<Record<string, Asker>>;
