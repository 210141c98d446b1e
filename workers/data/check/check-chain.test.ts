import { describe, expect, it } from 'vitest';
import { CANNOT_TELL, type ChainTurn } from '../../../shared/data/chain.ts';
import { checkChain } from './check-chain.ts';
import type { CheckInput } from './contract.ts';

type Region = readonly [label: string, bbox: readonly number[], score: number];
const TOOLS = ['OCR', 'LocalizeObjects', 'GetObjects', 'EstimateRegionDepth', 'EstimateObjectDepth', 'Crop', 'ZoomIn'];
const OFFERED = [...TOOLS, 'GetImageToTextsSimilarity', 'Calculate', 'Terminate'];
const image = (n: number, width = 1000, height = 1000) => ({ name: `image-${n}`, width, height });

/** A search with what it found; `made` is the number of the image with its boxes. */
const search = (
  at: number,
  objects: readonly string[],
  regions: readonly Region[],
  made: number,
  thought = 'I have to find them.',
): ChainTurn => ({
  thought,
  actions: [{ name: 'LocalizeObjects', arguments: { image: `image-${at}`, objects: [...objects] } }],
  observations: [
    {
      ok: true,
      result: {
        image: `image-${regions.length > 0 ? made : at}`,
        regions: regions.map(([label, bbox, score]) => ({ label, bbox: [...bbox], score })),
      },
      ...(regions.length > 0 ? { images: [image(made)] } : {}),
    },
  ],
});
const zoom = (at: number, bbox: readonly number[], made: number): ChainTurn => ({
  thought: 'This one is doubtful.',
  actions: [{ name: 'ZoomIn', arguments: { image: `image-${at}`, bbox: [...bbox], zoom_factor: 2 } }],
  observations: [{ ok: true, result: { image: `image-${made}`, zoom_factor: 2 }, images: [image(made, 240, 240)] }],
});
const depth = (bbox: readonly number[], value: number): ChainTurn => ({
  thought: 'How far away is this one?',
  actions: [{ name: 'EstimateRegionDepth', arguments: { image: 'image-0', bbox: [...bbox] } }],
  observations: [{ ok: true, result: { depth: value } }],
});
const end = (answer: string, thought = 'That answers it.'): ChainTurn => ({
  thought,
  actions: [{ name: 'Terminate', arguments: { answer } }],
  observations: [],
});
const chain = (question: string, turns: readonly ChainTurn[], images = 1): CheckInput => ({
  question,
  images: Array.from({ length: images }, (_, n) => image(n)),
  tools: OFFERED,
  turns: [...turns],
});
const verdict = (question: string, turns: readonly ChainTurn[], images = 1): string => {
  const result = checkChain(chain(question, turns, images));
  return result.ok ? 'ok' : result.reason;
};

const BALL: Region = ['ball', [0.1, 0.1, 0.2, 0.2], 0.9];
const BALL2: Region = ['ball-2', [0.5, 0.5, 0.6, 0.6], 0.8];
const CUP: Region = ['cup', [0.7, 0.15, 0.8, 0.25], 0.7];
const MAYBE: Region = ['ball-3', [0.8, 0.8, 0.9, 0.9], 0.4];

describe('rule 1: regions', () => {
  const ask = 'How many balls are there in the picture?';
  it('counts those that are sure', () => {
    expect(verdict(ask, [search(0, ['ball'], [BALL, BALL2], 1), end('2')])).toBe('ok');
    expect(verdict(ask, [search(0, ['ball'], [BALL, BALL2], 1), end('3')])).toBe('wrong-answer');
  });
  it('wants a second look at a doubtful one', () => {
    const first = search(0, ['ball'], [BALL, BALL2, MAYBE], 1);
    expect(verdict(ask, [first, end('2')])).toBe('not-looked');
    expect(verdict(ask, [first, zoom(0, MAYBE[1], 2), search(2, ['ball'], [], 3), end('2')])).toBe('ok');
    const yes = search(2, ['ball'], [['ball', [0.1, 0.1, 0.9, 0.9], 0.6]], 3);
    expect(verdict(ask, [first, zoom(0, MAYBE[1], 2), yes, end('3')])).toBe('ok');
    expect(verdict(ask, [first, zoom(0, MAYBE[1], 2), yes, end('2')])).toBe('wrong-answer');
    const still = search(2, ['ball'], [['ball', [0.1, 0.1, 0.9, 0.9], 0.45]], 3);
    expect(verdict(ask, [first, zoom(0, MAYBE[1], 2), still, end(CANNOT_TELL)])).toBe('ok');
    expect(verdict(ask, [first, zoom(0, MAYBE[1], 2), still, end('3')])).toBe('not-told');
  });
  it('does not want it where it cannot change the answer', () => {
    const seen = search(0, ['ball', 'cup'], [BALL, BALL2, CUP, MAYBE], 1);
    expect(verdict('Which are there most of here: balls or cups?', [seen, end('balls')])).toBe('ok');
    expect(verdict('Which are there most of here: balls or cups?', [seen, end('cups')])).toBe('wrong-answer');
  });
});

