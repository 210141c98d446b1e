import { expect, test } from 'vitest';
import { bytesOf, secondsOf, wordsOf } from './units.ts';

test.each([
  ['45s', 45],
  ['90m', 5_400],
  ['12h', 43_200],
  ['90d', 7_776_000],
])('%s is a time', (text, seconds) => {
  expect(secondsOf('expires', text)).toBe(seconds);
});

test.each(['', '5', 'd', '1.5h', '-1d', '3w', '9999999999d'])('"%s" is none', (text) => {
  expect(() => secondsOf('expires', text)).toThrow(`--expires takes a time such as 45m, 12h or 90d, not "${text}"`);
});

test.each([
  ['0', 0],
  ['1000', 1_000],
  ['5k', 5_120],
  ['1.5MB', 1_572_864],
  ['50 GB', 53_687_091_200],
  ['2TiB', 2_199_023_255_552],
])('%s is a size', (text, bytes) => {
  expect(bytesOf('stored-bytes', text)).toBe(bytes);
});

test.each(['', 'GB', '5 apples', '-5MB', '99999999999TB'])('"%s" is none', (text) => {
  expect(() => bytesOf('stored-bytes', text)).toThrow('--stored-bytes takes a number of bytes');
});

test('words between commas', () => {
  expect(wordsOf(' runs, ,webhooks,')).toEqual(['runs', 'webhooks']);
});
