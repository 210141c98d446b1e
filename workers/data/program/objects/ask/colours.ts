/** Questions about colours in one image. */
import { UNKNOWN } from '../regions.ts';
import { listed } from '../words/kinds.ts';
import { levelled } from './across.ts';
import {
  type Asker,
  type Asking,
  absent,
  countIn,
  imageName,
  labelsWith,
  nouns,
  numbersAround,
  objectOf,
  singles,
  small,
} from './asked.ts';

const image = imageName(0);

/** Colours that something is compared with: its own and others, those of the same picture first. */
export function palette({ rng, scene }: Asking, own: readonly string[], size: number): string[] {
  const seen = scene.pictures.flatMap(({ objects }) => objects.flatMap(({ colour }) => (colour ? [colour] : [])));
  const others = [...new Set([...rng.shuffle(seen), ...rng.shuffle(scene.colours)])].filter(
    (one) => !own.includes(one),
  );
  return rng.shuffle([...own, ...others.slice(0, Math.max(0, size - own.length))]);
}

export const attribute: Asker = (asked) => {
  const { rng, multiple, twin } = asked;
  const labels = twin ? absent(asked) : singles(asked).filter((label) => objectOf(asked, 0, label)?.colour);
  if (labels.length === 0) return undefined;
  const label = rng.pick(labels);
  const truth = objectOf(asked, 0, label)?.colour;
  const inList = !multiple && rng.chance(0.4);
  const colours = palette(asked, truth ? [truth] : [], multiple || inList ? 4 : 6);
  return {
    wording: inList ? 'listed' : 'free',
    slots: { ...nouns(label), colours: listed(colours) },
    plan: { kind: 'colour', image, label, colours },
    options: colours,
    truth: twin ? UNKNOWN : truth!,
  };
};

/** Each number is asked for about as often: large ones come about seldom, so they are wanted more. */
export const COLOURED_NUMBERS = [
  [0, 2],
  [1, 3],
  [2, 4],
  [3, 8],
  [4, 14],
] as const;

export const attributedCount: Asker = (asked) => {
  const { rng, twin, mayDoubt, scene } = asked;
  if (twin && !mayDoubt) return undefined;
  const known = labelsWith(asked, 0, (n) => n >= 1 && n <= 6).filter((label) => coloursIn(asked, 0, label));
  const many = known.filter((label) => countIn(asked, 0, label) > 1);
  const labels = many.length > 0 && rng.chance(0.9) ? many : known;
  const one = levelled(
    asked,
    labels.flatMap((label) => {
      const own = coloursIn(asked, 0, label)!;
      const other = rng.sample(
        scene.colours.filter((colour) => !own.includes(colour)),
        1,
      );
      return [...new Set([...own, ...other])].map((colour) => ({
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
    slots: { ...nouns(label), colour },
    plan: {
      kind: 'colour-count',
      images: [image],
      label,
      colour,
      colours: palette(asked, [...new Set([...own, colour])], 5),
    },
    options: numbersAround(rng, n, small),
    ...(twin ? { truth: UNKNOWN, sceneTruth: String(n), doubt: { picture: 0, label } } : { truth: String(n) }),
  };
};

/** Colours of all things of a label; undefined where one is not known. */
export function coloursIn({ scene, labels }: Asking, picture: number, label: string): string[] | undefined {
  const objects = (labels[picture]?.get(label) ?? []).map((i) => scene.pictures[picture]!.objects[i]!);
  return objects.every(({ colour }) => colour !== undefined) ? objects.map(({ colour }) => colour!) : undefined;
}
