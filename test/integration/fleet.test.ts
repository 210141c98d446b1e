import type { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { announce, type WorkerCard, watchFleet } from '../../shared/fleet.ts';
import { keys } from '../../shared/keys.ts';
import { openRedis } from '../../shared/redis.ts';
import { openLog } from '../../shared/telemetry.ts';
import { type RedisServer, startRedis } from '../redis-server.ts';

let server: RedisServer;
let redis: Redis;
beforeAll(async () => {
  server = await startRedis();
  redis = openRedis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

it('passes over cards and tools of a newer version, so that a rolling deploy blinds nobody', async () => {
  const log = openLog('test', 'silent');
  const me: WorkerCard = {
    ...{ id: 'here', kind: 'model', pid: 1, host: 'h', queues: ['q'], models: { m: 2 }, tools: [], startedAt: 1 },
  };
  const presence = await announce(redis, me, [], 60_000, log);
  await redis.sadd(keys.workers, 'newer', 'broken');
  await redis.set(keys.worker('newer'), JSON.stringify({ ...me, id: 'newer', kind: 'a kind of tomorrow' }));
  await redis.set(keys.worker('broken'), '{');
  await redis.hset(keys.tools, 'Newer', JSON.stringify({ name: 'Newer' }));
  const fleet = await watchFleet(redis, 60_000, log);
  expect(fleet.workers().map(({ id }) => id)).toEqual(['here']);
  expect(fleet.concurrencyOf('m')).toBe(2);
  expect(fleet.tools()).toEqual([]);
  fleet.close();
  await presence.leave();
});
