/** Questions about colours in one image. */
import { UNKNOWN } from '../regions.ts';
import { listed } from '../words/kinds.ts';
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

export const attributedCount: Asker = (asked) => {
  const { rng, twin, mayDoubt, scene } = asked;
  if (twin && !mayDoubt) return undefined;
  const known = labelsWith(asked, 0, (n) => n >= 1 && n <= 6).filter((label) => coloursIn(asked, 0, label));
  const many = known.filter((label) => countIn(asked, 0, label) > 1);
  const label = rng.pick(many.length > 0 && rng.chance(0.9) ? many : [...known, '']);
  if (!label) return undefined;
  const own = coloursIn(asked, 0, label)!;
  const counts = [
    ...new Set([
      ...own,
      ...rng.sample(
        scene.colours.filter((one) => !own.includes(one)),
        1,
      ),
    ]),
  ].map((one) => [one, own.filter((other) => other === one).length] as const);
  // Each number is asked for as often; larger ones are the rarer.
  const n = rng.weighted([
    [0, 1],
    [1, 2],
    [2, 3],
    [3, 4],
    [4, 4],
  ] as const);
  const fit = counts.filter(([, count]) => count === n);
  if (fit.length === 0) return undefined;
  const colour = rng.pick(fit)[0];
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
    options: numbersAround(rng, n),
    ...(twin ? { truth: UNKNOWN, sceneTruth: String(n), doubt: { picture: 0, label } } : { truth: String(n) }),
  };
};

/** Colours of all things of a label; undefined where one is not known. */
export function coloursIn({ scene, labels }: Asking, picture: number, label: string): string[] | undefined {
  const objects = (labels[picture]?.get(label) ?? []).map((i) => scene.pictures[picture]!.objects[i]!);
  return objects.every(({ colour }) => colour !== undefined) ? objects.map(({ colour }) => colour!) : undefined;
}
