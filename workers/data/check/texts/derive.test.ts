import { describe, expect, it } from 'vitest';
import type { Derived, ParsedQuestion, Seen } from '../contract.ts';
import { deriveFromRows, deriveText } from './derive.ts';
import { derivePlain } from './sums.ts';

type Expected = number | string;
const spellings = (derived: Derived): readonly Expected[] =>
  derived === 'unknown'
    ? ['unknown']
    : 'answers' in derived
      ? derived.answers
      : 'missing' in derived
        ? ['missing']
        : ['unparsed'];

const lone = ['(6 + 15) × 3 ='];
const grid = ['Homework', '7 - (8 + 4) =\t7 x 10 = __', 'k + 9 = 12\t8a + 5 = 61'];
const steps = ['How to cook', '1. chop the leek', '2. heat the pan', '3. add the rice'];
const plain = ['5 rules for Kiran', 'wash your hands\tkeep quiet', 'close the door\tsing a tune'];
const sign = ['NO ENTRY', 'Staff only'];
const plate = ['KLB 4417'];
const pack = ['VINNERO', '500 ml', 'New!'];
const card = [
  'Summer Festival',
  'Name: Vera Osborn',
  'Seat: 36C',
  'Date of birth: 4 May 1988',
  'Gate\tB12',
  'Valid until',
  '31.12.2027',
];

const TABLE: readonly (readonly [readonly string[], readonly (readonly [string, Expected])[]])[] = [
  [
    lone,
    [
      ['what is the result', 63],
      ['how much is it?', 63],
      ['Solve the equation', 63],
      ['what is the value of the second equation', 'unknown'],
    ],
  ],
  [
    grid,
    [
      ['What is k?', 3],
      ['solve for a', 7],
      ['find y', 'unknown'],
      ['what does the top left equation equal', -5],
      ['what is the result of the first one on the right', 70],
      ['what is the result', 'unknown'],
      ['calculate the bottom right sum', 7],
      ['what is the answer to the third equation', 'unknown'],
    ],
  ],
  [['78 x 1O + l2 ='], [['what is the result', 'unparsed']]],
  [
    steps,
    [
      ['What is the second step?', 'heat the pan'],
      ['what does step 3 say', 'add the rice'],
      ['what is the last step', 'add the rice'],
      ['with what does the list begin', 'chop the leek'],
      ['which number is heat the pan', 2],
      ['what is step 7', 'unknown'],
      ['what is the title', 'How to cook'],
    ],
  ],
  [
    plain,
    [
      ['what is the first rule', 'wash your hands'],
      ['which rule is third', 'close the door'],
      ['what is the last rule', 'sing a tune'],
    ],
  ],
  [
    sign,
    [
      ['What does the sign say?', 'NO ENTRY'],
      ['read all the text', 'NO ENTRY Staff only'],
    ],
  ],
  [
    plate,
    [
      ['what is the number plate', 'KLB 4417'],
      ['read the license number', 'KLB 4417'],
    ],
  ],
  [
    pack,
    [
      ['what brand is this', 'VINNERO'],
      ['who made this', 'VINNERO'],
    ],
  ],
  [
    card,
    [
      ['what is the name', 'Vera Osborn'],
      ['which seat is given', '36C'],
      ['what is the date of birth', '4 May 1988'],
      ['gate?', 'B12'],
      ['what does it say for valid until', '31.12.2027'],
      ['what is the platform', 'unknown'],
      ['what is the date', 'unknown'],
    ],
  ],
];

describe('questions about writing and sums', () => {
  it.each(TABLE.flatMap(([rows, asked]) => asked.map(([question, answer]) => [question, answer, rows] as const)))(
    '%s -> %s',
    (question, answer, rows) => expect(spellings(deriveFromRows(question, rows))).toContain(answer),
  );
  it('finds nothing on an empty page', () => expect(deriveFromRows('what is the total', [])).toBe('unknown'));
});

describe('sums in the question', () => {
  it.each([
    ['what is 12+30', 42],
    ['calculate 7 times 8', 56],
    ['how much is (3 + 4) x 5?', 35],
    ['15% of 240', 36],
    ['what is 20 percent of 59', 11.8],
    ['100 / 7', 14.29],
    ['9.5 - 12', -2.5],
    ['Please tell me: what does 6 plus 7 make', 13],
  ])('%s', (question, answer) => expect(spellings(derivePlain(question))).toContain(answer));
  it.each(['call 03-7781920', 'how many of 3 balls are red', '', 'what is 2 + two apples'])(
    'leaves %s alone',
    (question) => expect(spellings(derivePlain(question))).toEqual(['unparsed']),
  );
});

