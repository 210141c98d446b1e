import { expect, it } from 'vitest';
import { isRight } from './score.ts';

it.each([
  ['12.1', '12.10', true],
  ['$12.10', '12.1', true],
  ['8.9 g', '8.9', true],
  ['33-90', '33.90', false],
  ['33.90 or 34.90', '33.90', false],
  ['2,500', '2500', true],
  ['1.2.3', '5.00', false],
  ['on 14.03.2023', '14.03', false],
  ['0.00', '0.01', false],
  ['administration', 'Administration', true],
  ['35%', '35%', true],
  ['unknown', '35', false],
  [undefined, '1', false],
])('%s for %s: %s', (said, truth, right) => {
  expect(isRight(said, truth)).toBe(right);
});
