import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { type ModelGate, openModelGate } from '../../shared/model-gate.ts';
import { ownRedis } from '../own-redis.ts';

const own = ownRedis();
let gate: ModelGate;
beforeAll(() => {
  gate = openModelGate(own.redis, 'some/model', {});
});
beforeEach(() => own.redis.flushall());

it('sixteen steps that find the engine away together are one trip, with one short pause', async () => {
  await Promise.all(Array.from({ length: 16 }, () => gate.trip(undefined)));
  const { is, trips, forMs } = await gate.state();
  expect({ is, trips }).toEqual({ is: 'open', trips: 1 });
  expect(forMs).toBeGreaterThan(0);
  expect(forMs).toBeLessThanOrEqual(1_000);
});

it('pauses twice as long each time that the engine is found still away, also after good probes', async () => {
  const pauses: number[] = [];
  for (let i = 0; i < 7; i++) {
    await gate.trip(undefined);
    pauses.push((await gate.state()).forMs);
    await own.redis.del(...(await own.redis.keys('*:breaker')));
    await gate.halfOpen();
    expect((await gate.state()).is).toBe('trial');
  }
  for (const [index, most] of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000].entries()) {
    expect(pauses[index]).toBeGreaterThan(most - 500);
    expect(pauses[index]).toBeLessThanOrEqual(most);
  }
});

it('does not forget a trip while the engine asked to be left alone', async () => {
  await gate.trip(500_000);
  const [trips] = await own.redis.keys('*:trips');
  expect(await own.redis.pttl(trips ?? '')).toBeGreaterThan(500_000);
  expect((await gate.state()).forMs).toBeGreaterThan(490_000);
});

it('a shorter pause does not cut a longer one', async () => {
  await gate.trip(60_000);
  await gate.trip(undefined);
  expect((await gate.state()).forMs).toBeGreaterThan(50_000);
});

it('a trip ends a trial, and what the request on trial still brings does not open it again', async () => {
  await gate.trip(1);
  await gate.halfOpen();
  expect(await gate.takeTrial()).toBe(true);
  expect(await gate.takeTrial()).toBe(false);
  await gate.trip(100);
  await gate.trust();
  await gate.halfOpen();
  expect((await gate.state()).is, 'a probe does not cut the pause').toBe('open');
  await sleep(110);
  expect((await gate.state()).is).toBe('trial');
  expect(await gate.takeTrial(), 'its place is free').toBe(true);
  await gate.trust();
  expect((await gate.state()).is).toBe('trusted');
});

it('is as new after a reset', async () => {
  await gate.trip(undefined);
  await gate.halfOpen();
  await gate.takeTrial();
  await gate.reset();
  expect(await gate.state()).toEqual({ is: 'closed', forMs: 0, trips: 0 });
  expect(await own.redis.keys('*')).toEqual([]);
});
