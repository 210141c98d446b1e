import { expect, test } from 'vitest';
import { openAtOnce } from './at-once.ts';

const refused = expect.objectContaining({ code: 'rate_limit_exceeded', retryAfterMs: 1_000 });

test('so many requests of a tenant at a time, and no tenant takes the place of another', () => {
  const atOnce = openAtOnce(2, 1_000);
  const first = atOnce.take('a', 0);
  atOnce.take('a', 0);
  expect(() => atOnce.take('a', 0)).toThrow(refused);
  atOnce.take('b', 0);
  first();
  first();
  atOnce.take('a', 0);
  expect(() => atOnce.take('a', 0)).toThrow(refused);
});

test('so many bytes of bodies at a time; a single one always has room', () => {
  const atOnce = openAtOnce(0, 1_000);
  const large = atOnce.take('a', 5_000);
  expect(() => atOnce.take('a', 1)).toThrow(refused);
  atOnce.take('a', 0);
  atOnce.take('b', 900);
  expect(() => atOnce.take('b', 200)).toThrow(refused);
  large();
  atOnce.take('a', 1_000);
});
