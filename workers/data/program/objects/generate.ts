/** Makes scenes of objects: what is there, where, in which colour and how far away. */
import type { Split } from '../../ask/phrase.ts';
import type { Random } from '../../random.ts';
import { place } from './place.ts';
import type { ObjectScene, Pattern, ScenePicture } from './scene.ts';
import { templateFor } from './templates.ts';
import { coloursFor, kindsFor } from './words/kinds.ts';

/** Something to be placed. */
export interface Wanted {
  readonly label: string;
  readonly colour: string;
  readonly pattern: Pattern;
}

const PATTERNS: readonly (readonly [Pattern, number])[] = [
  ['plain', 6],
  ['striped', 1],
  ['dotted', 1],
];

/** Pixels, as uploads have them. */
const SIZES: readonly (readonly [number, number])[] = [
  [640, 480],
  [800, 600],
  [1024, 768],
  [960, 640],
  [720, 720],
  [768, 576],
  [1280, 720],
  [600, 800],
];

/** Colours of `count` things of a kind, `of` of them in one colour; the others share one or two. */
function coloured(rng: Random, colours: readonly string[], count: number): string[] {
  const [one, ...rest] = rng.sample(colours, 3) as [string, ...string[]];
  const of = rng.int(0, count);
  return rng.shuffle([...Array<string>(of).fill(one), ...Array.from({ length: count - of }, () => rng.pick(rest))]);
}

function things(rng: Random, label: string, count: number, colours: readonly string[]): Wanted[] {
  const pattern = rng.weighted(PATTERNS);
  return coloured(rng, colours, count).map((colour) => ({ label, colour, pattern }));
}

/**
 * One picture: some things that there is one of, for places, depths and colours, and two or three kinds that there are
 * more of. The first of these has any number from 2 to 8, as often each, so that no number is a good guess.
 * @param words kinds of things that it may show, nine at least
 */
export function makePicture(rng: Random, split: Split, words: readonly string[] = kindsFor(split)): ObjectScene {
  const template = templateFor(rng, split);
  const colours = coloursFor(split).filter((colour) => !template.avoid.includes(colour));
  const kinds = rng.shuffle(words);
  const many = rng.int(2, 8);
  const second = rng.int(1, 5);
  const third = rng.chance(0.6) ? rng.int(2, 4) : 0;
  const singles = rng.int(4, 5);
  const wanted = [
    ...kinds
      .slice(3, 3 + singles)
      .map((label) => ({ label, colour: rng.pick(colours), pattern: rng.weighted(PATTERNS) })),
    ...things(rng, kinds[0]!, many, colours),
    ...things(rng, kinds[1]!, second, colours),
    ...things(rng, kinds[2]!, third, colours),
  ];
  const [width, height] = rng.pick(SIZES);
  const objects = place(rng, template, rng.shuffle(wanted), width / height);
  const picture: ScenePicture = { width, height, template: template.name, objects };
  return { pictures: [picture], labels: words, colours };
}

/**
 * Two to four pictures that show the same kinds in different numbers: some once in each, one in some of them only, two
 * in any number, so that every question about several images has an answer somewhere.
 * @param words kinds of things that they may show, nine at least
 */
export function makeSet(
  rng: Random,
  split: Split,
  pictures: number,
  words: readonly string[] = kindsFor(split),
): ObjectScene {
  const kinds = rng.shuffle(words);
  const palette = coloursFor(split);
  const made: ScenePicture[] = [];
  // What there is one of in each picture has the same colour in about half of them.
  const usual = kinds.map(() => rng.pick(palette));
  const solo = rng.int(0, pictures - 1);
  // A thing that one picture alone has, and one that all but one have.
  const counts = rng.shuffle([0, 1, 2, 3, 4, 5]);
  for (let i = 0; i < pictures; i++) {
    const template = templateFor(rng, split);
    const colours = palette.filter((colour) => !template.avoid.includes(colour));
    const one = (label: string): Wanted => ({ label, colour: rng.pick(colours), pattern: rng.weighted(PATTERNS) });
    const wanted = [
      ...kinds.slice(0, 4).map((label, k) => {
        const thing = one(label);
        return rng.chance(0.6) && colours.includes(usual[k]!) ? { ...thing, colour: usual[k]! } : thing;
      }),
      ...(i === solo ? [one(kinds[4]!)] : []),
      ...(rng.chance(0.5) ? [one(kinds[5]!)] : []),
      ...things(rng, kinds[6]!, counts[i]!, colours),
      ...things(rng, kinds[7]!, rng.int(0, 4), colours),
      ...things(rng, kinds[8]!, rng.int(1, 2), colours),
    ];
    const [width, height] = rng.pick(SIZES);
    made.push({
      width,
      height,
      template: template.name,
      objects: place(rng, template, rng.shuffle(wanted), width / height),
    });
  }
  return { pictures: made, labels: words, colours: palette };
}