describe('rules 3 and 5: places and depths', () => {
  const both = search(0, ['ball', 'cup'], [BALL, CUP], 1);
  it.each([
    ['Which is leftmost in the picture, the ball or the cup?', 'ball', 'cup'],
    ['Which is furthest to the right: the ball or the cup?', 'cup', 'ball'],
    ['Is the ball left of, right of, above or below the cup?', 'left', 'right'],
    ['Which of these is on the left side of the cup?\nA. ball\nB. cup', 'A', 'B'],
  ])('%s', (question, right, wrong) => {
    expect(verdict(question, [both, end(right)])).toBe('ok');
    expect(['wrong-answer', 'not-told']).toContain(verdict(question, [both, end(wrong)]));
  });
  it('knows who is nearer, and when nobody can', () => {
    const ask = 'Which is closer to the camera: the ball or the cup?';
    expect(verdict(ask, [both, depth(BALL[1], 0.3), depth(CUP[1], 0.6), end('ball')])).toBe('ok');
    expect(verdict(ask, [both, depth(BALL[1], 0.6), depth(CUP[1], 0.3), end('ball')])).toBe('wrong-answer');
    expect(verdict(ask, [both, depth(BALL[1], 0.31), depth(CUP[1], 0.3), end('cup')])).toBe('not-told');
    expect(verdict(ask, [both, depth(BALL[1], 0.31), depth(CUP[1], 0.3), end(CANNOT_TELL)])).toBe('ok');
    expect(verdict(ask, [both, depth(BALL[1], 0.3), end('ball')])).toBe('not-looked');
    expect(verdict(ask, [both, depth([0.3, 0.3, 0.4, 0.4], 0.3), depth(CUP[1], 0.6), end('ball')])).toBe(
      'box-from-nowhere',
    );
  });
});

describe('several images', () => {
  const turns = (a: readonly Region[], b: readonly Region[]): ChainTurn[] => [
    search(0, ['ball'], a, 2, 'I look for it in image-0.'),
    search(1, ['ball'], b, a.length > 0 ? 3 : 2, 'Now image-1.'),
  ];
  it('chooses the one that has it', () => {
    expect(verdict('Which image has a ball?', [...turns([], [BALL]), end('image-1')], 2)).toBe('ok');
    expect(verdict('Which image has a ball?', [...turns([], [BALL]), end('the second image')], 2)).toBe('ok');
    expect(verdict('Which image has a ball?', [...turns([BALL], [BALL]), end('image-1')], 2)).toBe('not-told');
    expect(verdict('Which image has a ball?', [search(0, ['ball'], [], 2), end('image-1')], 2)).toBe('not-looked');
  });
  it('adds and compares', () => {
    expect(
      verdict('How many balls are there in all the images together?', [...turns([BALL, BALL2], [BALL]), end('3')], 2),
    ).toBe('ok');
    expect(
      verdict(
        'How many more balls are there in image-0 than in image-1?',
        [...turns([BALL, BALL2], [BALL]), end('1')],
        2,
      ),
    ).toBe('ok');
    expect(
      verdict(
        'Which has more balls, image-0 or image-1, or do they have the same number?',
        [...turns([BALL], [BALL]), end('the same number')],
        2,
      ),
    ).toBe('ok');
  });
});

