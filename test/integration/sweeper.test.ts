import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sweep } from '../../services/scheduler/sweeper.ts';
import { join as announceAs, type Cluster, openCluster } from '../../shared/cluster.ts';
import type { StepJob } from '../../shared/contract.ts';
import { readEnv } from '../../shared/env.ts';
import { keys, newRunId } from '../../shared/keys.ts';
import { holderQueue, modelQueue, versionQueue } from '../../shared/queues.ts';
import { QUICK, testConfig } from '../harness.ts';
import { type RedisServer, startRedis } from '../redis-server.ts';

let dir: string;
let server: RedisServer;
let cluster: Cluster;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cota-sweeper-'));
  server = await startRedis({ dir: join(dir, 'redis'), appendonly: false });
  const env = readEnv({
    ...QUICK,
    COTA_REDIS_URL: server.url,
    COTA_STORE_ROOT: join(dir, 'store'),
    COTA_LOG_LEVEL: 'silent',
    COTA_WORKER_ID: 'holder-1',
  });
  cluster = await openCluster('test', env);
});
afterAll(async () => {
  await cluster.lifecycle.stop('test is over');
  await server.stop();
  await rm(dir, { recursive: true, force: true });
});

/** A run at its first turn, overdue. */
async function overdue(): Promise<StepJob> {
  const id = newRunId();
  await cluster.runs.create({ id, tenant: 'default', config: testConfig({}) });
  await cluster.runs.start(id);
  await cluster.redis.zadd(keys.due(id), 1, id);
  return { runId: id, step: 0, epoch: 0 };
}
const dueOf = async (id: string) => Number(await cluster.redis.zscore(keys.due(id), id));

it('hands out anew what is in no queue, and leaves in peace what is', async () => {
  const lost = await overdue();
  const waiting = await overdue();
  await cluster.queues.enqueue({ queue: modelQueue('replayed'), priority: 0 }, waiting);
  await sweep(cluster);
  expect(await cluster.runs.read(lost.runId)).toMatchObject({ epoch: 1 });
  expect(await cluster.queues.holds(modelQueue('replayed'), { ...lost, epoch: 1 })).toBe(true);
  expect(await cluster.runs.read(waiting.runId)).toMatchObject({ epoch: 0 });
});

it('stops in the middle of a pass when its lease is lost', async () => {
  const jobs = [await overdue(), await overdue(), await overdue()];
  let asked = 0;
  expect(await sweep(cluster, () => asked++ < 1)).toBe(1);
  const epochs = await Promise.all(jobs.map(async ({ runId }) => (await cluster.runs.read(runId))?.epoch ?? 0));
  expect(epochs.reduce((sum, epoch) => sum + epoch)).toBe(1);
  await sweep(cluster);
});

it('puts a record that it cannot read off, so that it does not stand before the others', async () => {
  const { runId } = await overdue();
  await cluster.redis.hset(keys.run(runId), 'version', 2);
  await sweep(cluster);
  expect(await dueOf(runId)).toBeGreaterThan(Date.now());
});

it('leaves a turn in the shared queue in peace, although the holder of its prefix is alive again', async () => {
  await announceAs(cluster, { kind: 'model' });
  await cluster.fleet.refresh();
  const job = await overdue();
  await cluster.redis.hset(keys.run(job.runId), 'holder', 'holder-1');
  await cluster.queues.enqueue({ queue: modelQueue('replayed'), priority: 0 }, job);
  await sweep(cluster);
  expect(await cluster.runs.read(job.runId)).toMatchObject({ epoch: 0 });
  expect(await cluster.queues.holds(holderQueue('replayed', 'holder-1'), { ...job, epoch: 1 })).toBe(false);
});

it('leaves in peace what was handed on to workers of its version, and hands out anew what their last one left behind', async () => {
  const shared = modelQueue('replayed');
  const [served, left] = [versionQueue(shared, 'here'), versionQueue(shared, 'gone')];
  const card = { id: 'version-1', queues: [shared, served], modelVersions: { replayed: 'here' } };
  await announceAs(cluster, { kind: 'model', ...card });
  await cluster.fleet.refresh();
  const peaceful = await overdue();
  await cluster.queues.enqueue({ queue: served, priority: 0 }, peaceful);
  const lost = await overdue();
  await cluster.queues.enqueue({ queue: left, priority: 0 }, lost);
  await sweep(cluster);
  expect(await cluster.runs.read(peaceful.runId)).toMatchObject({ epoch: 0 });
  expect(await cluster.runs.read(lost.runId)).toMatchObject({ epoch: 1 });
  expect(await cluster.queues.holds(shared, { ...lost, epoch: 1 })).toBe(true);
});
