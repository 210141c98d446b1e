import { expect, it } from 'vitest';
import { announce, readinessOf, type WorkerCard, watchFleet } from '../../shared/fleet.ts';
import { keys } from '../../shared/keys.ts';
import { KNOWN_FOR_MS, OFFERED_FOR_MS } from '../../shared/known-tools.ts';
import { openLog } from '../../shared/telemetry.ts';
import { ownRedis } from '../own-redis.ts';
import { sampleTool } from '../sample-run.ts';

const own = ownRedis();

it('passes over cards and tools of a newer version, so that a rolling deploy blinds nobody', async () => {
  const log = openLog('test', 'silent');
  const me: WorkerCard = {
    ...{ id: 'here', kind: 'model', pid: 1, host: 'h', queues: ['q'], models: { m: 2 }, tools: [], startedAt: 1 },
  };
  const presence = await announce(own.redis, me, [], 60_000, log);
  await own.redis.sadd(keys.workers, 'newer', 'broken');
  await own.redis.set(keys.worker('newer'), JSON.stringify({ ...me, id: 'newer', kind: 'a kind of tomorrow' }));
  await own.redis.set(keys.worker('broken'), '{');
  await own.redis.hset(keys.tools, 'Newer', JSON.stringify({ name: 'Newer' }));
  const fleet = await watchFleet(own.redis, 60_000, log);
  expect(fleet.workers().map(({ id }) => id)).toEqual(['here']);
  expect(fleet.concurrencyOf('m')).toBe(2);
  expect(fleet.tools()).toEqual([]);
  fleet.close();
  await presence.leave();
});

it('knows a tool that nobody serves for a day, and forgets it then; one that comes back is new again', async () => {
  const log = openLog('test', 'silent');
  const card: WorkerCard = {
    ...{ id: 't', kind: 'tools', pid: 1, host: 'h', queues: [], models: {}, tools: ['Kept', 'Left'], startedAt: 1 },
  };
  await own.redis.del(keys.tools);
  const kept: WorkerCard = { ...card, id: 'kept', tools: ['Kept'] };
  const announcing = await announce(own.redis, kept, [sampleTool('Kept', {})], 60_000, log);
  const leaving = await announce(own.redis, card, [sampleTool('Kept', {}), sampleTool('Left', {})], 60_000, log);
  const fleet = await watchFleet(own.redis, 60_000, log);
  const names = async () => {
    await fleet.refresh();
    return fleet.tools().map((tool) => tool.name);
  };
  expect(await names()).toEqual(['Kept', 'Left']);
  await leaving.leave();
  expect(await names(), 'queued for ever must be seen').toEqual(['Kept', 'Left']);
  const since = Number(await own.redis.zscore(keys.toolsUnserved, 'Left'));
  expect(Math.abs(since - Date.now())).toBeLessThan(60_000);

  await own.redis.zadd(keys.toolsUnserved, since - KNOWN_FOR_MS + 60_000, 'Left');
  expect(await names(), 'almost a day').toEqual(['Kept', 'Left']);
  const back = await announce(own.redis, card, [sampleTool('Left', {})], 60_000, log);
  await names();
  expect(await own.redis.zscore(keys.toolsUnserved, 'Left')).toBeNull();
  await back.leave();

  await names();
  await own.redis.zadd(keys.toolsUnserved, since - KNOWN_FOR_MS - 60_000, 'Left');
  expect(await names(), 'more than a day').toEqual(['Kept']);
  expect(await own.redis.hkeys(keys.tools)).toEqual(['Kept']);
  expect(await own.redis.exists(keys.toolsUnserved)).toBe(0);
  fleet.close();
  await announcing.leave();
});

it('withholds a tool that no worker is ready for, or that nobody has served for a while, and offers it again', async () => {
  const log = openLog('test', 'silent');
  const card = (id: string, toolsNotReady: Record<string, string> = {}): WorkerCard => ({
    ...{ id, kind: 'tools', pid: 1, host: 'h', queues: [], models: {}, tools: ['Deep', 'Plain'], startedAt: 1 },
    toolsNotReady,
  });
  await own.redis.del(keys.tools, keys.toolsUnserved);
  const specs = [sampleTool('Deep', {}), sampleTool('Plain', {})];
  const one = await announce(own.redis, card('one', { Deep: 'cota models pull deep' }), specs, 60_000, log);
  const fleet = await watchFleet(own.redis, 60_000, log);
  const withheld = async () => {
    await fleet.refresh();
    return Object.fromEntries(fleet.withheld());
  };
  expect(await withheld()).toEqual({ Deep: 'cota models pull deep' });
  expect(readinessOf('Deep', fleet.workers())).toEqual({ workers: 1, ready: 0, missing: 'cota models pull deep' });
  const two = await announce(own.redis, card('two'), specs, 60_000, log);
  expect(await withheld(), 'one of two is ready').toEqual({});
  expect(readinessOf('Deep', fleet.workers())).toEqual({ workers: 2, ready: 1, missing: undefined });
  await two.leave();
  expect(await withheld()).toEqual({ Deep: 'cota models pull deep' });

  await one.leave();
  expect(await withheld(), 'a restart changes nothing').toEqual({ Deep: 'cota models pull deep' });
  await own.redis.zadd(keys.toolsUnserved, Date.now() - OFFERED_FOR_MS - 60_000, 'Plain');
  expect(await withheld()).toMatchObject({ Plain: 'no worker has served it for 10 minutes' });
  expect(
    fleet.tools().map((tool) => tool.name),
    'but it is known',
  ).toEqual(['Deep', 'Plain']);

  const back = await announce(own.redis, card('one', { Deep: 'cota models pull deep' }), specs, 60_000, log);
  expect(await withheld()).toEqual({ Deep: 'cota models pull deep' });
  await back.update({ toolsNotReady: {} }, [{ ...sampleTool('Deep', {}), engine: 'depth@1' }, sampleTool('Plain', {})]);
  expect(await withheld()).toEqual({});
  expect(fleet.tools()[0]?.engine).toBe('depth@1');
  fleet.close();
  await back.leave();
});
