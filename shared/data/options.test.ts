import { describe, expect, test } from 'vitest';
import { optionLetter, optionsIn } from './options.ts';

test.each([
  ['What costs 4?\nA. tea\nB. soup', ['tea', 'soup']],
  ["Which?\nOptions:\n(A) 1.50\n(B) 3.90\nAnswer with the option's letter.", ['1.50', '3.90']],
  ['Which one, (A) red, (B) blue or green?', ['red', 'blue or green?']],
  ['Which is it? A: 4 B: 5', ['4', '5']],
  ['What does point A: show?', undefined],
  ['A plain question.', undefined],
])('options of %j', (question, choices) => {
  expect(optionsIn(question)?.choices).toEqual(choices);
});

describe('the letter', () => {
  const prices = ['1.90', '8.00', '8.29 mg', '1250'];
  test.each([
    ['8', prices, 'B'],
    ['$8.00', prices, 'B'],
    ['8.29', prices, 'C'],
    ['1,250', prices, 'D'],
    ['d', prices, 'D'],
    ['9', prices, undefined],
    ['norway', ['Pescita', 'Norway'], 'B'],
    ['soup', ['Lentil Soup', 'Tea'], 'A'],
    ['soup', ['Lentil Soup', 'Onion Soup'], undefined],
    ['', prices, undefined],
    // An option that is a letter is meant before the letter that stands before another one.
    ['b', ['b', 'a'], 'A'],
  ])('of %j among %j is %s', (answer, choices, letter) => {
    expect(optionLetter(answer, choices)).toBe(letter);
  });
});
