import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../harness.ts';
import { checkTraces, MODEL, models, SCHEDULER, submitWitnessed, TOOLS, witnessed } from './witness.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster({ models, env: { COTA_GRACE_MS: '1500' } });
});
afterAll(() => cluster.stop());

it('SIGTERM lets short steps end and gives long ones back, spending no attempt and no stall', async () => {
  cluster.start(MODEL);
  cluster.start(SCHEDULER);
  const first = cluster.start(TOOLS);
  const short = await submitWitnessed(cluster, { label: 'short', actions: 1, actionMs: 900 });
  const long = await submitWitnessed(cluster, { label: 'long', actions: 1, actionMs: 4_000 });
  await cluster.until('both began', async () => witnessed(cluster).size === 2);
  first.kill('SIGTERM');
  expect(await first.exited).toBe(0);
  expect((await cluster.closed(short)).steps[1]).toMatchObject({ observation: { result: { pid: first.pid } } });
  expect(await cluster.shared.runs.read(long)).toMatchObject({ status: 'running', starts: 0, fails: 0, epoch: 0 });

  const second = cluster.start(TOOLS);
  const run = await cluster.closed(long);
  expect(run.steps[1]).toMatchObject({ observation: { result: { pid: second.pid } } });
  expect(run.epoch, 'it was waiting in its queue, nobody had to look for it').toBe(0);
  await checkTraces(
    cluster,
    new Map([
      ['short', { id: short, actions: 1 }],
      ['long', { id: long, actions: 1 }],
    ]),
  );
  expect(witnessed(cluster).get('short/0')).toHaveLength(1);
});

it('every process ends with code 0 on SIGTERM', async () => {
  for (const proc of cluster.procs.filter((running) => running.child.exitCode === null)) {
    proc.kill('SIGTERM');
    expect(await proc.exited, proc.name).toBe(0);
  }
});
