/** A batch of ten times as many lines takes no more of Redis: `npm run bench -- batch` shows it for 200,000. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { redisInfo } from '../../shared/redis.ts';
import { type BatchBench, requestLine, startBatchCluster } from '../batch-cluster.ts';
import { replayModels, type TestCluster } from '../harness.ts';

const WINDOW = 50;
let cluster: TestCluster;
let bench: BatchBench;

beforeAll(async () => {
  ({ cluster, bench } = await startBatchCluster({
    models: replayModels({ turns: 1, concurrency: 16 }),
    env: { COTA_BATCH_WINDOW_LINES: String(WINDOW), COTA_MAX_IN_FLIGHT: '48' },
  }));
}, 60_000);
afterAll(() => cluster.stop());

/** Runs a batch. @returns the most that Redis held meanwhile: bytes, and keys of runs */
async function most(lines: number): Promise<{ bytes: number; runs: number }> {
  const { redis } = cluster.shared;
  const all = Array.from({ length: lines }, (_, index) =>
    requestLine(`line-${index}`, { model: 'replayed', input: `Question ${index}`, cota: { tools: [] } }),
  );
  const made = await bench.create(all);
  const peak = { bytes: 0, runs: 0 };
  let over = false;
  const watching = (async () => {
    while (!over) {
      const used = Number((await redisInfo(redis, 'memory')).get('used_memory'));
      peak.bytes = Math.max(peak.bytes, used);
      let runs = 0;
      for (const key of await redis.keys('cota:{s*:run:*')) if (key !== '') runs += 1;
      peak.runs = Math.max(peak.runs, runs);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  const batch = await bench.over(made, 60_000);
  over = true;
  await watching;
  expect(batch.counts).toEqual({ completed: lines, failed: 0 });
  return peak;
}

it('holds a few windows of runs in Redis, however long the batch is', { timeout: 120_000 }, async () => {
  // The first one warms up what is kept once: scripts, queues, the fleet.
  await most(WINDOW * 2);
  const short = await most(WINDOW * 4);
  const long = await most(WINDOW * 40);
  // Lines wanted at a time are twice the runs in flight, so at most that and the windows that it takes to reach it.
  expect(long.runs).toBeLessThanOrEqual(96 + 3 * WINDOW);
  expect(long.bytes - short.bytes).toBeLessThan(2 * 1024 * 1024);
  expect(await cluster.shared.redis.keys('cota:{s*:run:*')).toEqual([]);
});
