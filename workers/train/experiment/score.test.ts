import { expect, it } from 'vitest';
import { type Answered, difference, GROUPS, shareOf } from './score.ts';

const answered = (scene: number, right: boolean, more: Partial<Answered> = {}): Answered => ({
  ...{
    id: `${scene}`,
    family: 'look-up',
    scene: `scene ${scene}`,
    untold: false,
    refused: false,
    free: right,
    said: 3,
  },
  ...{ right, ...more },
});
const primary = GROUPS.primary as (one: Answered) => boolean;

it('counts the questions of a group, and none of those that cannot be told', () => {
  const answers = [
    answered(1, true),
    answered(1, false),
    answered(2, true, { family: 'sums' }),
    answered(3, true, { untold: true }),
  ];
  expect(shareOf(answers, primary, 'right')).toBe(0.5);
  expect(shareOf(answers, GROUPS.arithmetic as (one: Answered) => boolean, 'right')).toBe(1);
  expect(shareOf(answers, GROUPS['cannot be told'] as (one: Answered) => boolean, 'right')).toBe(1);
  expect(shareOf([], primary, 'right')).toBe(0);
});

it('pairs questions, averages seeds, and draws images, not questions', () => {
  // In 100 images of four questions each the one arm is right in all, the other in those of every second image.
  const ones = Array.from({ length: 400 }, (_, at) => answered(Math.floor(at / 4), true));
  const others = ones.map((one, at) => ({ ...one, right: Math.floor(at / 4) % 2 === 0 }));
  const found = difference([ones, ones], [others, ones], primary, 2_000);
  expect(found.mean).toBeCloseTo(0.25, 10);
  expect(found.seeds).toEqual([0.5, 0]);
  // Of 100 images with 0 or 1/2: a standard error of 0.025; of 400 questions it would be half of that.
  expect(found.high - found.low).toBeGreaterThan(0.08);
  expect(found.high - found.low).toBeLessThan(0.12);
});

it('finds no difference where there is none', () => {
  const ones = Array.from({ length: 300 }, (_, at) => answered(Math.floor(at / 3), at % 2 === 0));
  const others = ones.map((one) => ({ ...one, right: !one.right }));
  const { low, high } = difference([ones], [others], primary, 2_000);
  expect(low).toBeLessThan(0);
  expect(high).toBeGreaterThan(0);
  expect(difference([ones], [ones], primary, 500)).toEqual({ mean: 0, low: 0, high: 0, seeds: [0] });
});
