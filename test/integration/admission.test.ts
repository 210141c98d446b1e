import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunConfig } from '../../shared/contract.ts';
import { type Fleet, watchFleet } from '../../shared/fleet.ts';
import { keys, newRunId } from '../../shared/keys.ts';
import { modelQueue, openQueues, type Queues } from '../../shared/queues.ts';
import { openRedis } from '../../shared/redis.ts';
import { type Admission, openAdmission } from '../../shared/run/admission.ts';
import { openRunStore, type RunStore } from '../../shared/run/run-store.ts';
import { openLog } from '../../shared/telemetry.ts';
import { testConfig } from '../harness.ts';
import { type RedisServer, startRedis } from '../redis-server.ts';

let dir: string;
let server: RedisServer;
let redis: Redis;
let runs: RunStore;
let queues: Queues;
let fleet: Fleet;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cota-admission-'));
  server = await startRedis({ dir, appendonly: false });
  redis = openRedis(server.url);
  runs = openRunStore(redis, 60_000);
  queues = openQueues(redis);
  fleet = await watchFleet(redis, 60_000, openLog('test', 'silent'));
});
afterAll(async () => {
  fleet.close();
  await queues.close();
  redis.disconnect();
  await server.stop();
  await rm(dir, { recursive: true, force: true });
});
beforeEach(() => redis.flushall());

async function submit(
  admission: Admission,
  tenant: string,
  priority: RunConfig['priority'] = 'interactive',
): Promise<string> {
  const id = newRunId();
  const config = testConfig({ priority });
  await runs.create({ id, tenant, config });
  await admission.enter({ id, tenant, config });
  return id;
}
const open = (limit: number) => openAdmission(redis, runs, queues, fleet, limit);
const statuses = async (ids: string[]) => Promise.all(ids.map(async (id) => (await runs.read(id))?.status));
async function close(admission: Admission, id: string): Promise<void> {
  await runs.end(id, { status: 'cancelled', stopReason: 'cancelled' });
  await runs.close(id, 60);
  const run = await runs.read(id);
  if (!run) throw new Error('a closed run has its record');
  await admission.leave(run);
}

describe('admission', () => {
  it('starts no more runs than the limit, and the next one when a slot falls free', async () => {
    const admission = open(2);
    const ids = [await submit(admission, 'a'), await submit(admission, 'a'), await submit(admission, 'a')];
    expect(await statuses(ids)).toEqual(['running', 'running', 'pending']);
    expect(await admission.load('replayed')).toEqual({ pending: 1, inFlight: 2, limit: 2 });
    await close(admission, ids[0] as string);
    expect(await statuses(ids)).toEqual(['closed', 'running', 'running']);
    expect((await queues.counts(modelQueue('replayed'))).prioritized).toBe(3);
  });

  it('takes tenants in turn, so that a large tenant does not stand before a small one', async () => {
    const admission = open(2);
    const large: string[] = [];
    for (let i = 0; i < 6; i++) large.push(await submit(admission, 'large'));
    const small = await submit(admission, 'small');
    await close(admission, large[0] as string);
    await close(admission, large[1] as string);
    expect(await statuses([small])).toEqual(['running']);
  });

  it('lets interactive runs go first but keeps a tenth of the slots for batch runs that wait', async () => {
    const admission = open(10);
    const first: string[] = [];
    for (let i = 0; i < 10; i++) first.push(await submit(admission, 'a'));
    const batch = [await submit(admission, 'b', 'batch'), await submit(admission, 'b', 'batch')];
    const waiting = [await submit(admission, 'a'), await submit(admission, 'a')];
    await close(admission, first[0] as string);
    expect(await statuses([...batch, ...waiting])).toEqual(['running', 'pending', 'pending', 'pending']);
    await close(admission, first[1] as string);
    expect(await statuses([...batch, ...waiting])).toEqual(['running', 'pending', 'running', 'pending']);
  });

  it('lets batch runs use every slot while nobody else asks', async () => {
    const admission = open(3);
    const batch = [
      await submit(admission, 'b', 'batch'),
      await submit(admission, 'b', 'batch'),
      await submit(admission, 'b', 'batch'),
    ];
    expect(await statuses(batch)).toEqual(['running', 'running', 'running']);
  });

  it('starts nothing on a model that no worker serves', async () => {
    const admission = open(0);
    const id = await submit(admission, 'a');
    expect(await statuses([id])).toEqual(['pending']);
  });

  it('entering twice is entering once', async () => {
    const admission = open(1);
    await submit(admission, 'a');
    const id = await submit(admission, 'a');
    await admission.enter({ id, tenant: 'a', config: testConfig({}) });
    expect((await admission.load('replayed')).pending).toBe(1);
  });

  it('starts a run that was admitted by a process which died before it started it', async () => {
    const admission = open(5);
    const id = newRunId();
    await runs.create({ id, tenant: 'a', config: testConfig({}) });
    await redis.zadd(keys.flight('replayed', 'interactive'), '1', id);
    await admission.reconcile('replayed', 1_000);
    expect(await statuses([id])).toEqual(['running']);
  });

  it('passes over runs that were cancelled while they waited', async () => {
    const admission = open(1);
    const first = await submit(admission, 'a');
    const cancelled = [await submit(admission, 'a'), await submit(admission, 'a'), await submit(admission, 'a')];
    const last = await submit(admission, 'a');
    for (const id of cancelled) await close(admission, id);
    await close(admission, first);
    expect(await statuses([last])).toEqual(['running']);
  });

  it('keeps no run that was cancelled while it waited for a model that no worker serves', async () => {
    const admission = open(0);
    const gone = [await submit(admission, 'a'), await submit(admission, 'a', 'batch'), await submit(admission, 'b')];
    const left = await submit(admission, 'b');
    for (const id of gone) await close(admission, id);
    expect(await admission.load('replayed')).toMatchObject({ pending: 1 });
    const found = (await redis.keys('cota:{a.replayed}:*')).sort();
    expect(found).toEqual([
      keys.pending('replayed', 'interactive', 'b'),
      // No turn for a tenant that waits for none.
      keys.turn('replayed', 'interactive'),
    ]);
    expect(await redis.zrange(keys.pending('replayed', 'interactive', 'b'), '0', '-1')).toEqual([left]);
    expect(await redis.lrange(keys.turn('replayed', 'interactive'), 0, -1)).toEqual(['b']);
  });

  it('lets go of closed runs and of runs that are gone', async () => {
    const admission = open(5);
    const id = await submit(admission, 'a');
    await runs.end(id, { status: 'cancelled', stopReason: 'cancelled' });
    await runs.close(id, 60);
    await redis.zadd(keys.flight('replayed', 'interactive'), '1', id, '1', newRunId());
    await admission.reconcile('replayed', 1_000);
    expect((await admission.load('replayed')).inFlight).toBe(0);
  });
});
