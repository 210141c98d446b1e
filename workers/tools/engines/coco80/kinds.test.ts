import { expect, test } from 'vitest';
import { coco80 } from './engine.ts';
import { KINDS, meaningOf } from './kinds.ts';

const kindOf = (wording: string) => {
  const meaning = meaningOf(wording);
  return meaning ? KINDS[meaning.kind] : undefined;
};

test('80 kinds, each known by its own name and in the plural', () => {
  expect(new Set(KINDS).size).toBe(80);
  for (const kind of KINDS) expect(kindOf(kind)).toBe(kind);
  for (const kind of ['dog', 'bus', 'sandwich', 'knife', 'potted plant', 'couch', 'skis'])
    expect(kindOf({ knife: 'knives', bus: 'buses', skis: 'skis' }[kind] ?? `${kind}s`)).toBe(
      kind === 'sandwich' ? 'sandwich' : kind,
    );
});

test.each([
  ['people', 'person'],
  ['Man', 'person'],
  ['women', 'person'],
  ['kids', 'person'],
  ['children', 'person'],
  ['bikes', 'bicycle'],
  ['sofa', 'couch'],
  ['TV', 'tv'],
  ['monitor', 'tv'],
  ['smart-phone', 'cell phone'],
  ['puppies', 'dog'],
  ['ties', 'tie'],
  ['hot dogs', 'hot dog'],
  ['a red sports car', 'car'],
  ['the dog on the left', 'dog'],
  ['man wearing a tie', 'person'],
  ['cup of coffee', 'cup'],
  ['3 zebras', 'zebra'],
  ['computer mouse', 'mouse'],
  ['dining tables', 'dining table'],
])('%s is looked for as %s', (wording, kind) => expect(kindOf(wording)).toBe(kind));

test.each([
  'car door',
  'hot dog stand',
  'glasses',
  'sunglasses',
  'number plate',
  'minaret',
  'constructor',
  '',
  '猫',
  '  ',
])('%j is none of the 80', (wording) => expect(kindOf(wording)).toBeUndefined());

test('what cannot be looked for, or only as something wider, is said', () => {
  expect(coco80.remarks?.(['dog', 'sofas'])).toEqual([]);
  expect(coco80.remarks?.(['dog', 'minaret'])?.join()).toMatch(/"minaret" cannot be looked for.*80 everyday kinds/);
  expect(coco80.remarks?.(['woman'])?.join()).toMatch(/"woman" is looked for as any "person"/);
  expect(coco80.remarks?.(['man', 'woman'])?.join()).toMatch(/"man" and "woman" cannot be told apart.*"person"/);
});
