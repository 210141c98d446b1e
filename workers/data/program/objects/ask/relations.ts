/** Questions about how two things lie or what they do to each other, in one image. */
import { UNKNOWN } from '../regions.ts';
import { plainSide } from '../rules.ts';
import { SIDES, type Side } from '../words/single.ts';
import {
  type Ask,
  type Asker,
  type Asking,
  absent,
  countIn,
  imageName,
  nouns,
  objectOf,
  singles,
  theList,
} from './asked.ts';

const image = imageName(0);

export const ALL_SIDES = Object.keys(SIDES) as Side[];

export const relation: Asker = (asked) => {
  const { rng, twin, scene } = asked;
  const { relations = [], objects } = scene.pictures[0]!;
  const told =
    twin || !asked.multiple
      ? []
      : relations.filter(
          ({ subject, object }) =>
            subject !== object && [subject, object].every((i) => countIn(asked, 0, objects[i]!.label) === 1),
        );
  if (told.length > 0 && rng.chance(0.5)) return predicate(asked, rng.pick(told));
  const ones = rng.shuffle(singles(asked));
  if (twin) {
    const [none] = rng.sample(absent(asked), 1);
    const [one] = ones;
    if (!none || !one) return undefined;
    return relationAsk(asked, ...(rng.shuffle([none, one]) as [string, string]), UNKNOWN);
  }
  // Each side as often: more things are beside each other than above.
  const side = rng.pick(ALL_SIDES);
  for (const label of ones)
    for (const anchor of ones)
      if (label !== anchor && plainSide(objectOf(asked, 0, label)!.box, objectOf(asked, 0, anchor)!.box) === side)
        return relationAsk(asked, label, anchor, side);
  return undefined;
};

const relationAsk = ({ rng, multiple }: Asking, label: string, anchor: string, truth: string): Ask => ({
  wording: multiple ? 'open' : 'listed',
  slots: { ...nouns(label), anchor },
  plan: { kind: 'relation', image, label, anchor },
  options: rng.shuffle(ALL_SIDES),
  truth,
});

/** A relation that the annotation names; options are relations of other things. */
function predicate(
  asked: Asking,
  { subject, object, predicate }: { subject: number; object: number; predicate: string },
): Ask | undefined {
  const { rng, scene } = asked;
  const { objects, relations = [] } = scene.pictures[0]!;
  const [label, anchor] = [objects[subject]!.label, objects[object]!.label];
  const same = relations.filter((one) => one.subject === subject && one.object === object);
  const others = [...new Set([...relations.map((one) => one.predicate), ...COMMON_RELATIONS])].filter((one) =>
    same.every((mine) => mine.predicate !== one),
  );
  if (label === anchor || same.length > 1 || others.length < 3) return undefined;
  const options = rng.shuffle([predicate, ...rng.sample(others, 3)]);
  return {
    wording: 'predicate',
    slots: { ...nouns(label), anchor },
    plan: { kind: 'predicate', image, label, anchor, predicates: options },
    options,
    truth: predicate,
  };
}
const COMMON_RELATIONS = ['holding', 'riding', 'wearing', 'under', 'carrying', 'looking at'];

export const relationHead: Asker = (asked) => {
  const { rng, multiple, twin } = asked;
  const ones = rng.shuffle(singles(asked));
  const side = rng.pick(ALL_SIDES);
  const want = multiple ? 4 : rng.int(2, 3);
  for (const anchor of ones) {
    const placed = ones.flatMap((label) => {
      const seen =
        label === anchor ? undefined : plainSide(objectOf(asked, 0, label)!.box, objectOf(asked, 0, anchor)!.box);
      return seen ? [{ label, seen }] : [];
    });
    const fits = placed.filter(({ seen }) => seen === side);
    const others = placed.filter(({ seen }) => seen !== side);
    const chosen = rng.sample(others, twin ? want : want - 1).map(({ label }) => label);
    if ((!twin && fits.length === 0) || chosen.length < (twin ? 2 : multiple ? 2 : 1)) continue;
    const truth = twin ? UNKNOWN : rng.pick(fits).label;
    const labels = rng.shuffle(twin ? chosen : [truth, ...chosen]);
    return {
      wording: multiple ? 'open' : 'listed',
      slots: { list: theList(labels), anchor, side: rng.pick(SIDES[side]) },
      plan: { kind: 'head', image, labels, anchor, side },
      options: labels,
      truth,
    };
  }
  return undefined;
};
