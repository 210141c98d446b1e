import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../harness.ts';
import { checkTraces, MODEL, models, SCHEDULER, submitWitnessed, TOOLS, witnessed } from './witness.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster({ models });
});
afterAll(() => cluster.stop());

it('a store outage delays runs, loses nothing and repeats no step', { timeout: 60_000 }, async () => {
  for (const entry of [MODEL, TOOLS, SCHEDULER]) cluster.start(entry);
  const runs = new Map<string, { id: string; actions: number }>();
  for (let i = 0; i < 30; i++) {
    const label = `r${i}`;
    runs.set(label, {
      id: await submitWitnessed(cluster, { label, actions: 2, actionMs: 100, turnMs: 50 }),
      actions: 2,
    });
  }
  await cluster.until('some actions', async () => witnessed(cluster).size > 5);
  const root = join(cluster.dir, 'store');
  await rename(root, `${root}-away`);
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  const meanwhile = await Promise.all([...runs.values()].map(({ id }) => cluster.shared.runs.read(id)));
  expect(meanwhile.filter((run) => run?.outcome?.status === 'failed')).toEqual([]);
  expect(
    meanwhile.some((run) => run?.status === 'finalizing'),
    'runs that ended wait for the store',
  ).toBe(true);
  await rename(`${root}-away`, root);
  for (const { id } of runs.values()) await cluster.closed(id, 30_000);
  await checkTraces(cluster, runs);
  expect(
    [...witnessed(cluster).values()].filter((pids) => pids.length > 1),
    'actions carried out twice',
  ).toEqual([]);
  for (const { id } of runs.values()) expect((await cluster.shared.runs.read(id))?.usage.replies).toBe(3);
});
