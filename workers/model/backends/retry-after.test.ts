import { expect, it } from 'vitest';
import { retryAfterMs } from './retry-after.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

it.each<[string, Record<string, string>, number | undefined]>([
  ['seconds', { 'retry-after': '7' }, 7000],
  ['parts of a second', { 'retry-after': '0.25' }, 250],
  ['an HTTP date', { 'retry-after': 'Sun, 01 Mar 2026 12:00:30 GMT' }, 30_000],
  ['a date that has passed', { 'retry-after': 'Sun, 01 Mar 2026 11:00:00 GMT' }, 0],
  ['milliseconds, which are exacter', { 'retry-after-ms': '1500', 'retry-after': '2' }, 1500],
  [
    'a used-up limit of requests',
    { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '1m30s' },
    90_000,
  ],
  [
    'the longer of two used-up limits',
    {
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '120ms',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '6.5s',
    },
    6500,
  ],
  [
    'a limit that is not used up',
    { 'x-ratelimit-remaining-tokens': '10', 'x-ratelimit-reset-tokens': '6s' },
    undefined,
  ],
  ['words', { 'retry-after': 'soon' }, undefined],
  ['nothing', {}, undefined],
])('reads %s', (_, headers, expected) => {
  expect(retryAfterMs(new Headers(headers), NOW)).toBe(expected);
});
