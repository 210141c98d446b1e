import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Proc, startTestCluster, type TestCluster } from '../harness.ts';
import { checkTraces, MODEL, models, SCHEDULER, submitWitnessed, TOOLS, witnessed } from './witness.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster({ models });
});
afterAll(() => cluster.stop());

it('a run whose step ends its process fails alone; its fifteen neighbours go on', { timeout: 90_000 }, async () => {
  cluster.start(MODEL);
  cluster.start(SCHEDULER);
  // As an orchestrator would: a worker that dies is started again.
  let stopped = false;
  const deaths: (number | string)[] = [];
  const supervise = (proc: Proc): void => {
    void proc.exited.then((how) => {
      if (stopped) return;
      deaths.push(how);
      supervise(cluster.start(TOOLS));
    });
  };
  supervise(cluster.start(TOOLS));
  const runs = new Map<string, { id: string; actions: number }>();
  for (let i = 0; i < 15; i++) {
    const label = `n${i}`;
    runs.set(label, { id: await submitWitnessed(cluster, { label, actions: 3, actionMs: 400 }), actions: 3 });
  }
  await cluster.until('the neighbours work', async () => witnessed(cluster).size >= 8);
  const poison = await submitWitnessed(cluster, { label: 'poison', actions: 1, die: true });
  const failed = await cluster.closed(poison, 60_000);
  expect(failed.outcome).toMatchObject({ status: 'failed', error: { code: 'poison' } });
  for (const { id } of runs.values()) await cluster.closed(id, 60_000);
  stopped = true;
  await checkTraces(cluster, runs);
  expect(deaths).toEqual(['SIGKILL', 'SIGKILL']);
  expect(witnessed(cluster).get('poison/0')?.length, 'twice in a worker, once in quarantine').toBe(3);
});
