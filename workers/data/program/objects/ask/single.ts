/** Questions about one image. */
import { UNKNOWN } from '../regions.ts';
import { centre } from '../scene.ts';
import type { Side } from '../words/single.ts';
import {
  type Asker,
  absent,
  countIn,
  imageName,
  labelsWith,
  nouns,
  numbersAround,
  objectOf,
  pluralList,
  singles,
  theList,
} from './asked.ts';
import { attribute, attributedCount } from './colours.ts';
import { relation, relationHead } from './relations.ts';

const image = imageName(0);

/** A count from 0 to 8, each about as often: the scene's largest kind has any number from 2 to 8. */
const count: Asker = (asked) => {
  const { rng, twin, mayDoubt } = asked;
  if (twin && !mayDoubt) return undefined;
  const n = rng.int(0, 8);
  const labels = n === 0 ? absent(asked) : labelsWith(asked, 0, n === 1 ? (m) => m === 1 : (m) => m > 1 && m <= 8);
  if (labels.length === 0) return undefined;
  const most = Math.max(...labels.map((one) => countIn(asked, 0, one)));
  const label = n > 1 && rng.chance(0.75) ? labels.find((one) => countIn(asked, 0, one) === most)! : rng.pick(labels);
  const truth = countIn(asked, 0, label);
  const beside = rng.sample(
    labelsWith(asked, 0, (m) => m > 0).filter((one) => one !== label),
    rng.weighted([
      [0, 5],
      [1, 3],
      [2, 2],
    ] as const),
  );
  return {
    wording: 'count',
    slots: nouns(label),
    plan: { kind: 'count', image, label, beside },
    options: numbersAround(rng, truth),
    ...(twin ? { truth: UNKNOWN, sceneTruth: String(truth), doubt: { picture: 0, label } } : { truth: String(truth) }),
  };
};

const exists: Asker = (asked) => {
  const { rng, multiple, twin, mayDoubt } = asked;
  const there = labelsWith(asked, 0, (n) => n > 0);
  if (multiple) {
    const none = rng.sample(absent(asked), twin ? 4 : 3);
    if (there.length === 0 || none.length < (twin ? 4 : 3)) return undefined;
    const one = rng.pick(there);
    const labels = rng.shuffle(twin ? none : [one, ...none]);
    return {
      wording: 'which',
      slots: {},
      plan: { kind: 'present', image, labels },
      options: labels,
      truth: twin ? UNKNOWN : one,
    };
  }
  if (twin && !mayDoubt) return undefined;
  const yes = rng.chance(0.5);
  const labels = yes ? labelsWith(asked, 0, (n) => (twin ? n === 1 : n > 0)) : absent(asked);
  if (labels.length === 0) return undefined;
  const label = rng.pick(labels);
  const truth = yes ? 'yes' : 'no';
  const beside = rng.sample(
    there.filter((other) => other !== label),
    rng.weighted([
      [0, 5],
      [1, 3],
    ] as const),
  );
  return {
    wording: 'yesNo',
    slots: nouns(label),
    plan: { kind: 'exists', image, label, beside },
    options: ['yes', 'no'],
    ...(twin ? { truth: UNKNOWN, sceneTruth: truth, doubt: { picture: 0, label } } : { truth }),
  };
};

const frequent =
  (most: boolean): Asker =>
  (asked) => {
    const { rng, multiple, twin } = asked;
    const there = rng.shuffle(labelsWith(asked, 0, (n) => n > 0));
    const labels = there.slice(0, multiple ? 4 : rng.int(2, 4));
    const counts = labels.map((label) => countIn(asked, 0, label));
    const top = most ? Math.max(...counts) : Math.min(...counts);
    const tied = counts.filter((one) => one === top).length > 1;
    if (labels.length < (multiple ? 3 : 2) || tied !== twin) return undefined;
    return {
      wording: multiple ? 'open' : 'listed',
      slots: { plurals: pluralList(labels) },
      plan: { kind: 'frequent', image, labels, most },
      options: labels,
      truth: twin ? UNKNOWN : labels[counts.indexOf(top)]!,
    };
  };

/** As `frequent`, over several choices of candidates: ties are rare, or the rule. */
const tried =
  (asker: Asker, times: number): Asker =>
  (asked) => {
    for (let i = 0; i < times; i++) {
      const ask = asker(asked);
      if (ask) return ask;
    }
    return undefined;
  };

