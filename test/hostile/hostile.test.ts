/** A sample of `npm run hostile`, which makes a thousand of these calls. */
import { expect, test } from 'vitest';
import { TOOLS } from '../../workers/tools/registry.ts';
import { runHostileCalls } from './run.ts';

test('hostile calls end in observations, reach nothing of the host and hold nothing up', async () => {
  const { told, broken, longestPauseMs } = await runHostileCalls(TOOLS, TOOLS.length * 10);
  expect(broken).toEqual([]);
  expect(told).toHaveLength(TOOLS.length * 10);
  expect(new Set(told.map(({ outcome }) => outcome)).size).toBeGreaterThan(3);
  // A lock is renewed every fifteen seconds.
  expect(longestPauseMs).toBeLessThan(5_000);
}, 240_000);
