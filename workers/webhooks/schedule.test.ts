import { describe, expect, test } from 'vitest';
import { readEnv } from '../../shared/env.ts';
import { askedPause, pauseAfter } from './schedule.ts';

const HOUR = 3_600_000;
const table = readEnv({}).COTA_WEBHOOK_RETRY_S;

test('ten tries over three days: the table of Standard Webhooks', () => {
  const pauses = table.map((_, index) => pauseAfter(index + 1, table, undefined, 0.5));
  expect(pauses).toEqual([5_000, 300_000, 1_800_000, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR]);
  expect(pauses.reduce((sum: number, pause) => sum + (pause ?? 0), 0)).toBe(75 * HOUR + 35 * 60_000 + 5_000);
  expect(pauseAfter(10, table, undefined, 0.5)).toBeUndefined();
});

test('each pause varies by a fifth and no more', () => {
  for (const [index, seconds] of table.entries()) {
    expect(pauseAfter(index + 1, table, undefined, 0)).toBeCloseTo(seconds * 800);
    expect(pauseAfter(index + 1, table, undefined, 1)).toBeCloseTo(seconds * 1_200);
    const drawn = Array.from({ length: 200 }, () => pauseAfter(index + 1, table, undefined, Math.random()) ?? 0);
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(seconds * 799.9);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(seconds * 1_200.1);
    expect(new Set(drawn).size).toBeGreaterThan(150);
  }
});

test('Retry-After makes a pause longer, never shorter, and never longer than a day', () => {
  expect(pauseAfter(1, table, 60_000, 0.5)).toBe(60_000);
  expect(pauseAfter(4, table, 60_000, 0.5)).toBe(2 * HOUR);
  expect(pauseAfter(1, table, 100 * HOUR, 0.5)).toBe(24 * HOUR);
  expect(pauseAfter(10, table, 60_000, 0.5)).toBeUndefined();
});

describe('Retry-After', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');
  test.each([
    ['120', 120_000],
    [' 5 ', 5_000],
    ['Sun, 01 Mar 2026 12:10:00 GMT', 600_000],
    ['Sun, 01 Mar 2026 11:00:00 GMT', undefined],
    ['soon', undefined],
    ['-5', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s', (header, ms) => {
    expect(askedPause(header, now)).toBe(ms);
  });
});
