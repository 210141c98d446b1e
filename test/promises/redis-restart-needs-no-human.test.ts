import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../harness.ts';
import { checkTraces, MODEL, models, SCHEDULER, submitWitnessed, TOOLS, witnessed } from './witness.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster({ models });
});
afterAll(() => cluster.stop());

it('a Redis that is killed and comes back needs no human', { timeout: 90_000 }, async () => {
  const procs = [MODEL, TOOLS, SCHEDULER].map((entry) => cluster.start(entry));
  const runs = new Map<string, { id: string; actions: number }>();
  for (let i = 0; i < 40; i++) {
    const label = `r${i}`;
    runs.set(label, {
      id: await submitWitnessed(cluster, { label, actions: 4, actionMs: 200, turnMs: 100 }),
      actions: 4,
    });
  }
  for (const pauseMs of [300, 1_500]) {
    await cluster.until('some actions', async () => witnessed(cluster).size > 10);
    await cluster.redis.kill();
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    await cluster.restartRedis();
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
  for (const { id } of runs.values()) await cluster.closed(id, 60_000);
  await checkTraces(cluster, runs);
  expect(
    procs.map((proc) => proc.child.exitCode),
    'no process had to be started again',
  ).toEqual([null, null, null]);
});
