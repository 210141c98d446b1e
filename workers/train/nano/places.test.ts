import { describe, expect, it } from 'vitest';
import type { NanoTurn } from '../../../shared/nano/format.ts';
import { compareInEach, compareSides, placesOf } from './places.ts';
import type { Marked, Reading } from './shorter.ts';

const thing = (mark: number, kind: string, x: number, y: number, image = 'image-0'): Marked => ({
  ...{ mark, text: kind, seen: `${kind}\t${x}\t${y}\t90`, image },
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

describe('on which side one thing lies of another, in each of several images', () => {
  const search = (image: number): NanoTurn => ({
    quotes: [],
    action: { name: 'LocalizeObjects', argument: `${image} dog, cat` },
  });
  /** Cat and dog of each image, by their places; `null` = not there. */
  function asked(question: string, answer: string | undefined, ...places: ([number, number] | null)[][]) {
    const rows = places.flatMap((pair, image) =>
      pair.flatMap((at, nth) =>
        at ? [thing(image * 2 + nth, ['cat', 'dog'][nth] as string, at[0], at[1], `image-${image}`)] : [],
      ),
    );
    const last: NanoTurn = {
      quotes: rows.map(({ mark }) => mark),
      action: answer === undefined ? 'unknown' : { name: 'Terminate', argument: answer },
    };
    const reading: Reading = {
      turns: [...places.map((_, image) => search(image)), last],
      observations: places.map(() => ({ rows: [], found: true })),
      ...{ rows, marks: rows.length },
    };
    return compareInEach(reading, question) ? reading : undefined;
  }
  type Pair = [number, number][];
  const left: Pair = [
    [20, 50],
    [60, 40],
  ];
  const right = left.toReversed();
  const above: Pair = [
    [40, 20],
    [50, 90],
  ];
  const computed = ({ observations }: Reading): unknown[] =>
    observations.flatMap((one) => ('result' in one ? [one.result] : []));

  it('each search is followed by one difference, negative where it is so', () => {
    const made = asked('In which image is the cat left of the dog?', 'image-1', right, left, above) as Reading;
    expect(made.turns.slice(0, 3)).toEqual([
      search(0),
      { quotes: [0, 1], action: { name: 'Calculate', argument: '[0:1]-[1:1]+abs([0:2]-[1:2])' } },
      search(1),
    ]);
    expect(computed(made)).toEqual(['50', '-30', '60']);
    expect(made.turns.at(-1)).toEqual({ quotes: [], action: { name: 'Terminate', argument: 'image-1' } });
    expect(made.observations).toHaveLength(made.turns.length - 1);
  });

  it('the thing that the question names first is the one whose side it is', () => {
    const made = asked('In which image is the dog to the right of the cat?', 'image-0', left, right) as Reading;
    expect(made.turns[1]).toMatchObject({ quotes: [1, 0] });
    expect(computed(made)).toEqual(['-30', '50']);
  });

  it.each([
    ['both', [left, left]],
    ['neither', [right, above]],
    ['only image-1', [right, left]],
  ])('%s', (answer, places) => {
    expect(asked('Is the cat left of the dog in both?', answer, ...places)).toBeDefined();
    expect(asked('Is the cat left of the dog in both?', 'only image-0', ...places)).toBeUndefined();
  });

  it('where a thing is not found, nothing is computed of that image', () => {
    const made = asked('In which image is the cat above the dog?', undefined, above, [[5, 5], null]) as Reading;
    expect(computed(made)).toEqual(['-60']);
    expect(made.turns.at(-1)?.action).toBe('unknown');
  });
});
