import { describe, expect, it } from 'vitest';
import type { NanoTurn } from '../../../shared/nano/format.ts';
import { compareSides, type Marked, placesOf, type Reading } from './shorter.ts';

const thing = (mark: number, kind: string, x: number, y: number, image = 'image-0'): Marked => ({
  ...{ mark, text: `${kind}\t${x}\t${y}\t90`, seen: `${kind}\t${x}\t${y}\t90`, image },
  ...{ bbox: undefined, score: 0.9, asked: ['cat', 'dog'] },
});

function compared(rows: Marked[], answer: string): Reading | undefined {
  const last: NanoTurn = { quotes: rows.map(({ mark }) => mark), action: { name: 'Terminate', argument: answer } };
  const reading: Reading = { turns: [last], observations: [], rows, marks: rows.length };
  return compareSides(reading, last) ? reading : undefined;
}

describe('where one thing lies from the other', () => {
  const cat = thing(0, 'cat', 20, 30);
  it.each([
    ['left', thing(1, 'dog', 60, 40), [0, 1], '-40', '-10'],
    ['right', thing(1, 'dog', 60, 40), [1, 0], '40', '10'],
    ['above', thing(1, 'dog', 25, 80), [0, 1], '-5', '-50'],
    ['below', thing(1, 'dog', 25, 80), [1, 0], '5', '50'],
  ] as const)('%s: by two differences, from the one that is asked for', (side, dog, quotes, across, down) => {
    const { turns, observations } = compared([cat, dog], side) as Reading;
    expect(turns).toEqual([
      { quotes, action: { name: 'Calculate', argument: '[0:1]-[1:1]' } },
      { quotes, action: { name: 'Calculate', argument: '[0:2]-[1:2]' } },
      { quotes: [], action: { name: 'Terminate', argument: side } },
    ]);
    expect(observations).toEqual([{ result: across }, { result: down }]);
  });

  it('is not told by places that say otherwise, lie as far in both ways, or are of two images', () => {
    expect(compared([cat, thing(1, 'dog', 60, 40)], 'above')).toBeUndefined();
    expect(compared([cat, thing(1, 'dog', 30, 40)], 'left')).toBeUndefined();
    expect(compared([cat, thing(1, 'dog', 60, 40, 'image-1')], 'left')).toBeUndefined();
    expect(compared([cat], 'left')).toBeUndefined();
  });
});

it.each([
  ['topmost', 'what is highest?', 'min([:2])'],
  ['relation-head', 'Which one lies further up than the clock: the candle or the lamp?', 'min([:2])'],
  ['relation-head', 'which is lower down than the clock: the candle or the lamp?', 'max([:2])'],
  ['relation-head', 'the candle or the lamp: what is to the left of the clock?', 'min([:1])'],
  ['relation-head', 'the candle or the lamp: what is on the right of the clock?', 'max([:1])'],
  ['relation-head', 'which is near the clock?', undefined],
  ['count', 'how many lie above the clock?', undefined],
] as const)('of %s, %j is told by %s', (family, question, expression) => {
  expect(placesOf(family, question)).toBe(expression);
});
