/** `npm run chaos:batch` shows the same for 20,000 lines, with production timings and the store away. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBatchBench, requestLine } from '../batch-cluster.ts';
import { startTestCluster, type TestCluster } from '../harness.ts';
import { MODEL, models, SCHEDULER, TOOLS, witnessed, writeRecording } from './witness.ts';

const LINES = 240;
let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster({ models, env: { COTA_BATCH_WINDOW_LINES: '30', COTA_MAX_IN_FLIGHT: '24' } });
});
afterAll(() => cluster.stop());

it('whatever is killed, each line comes out once, answered with its own words', { timeout: 120_000 }, async () => {
  const procs = new Map([MODEL, TOOLS, SCHEDULER].map((entry) => [entry, cluster.start(entry)]));
  const bench = openBatchBench(cluster);
  await cluster.until('workers', async () => {
    await cluster.shared.fleet.refresh();
    return cluster.shared.fleet.tools().length > 0 && cluster.shared.fleet.concurrencyOf('replayed') > 0;
  });
  const labels = Array.from({ length: LINES }, (_, index) => `line-${index}`);
  const lines = await Promise.all(
    labels.map(async (label) => {
      const key = await writeRecording(cluster, { label, actions: 1, turnMs: 40 });
      const cota = { tools: ['Witness'], replay: { key, observations: 'live' } };
      return requestLine(label, { model: 'replayed', input: label, cota });
    }),
  );
  const made = await bench.create(lines);
  const done = async (): Promise<number> => {
    const batch = await bench.batches.find('default', made.id);
    const { completed, failed } = batch ? await bench.batches.counts(batch) : { completed: 0, failed: 0 };
    return completed + failed;
  };
  const victims = [SCHEDULER, MODEL, 'redis', TOOLS, SCHEDULER];
  for (const [index, victim] of victims.entries()) {
    await cluster.until('progress', async () => (await done()) >= (LINES / 8) * (index + 1));
    if (victim === 'redis') {
      await cluster.restartRedis();
      continue;
    }
    const proc = procs.get(victim);
    proc?.kill('SIGKILL');
    await proc?.exited;
    procs.set(victim, cluster.start(victim));
  }
  const batch = await bench.over(made, 60_000);
  expect(batch).toMatchObject({ status: 'completed', counts: { completed: LINES, failed: 0 } });
  const output = await Array.fromAsync(bench.results(batch, 'output'));
  expect(output.map((line) => line.custom_id)).toEqual(labels);
  const answers = output.map((line) => {
    const items = line.response?.body.output as { type: string; content?: { text: string }[] }[];
    return items.findLast((item) => item.type === 'message')?.content?.[0]?.text;
  });
  expect(answers).toEqual(labels);
  expect(witnessed(cluster).size).toBe(LINES);
});
