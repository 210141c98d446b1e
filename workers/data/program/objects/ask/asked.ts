/** What a question about a scene is made of. */
import type { Random } from '../../../random.ts';
import type { Plan } from '../plans/plan.ts';
import { byLabel, type ObjectScene, type ScenePicture } from '../scene.ts';
import type { Doubt } from '../simulated.ts';
import { DEPTH } from '../words/depth.ts';
import { listed, pluralOf, withArticle } from '../words/kinds.ts';
import { SEVERAL } from '../words/several.ts';
import { SINGLE } from '../words/single.ts';
import type { Slots } from '../words/template.ts';

export const QUESTIONS = { ...SINGLE, ...DEPTH, ...SEVERAL } as const;
export type Family = keyof typeof QUESTIONS;
export const SINGLE_FAMILIES = [...Object.keys(SINGLE), ...Object.keys(DEPTH)] as Family[];
export const SEVERAL_FAMILIES = Object.keys(SEVERAL) as Family[];

export interface Ask {
  /** Which of the family's groups of templates words it. */
  readonly wording: string;
  readonly slots: Slots;
  readonly plan: Plan;
  /** As a short answer says it; UNKNOWN where the picture does not tell. */
  readonly truth: string;
  /** Candidates for options, the truth among them unless it is UNKNOWN. */
  readonly options: readonly string[];
  /** What is true of the scene where the picture does not tell it. */
  readonly sceneTruth?: string;
  /** What has to stay doubtful for that. */
  readonly doubt?: Doubt;
}

export interface Asking {
  readonly rng: Random;
  readonly scene: ObjectScene;
  readonly multiple: boolean;
  /** The question is to have no answer. */
  readonly twin: boolean;
  /** Objects of each picture by label. */
  readonly labels: readonly ReadonlyMap<string, readonly number[]>[];
  /** Observations can be made to stay doubtful; not where the tools are really run. */
  readonly mayDoubt: boolean;
}

export const asking = (
  rng: Random,
  scene: ObjectScene,
  form: Pick<Asking, 'multiple' | 'twin' | 'mayDoubt'>,
): Asking => ({
  rng,
  scene,
  ...form,
  labels: scene.pictures.map(byLabel),
});

/** A question of a family about a scene; undefined where the scene has none. */
export type Asker = (asking: Asking) => Ask | undefined;

export const imageName = (i: number): string => `image-${i}`;

/** Labels with a number of objects in a picture. */
export const labelsWith = ({ labels }: Asking, picture: number, fits: (count: number) => boolean): string[] =>
  [...(labels[picture] ?? [])].filter(([, list]) => fits(list.length)).map(([label]) => label);

export const singles = (asked: Asking, picture = 0): string[] => labelsWith(asked, picture, (n) => n === 1);

/** Words for things that are in none of the pictures. */
export function absent({ scene }: Asking): string[] {
  const there = new Set(scene.pictures.flatMap(({ objects }) => objects.map(({ label }) => label)));
  return scene.labels.filter((label) => !there.has(label));
}

export const countIn = ({ labels }: Asking, picture: number, label: string): number =>
  labels[picture]?.get(label)?.length ?? 0;

export const objectOf = (
  { scene, labels }: Asking,
  picture: number,
  label: string,
): ScenePicture['objects'][number] | undefined =>
  scene.pictures[picture]?.objects[labels[picture]?.get(label)?.[0] ?? -1];

export const nouns = (label: string): Slots => ({ thing: label, a_thing: withArticle(label), things: pluralOf(label) });
export const theList = (labels: readonly string[]): string => listed(labels.map((label) => `the ${label}`));
export const pluralList = (labels: readonly string[]): string => listed(labels.map(pluralOf));

/** How many of the options are smaller than the truth, by weight: small truths leave little room below. */
type Below = (truth: number) => readonly (readonly [number, number])[];

const BELOW: Readonly<Record<number, ReturnType<Below>>> = {
  0: [[0, 1]],
  1: [
    [0, 4],
    [1, 6],
  ],
  2: [
    [0, 2],
    [1, 3],
    [2, 5],
  ],
};
const BELOW_MORE = [
  [0, 1],
  [1, 2],
  [2, 3],
  [3, 4],
] as const;

/** For numbers that go far beyond what options span. */
export const wide: Below = (truth) => BELOW[truth] ?? BELOW_MORE;

const BELOW_SMALL: Readonly<Record<number, ReturnType<Below>>> = {
  0: [[0, 1]],
  1: [
    [0, 1],
    [1, 2],
  ],
  2: [
    [0, 1],
    [1, 2],
    [2, 3],
  ],
};
const BELOW_THREE = [
  [1, 1],
  [2, 2],
  [3, 5],
] as const;

/** For numbers that are 4 at most, each about as often: what 0 and 1 take of the low ranks, 3 and 4 give to the high ones. */
export const small: Below = (truth) => BELOW_SMALL[truth] ?? BELOW_THREE;

/** Four neighbouring whole numbers, one of them the truth: neither the lowest nor any other rank is a good guess. */
export function numbersAround(rng: Random, truth: number, below: Below = wide): string[] {
  const lowest = truth - rng.weighted(below(truth));
  return rng.shuffle([0, 1, 2, 3].map((step) => String(lowest + step)));
}
