import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../harness.ts';
import { checkTraces, MODEL, models, SCHEDULER, submitWitnessed, TOOLS, witnessed } from './witness.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster({ models });
});
afterAll(() => cluster.stop());

it('a killed worker repeats at most the one step of a run that it worked on', async () => {
  cluster.start(MODEL);
  cluster.start(SCHEDULER);
  const victim = cluster.start(TOOLS);
  const runs = new Map<string, { id: string; actions: number }>();
  for (const label of ['a', 'b', 'c', 'd']) {
    runs.set(label, { id: await submitWitnessed(cluster, { label, actions: 4, actionMs: 500 }), actions: 4 });
  }
  await cluster.until('second actions', async () => witnessed(cluster).has('a/1') && witnessed(cluster).has('d/1'));
  victim.kill('SIGKILL');
  cluster.start(TOOLS);
  for (const { id } of runs.values()) await cluster.closed(id);
  await checkTraces(cluster, runs);
  for (const label of runs.keys()) {
    const counts = [0, 1, 2, 3].map((index) => witnessed(cluster).get(`${label}/${index}`)?.length);
    expect(counts.filter((count) => count === 2).length, `repeats of run ${label}: ${counts}`).toBeLessThanOrEqual(1);
    expect(counts.every((count) => count === 1 || count === 2)).toBe(true);
  }
  expect(
    [...witnessed(cluster).values()].some((pids) => pids.length === 2),
    'the kill hit a step that was worked on',
  ).toBe(true);
});
