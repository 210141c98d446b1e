/** What the arms answered, compared: shares, paired differences, intervals by bootstrap over images. */
import type { Chain } from '../../../shared/data/chain.ts';
import { CANNOT_TELL } from '../../../shared/data/chain.ts';
import { random } from '../../data/random.ts';
import { ARITHMETIC, PRIMARY } from './arms.ts';

/** One question as one training answered it. */
export interface Answered {
  readonly id: string;
  readonly family: string;
  readonly scene: string;
  readonly untold: boolean;
  readonly right: boolean;
  readonly refused: boolean;
  /** Right without the mask. */
  readonly free: boolean;
  readonly said: number;
}

export const untold = (chain: Chain): boolean => (chain.answer ?? chain.truth) === CANNOT_TELL;

/** Which questions a figure counts. */
export const GROUPS: Readonly<Record<string, (one: Answered) => boolean>> = {
  primary: (one) => PRIMARY.includes(one.family) && !one.untold,
  arithmetic: (one) => ARITHMETIC.includes(one.family) && !one.untold,
  'cannot be told': (one) => one.untold,
  ...Object.fromEntries(
    [...PRIMARY, ...ARITHMETIC].map((name) => [name, (one: Answered) => one.family === name && !one.untold]),
  ),
};

export function shareOf(
  answers: readonly Answered[],
  counts: (one: Answered) => boolean,
  what: keyof Pick<Answered, 'right' | 'free' | 'refused'>,
): number {
  const some = answers.filter(counts);
  return some.length === 0 ? 0 : some.filter((one) => one[what]).length / some.length;
}

export interface Difference {
  /** Share of right answers of the one less that of the other. */
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  /** By seed, in their order. */
  readonly seeds: readonly number[];
}

/**
 * Paired differences on the same questions, averaged over seeds, with the interval that holds 95 of 100 draws of images.
 * @param ones answers of one arm by seed; `others` those of another, of the same questions in the same order
 */
export function difference(
  ones: readonly (readonly Answered[])[],
  others: readonly (readonly Answered[])[],
  counts: (one: Answered) => boolean,
  draws = 10_000,
): Difference {
  const perQuestion = (ones[0] ?? []).flatMap((one, at) => {
    if (!counts(one)) return [];
    const bySeed = ones.map((answers, seed) => Number(answers[at]?.right) - Number(others[seed]?.[at]?.right));
    return [{ scene: one.scene, bySeed }];
  });
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const scenes = [...Map.groupBy(perQuestion, ({ scene }) => scene).values()].map((questions) => ({
    sum: questions.reduce((sum, { bySeed }) => sum + mean(bySeed), 0),
    count: questions.length,
  }));
  const rng = random(1, 'bootstrap');
  const drawn = Array.from({ length: draws }, () => {
    let sum = 0;
    let count = 0;
    for (let n = 0; n < scenes.length; n++) {
      const scene = scenes[rng.int(0, scenes.length - 1)] as (typeof scenes)[number];
      sum += scene.sum;
      count += scene.count;
    }
    return sum / Math.max(1, count);
  }).sort((a, b) => a - b);
  return {
    mean: mean(perQuestion.map(({ bySeed }) => mean(bySeed))),
    low: drawn[Math.floor(draws * 0.025)] ?? 0,
    high: drawn[Math.floor(draws * 0.975)] ?? 0,
    seeds: ones.map((_, seed) => mean(perQuestion.map(({ bySeed }) => bySeed[seed] ?? 0))),
  };
}
