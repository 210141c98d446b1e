import { afterAll, beforeAll, expect, it } from 'vitest';
import { keys } from '../../shared/keys.ts';
import { replayModels, startTestCluster, type TestCluster } from '../harness.ts';
import { MODEL, SCHEDULER, submitWitnessed, TOOLS, witnessed } from './witness.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster({
    models: replayModels({ concurrency: 1 }),
    env: { COTA_CONCURRENCY: '1', COTA_MAX_IN_FLIGHT: '3' },
  });
  for (const entry of [MODEL, TOOLS, SCHEDULER]) cluster.start(entry);
});
afterAll(() => cluster.stop());

async function cancel(id: string): Promise<number> {
  const started = performance.now();
  const { runs, redis } = cluster.shared;
  expect(await runs.end(id, { status: 'cancelled', stopReason: 'cancelled' }, { tenant: 'default' })).toMatchObject({
    is: 'ok',
  });
  await redis.publish(keys.cancelChannel, id);
  return started;
}
/** The one slot of the queue is free again when a new run gets through. */
async function slotIsFree(label: string): Promise<void> {
  const id = await submitWitnessed(cluster, { label, actions: 1 });
  expect((await cluster.closed(id, 5_000)).outcome).toMatchObject({ status: 'completed' });
}

it('stops a run whose model turn is under way', async () => {
  const id = await submitWitnessed(cluster, { label: 'turn', actions: 1, turnMs: 120_000 });
  await cluster.until('the turn began', async () => (await cluster.shared.runs.read(id))?.starts === 1);
  const started = await cancel(id);
  await slotIsFree('after-turn');
  expect(performance.now() - started).toBeLessThan(5_000);
  expect((await cluster.closed(id)).outcome?.status).toBe('cancelled');
});

it('stops a run whose action is under way', async () => {
  const id = await submitWitnessed(cluster, { label: 'action', actions: 1, actionMs: 50_000 });
  await cluster.until('the action began', async () => witnessed(cluster).has('action/0'));
  const started = await cancel(id);
  await slotIsFree('after-action');
  expect(performance.now() - started).toBeLessThan(5_000);
  expect((await cluster.closed(id)).steps).toHaveLength(1);
});

it('stops runs that wait: in their queue, and for admission', async () => {
  const busy = await submitWitnessed(cluster, { label: 'busy', actions: 1, turnMs: 120_000 });
  const queued = await submitWitnessed(cluster, { label: 'queued', actions: 1 });
  const other = await submitWitnessed(cluster, { label: 'other', actions: 1 });
  const pending = await submitWitnessed(cluster, { label: 'pending', actions: 1 });
  const { runs } = cluster.shared;
  await cluster.until('busy began', async () => (await runs.read(busy))?.starts === 1);
  expect((await runs.read(queued))?.status).toBe('running');
  expect((await runs.read(pending))?.status).toBe('pending');
  const started = await cancel(queued);
  await cancel(pending);
  for (const id of [queued, pending]) expect((await cluster.closed(id, 5_000)).outcome?.status).toBe('cancelled');
  expect(performance.now() - started).toBeLessThan(5_000);
  await cancel(busy);
  await cluster.closed(other);
  expect(witnessed(cluster).has('queued/0') || witnessed(cluster).has('pending/0')).toBe(false);
});