const TURNED: Readonly<Record<Side, { axis: 0 | 1; sign: 1 | -1 }>> = {
  left: { axis: 0, sign: -1 },
  right: { axis: 0, sign: 1 },
  above: { axis: 1, sign: -1 },
  below: { axis: 1, sign: 1 },
};

const extreme =
  (side: Side): Asker =>
  (asked) => {
    const { rng, multiple, twin, mayDoubt } = asked;
    const gone = twin && (!mayDoubt || rng.chance(0.5));
    const labels = rng.sample(gone ? absent(asked) : singles(asked), multiple ? 4 : rng.int(2, 4));
    if (labels.length < (multiple ? 3 : 2)) return undefined;
    const common = {
      wording: multiple ? 'open' : 'listed',
      slots: { list: theList(labels) },
      plan: { kind: 'extreme', image, labels, side },
      options: labels,
    } as const;
    if (gone) return { ...common, truth: UNKNOWN };
    const { axis, sign } = TURNED[side];
    const places = labels.map((label) => centre(objectOf(asked, 0, label)!.box)[axis]);
    const at = places.reduce((first, place, i) => ((place - places[first]!) * sign > 0 ? i : first), 0);
    // Plain to see: a box that is a little off must not change it.
    if (places.some((place, i) => i !== at && Math.abs(place - places[at]!) < 0.04)) return undefined;
    const truth = labels[at]!;
    return twin
      ? { ...common, truth: UNKNOWN, sceneTruth: truth, doubt: { picture: 0, label: truth } }
      : { ...common, truth };
  };

/** Nearest or farthest; with an anchor, by the difference to its depth. */
const depth =
  (near: boolean, anchored: boolean): Asker =>
  (asked) => {
    const { rng, multiple, twin } = asked;
    const known = singles(asked).filter((label) => objectOf(asked, 0, label)?.depth !== undefined);
    const size =
      (multiple
        ? 4
        : rng.weighted([
            [2, 3],
            [3, 1],
          ] as const)) + (anchored ? 1 : 0);
    const chosen = rng.sample(known, size);
    let [labels, anchor] = anchored ? [chosen.slice(1), chosen[0]] : [chosen, undefined];
    if (labels.length < (multiple ? 3 : 2) || (anchored && anchor === undefined)) return undefined;
    const missing = twin && rng.chance(0.5);
    if (missing) {
      const none = rng.sample(absent(asked), anchored ? 1 : labels.length);
      if (none.length < (anchored ? 1 : labels.length)) return undefined;
      if (anchored) anchor = none[0];
      else labels = none;
    }
    const from = anchor === undefined || missing ? 0 : objectOf(asked, 0, anchor)!.depth!;
    const values = missing ? [] : labels.map((label) => Math.abs(objectOf(asked, 0, label)!.depth! - from));
    const ranked = values.toSorted((a, b) => (near ? a - b : b - a));
    const apart = missing ? 0 : Math.abs(ranked[0]! - ranked[1]!);
    // Tied: too close for any rule. Else far enough apart for a measurement that is a little off.
    if (missing ? false : twin ? apart > 0.009 : apart < 0.03) return undefined;
    return {
      wording: multiple ? 'open' : !anchored && labels.length === 2 ? 'pair' : 'listed',
      slots: { list: theList(labels), ...(anchor === undefined ? {} : { anchor }) },
      plan: { kind: 'depth', image, labels, near, ...(anchor === undefined ? {} : { anchor }) },
      options: labels,
      truth: twin ? UNKNOWN : labels[values.indexOf(ranked[0]!)]!,
    };
  };

export const SINGLE_ASKERS = {
  count,
  exists,
  most: tried(frequent(true), 6),
  least: tried(frequent(false), 10),
  leftmost: tried(extreme('left'), 3),
  rightmost: tried(extreme('right'), 3),
  topmost: tried(extreme('above'), 3),
  bottommost: tried(extreme('below'), 3),
  closer: tried(depth(true, false), 6),
  farther: tried(depth(false, false), 6),
  'closer-to-anchor': tried(depth(true, true), 8),
  'farther-to-anchor': tried(depth(false, true), 8),
  attribute,
  'attributed-count': tried(attributedCount, 3),
  relation: tried(relation, 3),
  'relation-head': tried(relationHead, 3),
} satisfies Readonly<Record<string, Asker>>;
