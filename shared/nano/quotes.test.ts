import { expect, it } from 'vitest';
import { encodeTurn, type NanoTurn, toText } from './format.ts';
import { sharedWords } from './quotes.ts';
import { openReading } from './read.ts';

const ROWS = [
  'Item\tSize\tPrice',
  'Green tea\tsmall\t2.50',
  'Black tea\tsmall\t3.00',
  'Lemon cake\tlarge\t4.20',
  'Pie\tbig\t9',
];

function said(
  question: string,
  quotes: readonly number[],
  rows: readonly string[] = ROWS,
  { found = false, placed = false } = {},
): string {
  const read = openReading(question);
  read.add({ rows, found });
  return toText(encodeTurn({ quotes, placed, action: 'unknown' } satisfies NanoTurn, read)).replace(
    '<unknown><end>',
    '',
  );
}

it('quotes a row from the words that the question shares with it alone', () => {
  expect(said('How much is the Black Tea?', [2])).toBe('black tea<c1>small<c2>3.00<r2>');
  expect(said('which costs 4.20?', [3])).toBe('4.20<r3>lemon cake<c1>large<c2><r3>');
  expect(said('price of green tea', [0, 1])).toBe('price<r0>item<c1>size<c2><r0>green tea<c1>small<c2>2.50<r1>');
  expect(said('what costs 9', [4])).toBe('9<r4>pie<c1>big<c2><r4>');
});

it('quotes a row that no words tell whole, or by its mark first where its place tells it, several by their marks', () => {
  expect(said('how much is tea', [1])).toBe('green tea<c1>small<c2>2.50<r1>');
  expect(said('the first tea', [1], ROWS, { placed: true })).toBe('<r1>green tea<c1>small<c2>2.50<r1>');
  expect(said('what is dearest?', [1, 2, 3])).toBe('<r1><r2><r3>');
  expect(said('which price is the highest?', [0, 1, 2])).toBe('price<r0>item<c1>size<c2><r0><r1><r2>');
  expect(said('the second price', [0, 2], ROWS, { placed: true })).toBe(
    'price<r0>item<c1>size<c2><r0><r2>black tea<c1>small<c2>3.00<r2>',
  );
  const cats = ['cat\t10 10 90', 'cat\t20 10 90', 'cat\t30 10 80'];
  expect(said('how many cats?', [0, 2], cats, { found: true })).toBe('<r0><r2>');
});

it('quotes a row whole that alone begins with the words, wherever else they stand', () => {
  expect(said('solve 3', [1], ['2) x + 3 = 5', '3) x + 4 = 9'])).toBe('3) x + 4 = 9<r1>');
});

it.each([
  ['lemon cakes', 'how much are lemon cakes', 0, 11],
  ['two lemon cakes', 'how much is a lemon cake', 4, 10],
  ['the end', 'what is the total', 0, 0],
  ['theatre 5', 'what is the total', 0, 0],
  ['a 42 b', 'which has 42?', 2, 2],
  ['a 421 b', 'which has 42?', 0, 0],
  ['', '', 0, 0],
])('finds the words that %j and %j share', (row, question, at, length) => {
  expect(sharedWords(row, question)).toEqual({ at, length });
});
