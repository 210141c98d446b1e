/** Queues of single workers, and what is left in them when their worker has gone. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDeparted } from '../../services/scheduler/departed.ts';
import { sweep } from '../../services/scheduler/sweeper.ts';
import { join as announceAs, type Cluster } from '../../shared/cluster.ts';
import type { StepJob } from '../../shared/contract.ts';
import { keys, newRunId } from '../../shared/keys.ts';
import { holderQueue, modelQueue, quarantineOf } from '../../shared/queues.ts';
import { startStepWorkers } from '../../shared/worker.ts';
import { testConfig } from '../harness.ts';
import { sampleModelStep } from '../sample-run.ts';
import { startTestClusters, type TestClusters } from '../test-clusters.ts';

let clusters: TestClusters;
let cluster: Cluster;
beforeAll(async () => {
  clusters = await startTestClusters('departed');
  cluster = await clusters.open('scheduler');
});
afterAll(async () => {
  await cluster.lifecycle.stop('test is over');
  await clusters.stop();
});

const keysOf = async (queue: string): Promise<string[]> =>
  [...(await cluster.redis.keys(`{${queue}}:*`)), ...(await cluster.redis.keys(`{${quarantineOf(queue)}}:*`))].sort();

/** A worker with a queue of its own, which has done a step from it. */
async function holder(id: string): Promise<{ worker: Cluster; queue: string }> {
  const worker = await clusters.open(id);
  const queue = holderQueue('replayed', id);
  const actions = [{ name: 'Terminate', arguments: { answer: '2' } }];
  await startStepWorkers(worker, {
    queues: [{ name: queue, concurrency: 1 }],
    handle: async () => ({ type: 'replied', step: sampleModelStep('', { actions }), modelMs: 1 }),
    entry: '',
  });
  await announceAs(worker, { kind: 'model', queues: [queue], ownQueues: [queue] });
  const job = await run();
  await cluster.queues.enqueue({ queue, priority: 0 }, job);
  await expect.poll(async () => (await cluster.runs.read(job.runId))?.status, { timeout: 10_000 }).toBe('closed');
  await cluster.fleet.refresh();
  return { worker, queue };
}

async function run(): Promise<StepJob> {
  const runId = newRunId();
  await cluster.runs.create({ id: runId, tenant: 'default', config: testConfig({}) });
  await cluster.runs.start(runId);
  return { runId, step: 0, epoch: 0 };
}

async function stop(worker: Cluster): Promise<void> {
  await worker.lifecycle.stop('test');
  await cluster.fleet.refresh();
}

it('are cleared away with all their keys, but not while their worker lives or may come back', async () => {
  const { worker, queue } = await holder('gone');
  expect(await openDeparted(cluster, 0).clear()).toBe(0);
  await stop(worker);
  expect((await keysOf(queue)).length).toBeGreaterThan(0);
  expect(await openDeparted(cluster, 60_000).clear()).toBe(0);
  expect(await openDeparted(cluster, 0).clear()).toBe(1);
  expect(await keysOf(queue)).toEqual([]);
  expect(await cluster.redis.smembers(keys.ownQueues)).toEqual([]);
});

it('stay while a step is left in them, until the sweeper has handed it out again', async () => {
  const { worker, queue } = await holder('full');
  await stop(worker);
  const steps = [await run(), await run(), await run()] as const;
  const [waiting, delayed, quarantined] = steps;
  await cluster.queues.enqueue({ queue, priority: 1 }, waiting);
  await cluster.queues.enqueue({ queue, priority: 0 }, delayed, 60_000);
  await cluster.queues.enqueue({ queue: quarantineOf(queue), priority: 0 }, quarantined);
  const departed = openDeparted(cluster, 0);
  expect(await departed.clear()).toBe(0);
  expect(await cluster.queues.holds(queue, waiting)).toBe(true);

  for (const { runId } of steps) {
    await cluster.redis.hset(keys.run(runId), 'holder', 'full');
    await cluster.redis.zadd(keys.due(runId), 1, runId);
  }
  await sweep(cluster);
  for (const job of steps) {
    expect(await cluster.queues.holds(modelQueue('replayed'), { ...job, epoch: 1 })).toBe(true);
  }
  expect(await departed.clear()).toBe(1);
  expect(await keysOf(queue)).toEqual([]);
});

it('of a worker that comes back under its name are used again', async () => {
  const first = await holder('again');
  await stop(first.worker);
  expect(await openDeparted(cluster, 0).clear()).toBe(1);
  const second = await holder('again');
  expect(second.queue).toBe(first.queue);
  expect(await openDeparted(cluster, 0).clear()).toBe(0);
  await stop(second.worker);
});
