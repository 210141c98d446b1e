import { ulid } from 'ulid';
import { expect, test } from 'vitest';
import { newDocumentId } from '../documents.ts';
import { newRunId } from '../keys.ts';
import { timeOfId } from './upkeep.ts';

test('the time of a thing is in its id', () => {
  const before = Date.now();
  for (const id of [newRunId(), newDocumentId('file-'), newDocumentId('batch_')]) {
    const time = timeOfId(id);
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(Date.now());
  }
  const long = Date.UTC(2020, 1, 2);
  expect(timeOfId(`run_0f${ulid(long).toLowerCase()}abcdef`)).toBe(long);
});

test('what is no id of ours has no time', () => {
  for (const id of ['', 'run_', 'run_00', 'x'.repeat(40), 'file-short', `run_00${'u'.repeat(26)}abcdef`]) {
    expect(timeOfId(id)).toBeUndefined();
  }
});
