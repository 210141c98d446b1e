import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type ModelGate, openModelGate } from '../../shared/model-gate.ts';
import { openRedis } from '../../shared/redis.ts';
import { type RedisServer, startRedis } from '../../test/redis-server.ts';
import { BackendAway } from './backends/backend.ts';
import { type Breaker, openBreaker } from './breaker.ts';

let server: RedisServer;
let redis: Redis;
let gate: ModelGate;
/** Of two processes. */
let one: Breaker;
let two: Breaker;
beforeAll(async () => {
  server = await startRedis();
  redis = openRedis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(async () => {
  await redis.flushall();
  gate = openModelGate(redis, 'm', {});
  [one, two] = [openBreaker('m', gate), openBreaker('m', gate)];
});

const { signal } = new AbortController();
/** GET /models of an engine that completes nothing. */
const lists = { check: async () => undefined };
const away = new BackendAway('away', 1);
/** What becomes of `promise` within half a second. */
const soon = <T>(promise: Promise<T>): Promise<T | 'waits'> => Promise.race([promise, sleep(500, 'waits' as const)]);

async function halfOpen(): Promise<void> {
  await one.trip(away);
  await sleep(10);
  await one.probe(lists);
}

it('asks Redis for nothing while all is well', async () => {
  await one.look();
  await server.stop();
  const pass = await one.enter(signal);
  await pass.completed();
  expect(pass.onText).toBeUndefined();
  server = await startRedis({ port: server.port });
});

it('lets nobody through while the engine is away; that spends no attempt', async () => {
  await one.trip(new BackendAway('away', 5_000));
  const refused = await two.enter(signal).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'rate_limit_exceeded' });
  expect((refused as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(4_000);
});

it('after a good probe lets one request through, and all once that one is being answered', async () => {
  await halfOpen();
  const first = await one.enter(signal);
  const second = two.enter(signal);
  expect(await soon(second)).toBe('waits');
  first.onText?.();
  await second;
  expect(await gate.state(), 'no reply is complete yet').toMatchObject({ is: 'trusted', trips: 1 });
  await first.completed();
  expect(await gate.state()).toMatchObject({ is: 'closed', trips: 0 });
});

it('a good probe does not shorten the pause of an engine that completes nothing', async () => {
  await halfOpen();
  await one.enter(signal);
  await one.trip(new BackendAway('503'));
  const { is, trips, forMs } = await gate.state();
  expect({ is, trips }).toEqual({ is: 'open', trips: 2 });
  expect(forMs).toBeGreaterThan(1_500);
});

it('a request on trial that fails by itself makes room for another one', async () => {
  await halfOpen();
  const first = await one.enter(signal);
  const second = two.enter(signal);
  expect(await soon(second)).toBe('waits');
  await first.failed(new Error('a prompt that is too long'));
  await (await second).completed();
  expect((await gate.state()).is).toBe('closed');
});

it('one that found the engine away does not: nobody goes before the breaker is tripped', async () => {
  await halfOpen();
  const first = await one.enter(signal);
  const second = two.enter(signal).catch((error: unknown) => error);
  await first.failed(away);
  expect(await soon(second)).toBe('waits');
  await one.trip(new BackendAway('away', 5_000));
  expect(await second).toMatchObject({ code: 'rate_limit_exceeded' });
});

it('a late reply does not open what was closed meanwhile', async () => {
  await halfOpen();
  const first = await one.enter(signal);
  first.onText?.();
  await two.trip(new BackendAway('away', 5_000));
  await first.completed();
  expect((await gate.state()).is).toBe('open');
});

it('who waits for the one on trial ends with its own signal', async () => {
  await halfOpen();
  await one.enter(signal);
  const control = new AbortController();
  const second = two.enter(control.signal).catch((error: unknown) => error);
  control.abort();
  expect(await soon(second)).toMatchObject({ name: 'AbortError' });
});