describe('steps', () => {
  const ask = 'How many balls are there in the picture?';
  const look = search(0, ['ball'], [BALL, BALL2], 1);
  const changed = (change: Partial<ChainTurn>): ChainTurn => ({ ...look, ...change });
  it.each<[string, readonly ChainTurn[], string]>([
    ['no end', [look], 'shape'],
    ['an end in the middle', [end('2'), look, end('2')], 'shape'],
    ['a missing observation', [changed({ observations: [] }), end('2')], 'shape'],
    [
      'a tool that was not offered',
      [changed({ actions: [{ name: 'DetectFaces', arguments: { image: 'image-0' } }] }), end('2')],
      'tool-not-offered',
    ],
    [
      'arguments of another tool',
      [changed({ actions: [{ name: 'LocalizeObjects', arguments: { image: 'image-0', object: 'ball' } }] }), end('2')],
      'bad-arguments',
    ],
    [
      'an image that is not there',
      [
        changed({ actions: [{ name: 'LocalizeObjects', arguments: { image: 'image-3', objects: ['ball'] } }] }),
        end('2'),
      ],
      'no-such-image',
    ],
    ['a number skipped', [search(0, ['ball'], [BALL, BALL2], 2), end('2')], 'image-numbering'],
    [
      'regions in no order',
      [
        search(
          0,
          ['ball'],
          [
            ['ball', BALL[1], 0.6],
            ['ball-2', BALL2[1], 0.9],
          ],
          1,
        ),
        end('2'),
      ],
      'bad-observation',
    ],
    ['a label that nobody asked for', [search(0, ['ball'], [BALL, CUP], 1), end('1')], 'bad-observation'],
    ['the same again', [look, search(0, ['ball'], [BALL, BALL2], 2), end('2')], 'repeated-call'],
    ['words that nobody saw', [look, end('2', 'A sign says "No entry".')], 'quote-not-seen'],
    ['a number that nobody saw', [look, end('2', 'One of them has a score of 0.41.')], 'number-not-seen'],
    ['a step for nothing', [look, search(0, ['zebra'], [], 2), end('2')], 'useless-step'],
    ['the wrong picture in mind', [{ ...look, thought: 'Let me count in image-1.' }, end('2')], 'image-contradicted'],
    [
      'an operand from nowhere',
      [
        look,
        {
          thought: 'Add.',
          actions: [{ name: 'Calculate', arguments: { expression: '2 + 417' } }],
          observations: [{ ok: true, result: { result: 419 } }],
        },
        end('2'),
      ],
      'operand-not-seen',
    ],
    [
      'a false result',
      [
        look,
        {
          thought: 'Add.',
          actions: [{ name: 'Calculate', arguments: { expression: '1 + 1' } }],
          observations: [{ ok: true, result: { result: 3 } }],
        },
        end('2'),
      ],
      'wrong-result',
    ],
    ['a question that nobody understands', [look, end('2')], 'question-unparsed'],
  ])('%s', (name, turns, reason) => {
    const question = name.startsWith('a question') ? 'Why do the balls hum?' : ask;
    expect(verdict(question, turns)).toBe(reason);
  });
  it('takes a call that failed in passing and was made again', () => {
    const failed: ChainTurn = {
      ...look,
      observations: [{ ok: false, error: { code: 'tool_timeout', message: 'It took too long.' } }],
    };
    expect(verdict(ask, [failed, look, end('2')])).toBe('ok');
  });
});

describe('options in the ways in which they are listed', () => {
  const seen = search(0, ['ball'], [BALL, BALL2], 1);
  it.each([
    'How many balls are there?\nA. 3\nB. 2\nC. 1',
    'How many balls are there? (A) 3 (B) 2 (C) 1',
    'How many balls are there? A) 3, B) 2, C) 1. Answer with the letter.',
    'How many balls are there?\nOptions:\nA: 3\nB: 2\nC: 1\nAnswer with a letter.',
    'Answer with a letter. How many balls are there?\nChoices:\n(A) 3\n(B) 2\n(C) 1',
    'How many balls are there? [A] 3; [B] 2; [C] 1',
  ])('%s', (question) => {
    expect(verdict(question, [seen, end('B')])).toBe('ok');
    expect(verdict(question, [seen, end('B. 2')])).toBe('ok');
    expect(verdict(question, [seen, end('A', 'There are 2.')])).not.toBe('ok');
    expect(verdict(question, [seen, end('D')])).toBe('letter-mismatch');
  });
});
