import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type ModelGate, openModelGate } from '../../shared/model-gate.ts';
import { openRedis } from '../../shared/redis.ts';
import { type RedisServer, startRedis } from '../redis-server.ts';

let server: RedisServer;
let redis: Redis;
let gate: ModelGate;
beforeAll(async () => {
  server = await startRedis();
  redis = openRedis(server.url);
  gate = openModelGate(redis, 'some/model', {});
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(() => redis.flushall());

it('sixteen steps that find the engine away together are one trip, with one short pause', async () => {
  await Promise.all(Array.from({ length: 16 }, () => gate.trip(undefined)));
  expect(await gate.trips()).toBe(1);
  expect(await gate.openForMs()).toBeLessThanOrEqual(1_000);
});

it('pauses twice as long each time that a probe finds it still away', async () => {
  const pauses: number[] = [];
  for (let i = 0; i < 3; i++) {
    await gate.trip(undefined);
    pauses.push(await gate.openForMs());
    await redis.del(...(await redis.keys('*:breaker')));
  }
  expect(pauses[1]).toBeGreaterThan(1_000);
  expect(pauses[2]).toBeGreaterThan(2_000);
});

it('does not forget a trip while the engine asked to be left alone', async () => {
  await gate.trip(500_000);
  const [trips] = await redis.keys('*:trips');
  expect(await redis.pttl(trips ?? '')).toBeGreaterThan(500_000);
  expect(await gate.openForMs()).toBeGreaterThan(490_000);
});

it('a shorter pause does not cut a longer one', async () => {
  await gate.trip(60_000);
  await gate.trip(undefined);
  expect(await gate.openForMs()).toBeGreaterThan(50_000);
});

it('is as new after a reset', async () => {
  await gate.trip(undefined);
  await gate.reset();
  expect(await gate.trips()).toBe(0);
  expect(await gate.openForMs()).toBe(0);
});