const image = (name: string) => ({ name, width: 600, height: 800 });
const whole = { box: [0, 0, 1, 1] as const, zoom: 1 };
const ocr = (name: string, rows: readonly string[], place: Seen['steps'][number]['place']): Seen['steps'][number] => ({
  action: { name: 'OCR', arguments: { image: name } },
  result: {
    text: rows.join('\n'),
    rows: rows.map((text, at) => ({
      text,
      bbox: [0.1, (at + 0.1) / rows.length, 0.9, (at + 0.9) / rows.length],
      cells: text.split('\t').map((cell) => ({ text: cell })),
    })),
  },
  ...(place ? { place } : {}),
  made: [],
});
const seen = (...steps: Seen['steps']): Seen => ({ steps, failed: [], places: new Map() });
const about = (body: string, images: number): ParsedQuestion => ({
  body,
  images: Array.from({ length: images }, (_, at) => image(`image-${at}`)),
});

describe('what was looked at', () => {
  const page = ['Tea\t2.50', 'Coffee\t3.l0x', 'Cake\t4.25', 'Juice\t1.80'];

  it('takes the second reading for its part', () => {
    const question = about('how much is the coffee', 1);
    const first = ocr('image-0', page, { input: 0, ...whole });
    expect(deriveText(question, seen(first))).toBe('unknown');
    const again = ocr('image-1', ['Coffee\t3.10'], { input: 0, box: [0, 0.26, 1, 0.49], zoom: 3 });
    expect(spellings(deriveText(question, seen(first, again)))).toContain(3.1);
    expect(spellings(deriveText(about('what is the dearest item', 1), seen(first, again)))).toEqual(['Cake']);
  });

  it('tries a reading that failed once more', () => {
    const failure = {
      action: { name: 'OCR', arguments: { image: 'image-0' } },
      code: 'tool_timeout',
      place: { input: 0, ...whole },
    };
    const question = about('what is the total', 1);
    expect(deriveText(question, { ...seen(), failed: [failure] })).toEqual({ missing: 'OCR of image-0' });
    expect(deriveText(question, { ...seen(), failed: [failure, failure] })).toBe('unknown');
  });

  it('asks for images that were not read', () => {
    const question = about('which image shows the receipt with the higher total, image-0 or image-1', 2);
    const receipt = (total: string): string[] => [
      'KORO',
      'Date 2020-01-02',
      `Tea\t${total}`,
      `Total\t${total}`,
      'Cash\t50.00',
    ];
    const one = ocr('image-0', receipt('12.00'), { input: 0, ...whole });
    const other = ocr('image-1', receipt('17.50'), { input: 1, ...whole });
    expect(deriveText(question, seen(one))).toEqual({ missing: 'OCR of image-1' });
    expect(spellings(deriveText(question, seen(one, other)))).toEqual(['image-1']);
    expect(
      spellings(deriveText(about('what is the sum of the totals of the two receipts', 2), seen(one, other))),
    ).toEqual([29.5]);
    expect(
      spellings(deriveText(about('by how much do the totals of the two bills differ', 2), seen(one, other))),
    ).toEqual([5.5]);
  });

  it('compares one thing on several lists', () => {
    const one = ocr('image-0', ['Leek Soup\t4.50', 'Trout\t9.00'], { input: 0, ...whole });
    const other = ocr('image-1', ['Veal\t14.00', 'Leek Soup\t5.25'], { input: 1, ...whole });
    const ask = (body: string): readonly Expected[] => spellings(deriveText(about(body, 2), seen(one, other)));
    expect(ask('in which image is the leek soup cheaper: image-0 or image-1')).toEqual(['image-0']);
    expect(ask('which image has the higher price for leek soup, image-0 or image-1')).toEqual(['image-1']);
    expect(ask('by how much do the prices of the leek soup in the two images differ')).toEqual([0.75]);
    expect(ask('by how much do the prices of the trout in the two images differ')).toEqual(['unknown']);
  });
});
