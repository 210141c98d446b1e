/** Questions that compare two of several images. */
import { UNKNOWN } from '../regions.ts';
import { SIDES } from '../words/single.ts';
import { anywhere, clear, levelled, pairs, shared } from './across.ts';
import { type Asker, type Asking, countIn, imageName, nouns, numbersAround, objectOf } from './asked.ts';
import { palette } from './colours.ts';
import { ALL_SIDES } from './relations.ts';

/** Two of the images, with the slots that name them. */
function twoOf(asked: Asking, turned = false) {
  const two = asked.rng.sample(
    asked.scene.pictures.map((_, i) => i),
    2,
  );
  const pictures = two.sort((a, b) => (turned ? b - a : a - b)) as [number, number];
  const images = pictures.map(imageName) as [string, string];
  return { pictures, images, slots: { first: images[0], second: images[1] } };
}

export const compareAttribute: Asker = (asked) => {
  const { rng, twin, multiple } = asked;
  const { pictures, images, slots } = twoOf(asked);
  if (twin) {
    const labels = anywhere(asked).filter(
      (one) =>
        clear(asked, one) &&
        pictures
          .map((i) => countIn(asked, i, one))
          .sort()
          .join() === '0,1',
    );
    if (labels.length === 0) return undefined;
    const label = rng.pick(labels);
    const colours = palette(asked, [], 5);
    const pairsOf = colours.slice(0, 4).map((colour, i) => `${colour} and ${colours[(i + 1) % 4]}`);
    return {
      wording: multiple ? 'which' : 'yesNo',
      slots: { ...slots, ...nouns(label) },
      plan: { kind: 'same-colour', images, label, colours, named: multiple },
      options: multiple ? pairsOf : ['yes', 'no'],
      truth: UNKNOWN,
    };
  }
  const known = shared(asked, pictures).flatMap((label) => {
    const [a, b] = pictures.map((i) => objectOf(asked, i, label)!.colour);
    return a && b ? [{ label, a, b }] : [];
  });
  const same = rng.chance(0.5);
  const fit = multiple ? known : known.filter(({ a, b }) => (a === b) === same);
  if (fit.length === 0) return undefined;
  const { label, a, b } = rng.pick(fit);
  const colours = palette(asked, [...new Set([a, b])], 5);
  const others = colours.filter((one) => one !== a && one !== b);
  const options = [
    `${a} and ${b}`,
    a === b ? `${a} and ${others[0]}` : `${b} and ${a}`,
    `${a} and ${others[1]}`,
    `${others[0]} and ${b}`,
  ];
  if (a === b) options[2] = `${others[1]} and ${b}`;
  if (a === b) options[3] = `${others[0]} and ${others[1]}`;
  return {
    wording: multiple ? 'which' : 'yesNo',
    slots: { ...slots, ...nouns(label) },
    plan: { kind: 'same-colour', images, label, colours, named: multiple },
    options: multiple ? rng.shuffle(options) : ['yes', 'no'],
    truth: multiple ? options[0]! : a === b ? 'yes' : 'no',
  };
};

export const compareRelation: Asker = (asked) => {
  const { rng, twin, multiple } = asked;
  const { pictures, images, slots } = twoOf(asked);
  const options = rng.shuffle(['both', `only ${images[0]}`, `only ${images[1]}`, 'neither']);
  const wording = multiple ? 'open' : 'listed';
  if (twin) {
    const ones = shared(asked, pictures);
    const labels = anywhere(asked).filter(
      (one) =>
        clear(asked, one) &&
        pictures
          .map((i) => countIn(asked, i, one))
          .sort()
          .join() === '0,1',
    );
    if (ones.length === 0 || labels.length === 0) return undefined;
    const side = rng.pick(ALL_SIDES);
    const [label, anchor] = rng.shuffle([rng.pick(ones), rng.pick(labels)]) as [string, string];
    return {
      wording,
      slots: { ...slots, ...nouns(label), anchor, side: rng.pick(SIDES[side]) },
      plan: { kind: 'both-sides', images, label, anchor, side },
      options,
      truth: UNKNOWN,
    };
  }
  const wanted = rng.int(0, 3);
  for (const { label, anchor, sides } of pairs(asked, pictures)) {
    for (const side of rng.shuffle(ALL_SIDES)) {
      const fits = sides.map((one) => one === side);
      const outcome = fits[0] && fits[1] ? 0 : fits[0] ? 1 : fits[1] ? 2 : 3;
      if (outcome !== wanted) continue;
      return {
        wording,
        slots: { ...slots, ...nouns(label), anchor, side: rng.pick(SIDES[side]) },
        plan: { kind: 'both-sides', images, label, anchor, side },
        options,
        truth: ['both', `only ${images[0]}`, `only ${images[1]}`, 'neither'][outcome]!,
      };
    }
  }
  return undefined;
};

export const compareCount: Asker = (asked) => {
  const { rng, twin, mayDoubt } = asked;
  if (twin && !mayDoubt) return undefined;
  const by = rng.chance(0.6);
  const { pictures, images, slots } = twoOf(asked, by && rng.chance(0.5));
  const wanted = rng.int(0, 2);
  const some = anywhere(asked).flatMap((label) => {
    const [a, b] = pictures.map((i) => countIn(asked, i, label)) as [number, number];
    if (!clear(asked, label) || a > 8 || b > 8 || a + b === 0) return [];
    if (by) return a > b ? [{ label, n: a - b, more: a - b }] : [];
    const outcome = a === b ? 0 : a > b ? 1 : 2;
    // A doubt is only one of a thing: with more between them the answer is plain all the same.
    return !twin || Math.abs(a - b) <= 1 ? [{ label, n: outcome, more: a - b }] : [];
  });
  const one = by ? levelled(asked, some, rng.pick([1, 2, 2, 3, 3, 4, 4, 5, 5])) : levelled(asked, some, wanted);
  if (!one) return undefined;
  const { label, more } = one;
  const truth = by ? String(more) : more === 0 ? 'the same number' : more > 0 ? images[0] : images[1];
  return {
    wording: by ? 'more' : 'which',
    slots: { ...slots, ...nouns(label) },
    plan: { kind: 'more-in', images, label, by },
    options: by ? rng.shuffle(numbersAround(rng, more)) : rng.shuffle([images[0], images[1], 'the same number']),
    ...(twin ? { truth: UNKNOWN, sceneTruth: truth, doubt: { picture: rng.pick(pictures), label } } : { truth }),
  };
};
