import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../harness.ts';
import { MODEL, models, SCHEDULER, submitWitnessed, TOOLS, witnessed } from './witness.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster({ models });
});
afterAll(() => cluster.stop());

it('a worker that was frozen past its lock cannot overwrite what another one did meanwhile', async () => {
  cluster.start(MODEL);
  cluster.start(SCHEDULER);
  const frozen = cluster.start(TOOLS);
  const id = await submitWitnessed(cluster, { label: 'a', actions: 1, actionMs: 1_000 });
  await cluster.until('the action began', async () => witnessed(cluster).has('a/0'));
  frozen.kill('SIGSTOP');
  const other = cluster.start(TOOLS);
  const run = await cluster.closed(id);
  const before = await cluster.trace(id);
  expect(run.steps[1]).toMatchObject({ observation: { ok: true, result: { pid: other.pid } } });

  frozen.kill('SIGCONT');
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(await cluster.trace(id)).toEqual(before);
  expect((await cluster.shared.runs.read(id))?.steps[1]).toEqual(run.steps[1]);
  expect(witnessed(cluster).get('a/0')).toEqual([String(frozen.pid), String(other.pid)]);

  // The one that woke up goes on to work as any other.
  other.kill('SIGKILL');
  const next = await submitWitnessed(cluster, { label: 'b', actions: 1 });
  expect((await cluster.closed(next)).steps[1]).toMatchObject({ observation: { result: { pid: frozen.pid } } });
});
