import { describe, expect, test } from 'vitest';
import type { Box } from '../vision.ts';
import { agreed, asFractions, overlap, type Scored, surest } from './boxes.ts';

const scored = (kind: number, score: number, ...bbox: Box): Scored => ({ kind, score, bbox });

test('overlap is shared area over area of both', () => {
  expect(overlap([0, 0, 2, 2], [1, 0, 3, 2])).toBeCloseTo(1 / 3);
  expect(overlap([0, 0, 1, 1], [1, 1, 2, 2])).toBe(0);
  expect(overlap([0, 0, 0, 0], [0, 0, 0, 0])).toBe(0);
});

describe('of boxes on each other the surest stays', () => {
  test('within a kind from the first bound, between kinds from the second', () => {
    const boxes = [scored(1, 0.5, 0, 0, 10, 10), scored(1, 0.9, 0, 0, 10, 9), scored(2, 0.6, 0, 0, 10, 8)];
    expect(surest(boxes, 0.5, 0.95).map(({ kind, score }) => [kind, score])).toEqual([
      [1, 0.9],
      [2, 0.6],
    ]);
    expect(surest(boxes, 0.5, 0.75)).toEqual([boxes[1]]);
    expect(surest(boxes, 0.99, 1)).toHaveLength(3);
  });
});

describe('what several views agree on', () => {
  test('is one box at the weighted mean, with the mean score', () => {
    const [box] = agreed([[scored(3, 0.6, 0, 0, 10, 10)], [scored(3, 0.2, 4, 0, 14, 10)]], 0.3);
    expect(box).toMatchObject({ kind: 3, score: 0.4 });
    expect(box!.bbox[0]).toBeCloseTo(1);
    expect(box!.bbox[2]).toBeCloseTo(11);
  });

  test('what one view alone has seen keeps half its score', () => {
    const found = agreed([[scored(3, 0.6, 0, 0, 10, 10)], [scored(4, 0.5, 0, 0, 10, 10)]], 0.5);
    expect(found.map(({ kind, score }) => [kind, score])).toEqual([
      [3, 0.3],
      [4, 0.25],
    ]);
  });

  test('two neighbours in one view stay two', () => {
    const pair = [scored(0, 0.8, 0, 0, 10, 10), scored(0, 0.7, 3, 0, 13, 10)];
    expect(agreed([pair, pair], 0.5)).toHaveLength(2);
  });
});

test('fractions end at the edges, and a box outside is none', () => {
  expect(asFractions([-10, 5, 50, 200], { width: 100, height: 100 })).toEqual([0, 0.05, 0.5, 1]);
  expect(asFractions([-10, 5, -1, 20], { width: 100, height: 100 })).toBeUndefined();
});
