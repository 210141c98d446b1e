/** Endpoints that are down for long, or watched for long: Redis stays flat, and nothing is lost. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { paths } from '../../shared/keys.ts';
import { LOGGED_MS, MOST_LOGGED, MOST_WAITING } from '../../shared/webhooks/deliveries.ts';
import { emit, eventIdOf } from '../../shared/webhooks/emit.ts';
import { removeEndpoint } from '../../shared/webhooks/endpoints.ts';
import { hint } from '../../shared/webhooks/hints.ts';
import { refill, spill } from '../../shared/webhooks/spill.ts';
import { type Receiver, startReceiver } from '../webhook-receiver.ts';
import { openStage, type Stage, TENANT, until } from '../webhook-stage.ts';

let receiver: Receiver;
let stage: Stage;
beforeEach(async () => {
  receiver = await startReceiver();
  stage = await openStage([receiver.origin]);
});
afterEach(async () => {
  await stage.stop();
  await receiver.close();
});

async function emitMany(count: number, name = 'resp'): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) {
    const id = eventIdOf(`${name}_${i}`, 'response.completed');
    await emit(stage.parts, TENANT, {
      id,
      type: 'response.completed',
      createdAt: stage.now(),
      data: { id: `${name}_${i}` },
    });
    ids.push(id);
  }
  return ids;
}

async function stored(endpoint: string): Promise<number> {
  let count = 0;
  for await (const _ of stage.parts.objects.list(paths.webhookSpill(TENANT, endpoint))) count += 1;
  return count;
}

test('beyond what Redis holds, events wait in the store and come back; each arrives once', async () => {
  const { id } = await stage.endpoint(receiver.origin);
  const ids = await emitMany(MOST_WAITING + 60);
  await emitMany(MOST_WAITING + 60);
  expect(await stage.deliveries.health(TENANT, id)).toMatchObject({ waiting: MOST_WAITING, spilled: true });
  expect(await stored(id)).toBe(60);
  stage.dispatch();
  await until('all arrived', () => receiver.received.length >= ids.length, 50_000);
  const arrived = receiver.received.map(({ headers }) => headers['webhook-id'] ?? '');
  expect(new Set(arrived)).toEqual(new Set(ids));
  expect(arrived.length).toBe(ids.length);
  await until('nothing is left in the store', async () => (await stored(id)) === 0);
  await until('nor marked', async () => !(await stage.deliveries.health(TENANT, id)).spilled);
});

test('events in the store are not forgotten by a worker that dies while it takes them back', async () => {
  const { id } = await stage.endpoint(receiver.origin);
  const event = { event: 'evt_1', type: 'response.completed', body: '{}' };
  await spill(stage.parts, TENANT, id, event);
  const { parts } = stage;
  const listing = Promise.withResolvers<void>();
  const list = async function* (): ReturnType<typeof parts.objects.list> {
    listing.resolve();
    // Killed here: nothing after this is ever run.
    await new Promise(() => undefined);
  };
  void refill({ ...parts, objects: { ...parts.objects, list } }, TENANT, id);
  await listing.promise;
  expect(await stage.deliveries.health(TENANT, id)).toMatchObject({ spilled: true });
  stage.dispatch();
  await hint(stage.parts, TENANT, id);
  await until('it arrived', () => receiver.received.length === 1);
  await until('nothing is marked', async () => !(await stage.deliveries.health(TENANT, id)).spilled);
  expect(await stored(id)).toBe(0);
});

test('what comes to the store while the rest is taken back stays marked', async () => {
  const { id } = await stage.endpoint(receiver.origin);
  const event = (name: string) => ({ event: name, type: 'response.completed', body: '{}' });
  await spill(stage.parts, TENANT, id, event('evt_1'));
  const { parts } = stage;
  let lists = 0;
  const list = async function* (prefix: string): ReturnType<typeof parts.objects.list> {
    lists += 1;
    yield* parts.objects.list(prefix);
    // Behind the back of a listing that is over already, each time but the last.
    if (lists <= 2) await spill(parts, TENANT, id, event(`evt_late_${lists}`));
  };
  const faulty = { ...parts, objects: { ...parts.objects, list } };
  expect(await refill(faulty, TENANT, id)).toBe(3);
  expect(await stored(id)).toBe(0);
  await spill(parts, TENANT, id, event('evt_1'));
  await parts.objects.delete(`${paths.webhookSpill(TENANT, id)}evt_1.json`);
  lists = 1;
  expect(await refill(faulty, TENANT, id)).toBe(0);
  expect(await stored(id)).toBe(1);
  expect(await stage.deliveries.health(TENANT, id)).toMatchObject({ spilled: true });
});

test('an endpoint that was down and answers again gets all that waits, hours before it would be due', async () => {
  receiver.answer(503);
  const { id } = await stage.endpoint(receiver.origin);
  await emitMany(12);
  stage.dispatch();
  for (const made of [1, 2, 3]) {
    await until(`${made} tries each`, () => receiver.received.length === 12 * made);
    const waiting = await until('all wait', async () => {
      const { data } = await stage.deliveries.list(TENANT, id, { limit: 100, status: 'pending' });
      return data.every(({ tries }) => tries.length === made) ? data : undefined;
    });
    if (made < 3) stage.pass(Math.max(...waiting.map(({ dueAt }) => dueAt)) - stage.now());
  }
  expect(await stage.deliveries.health(TENANT, id)).toMatchObject({ waiting: 12, failures: 36 });
  receiver.answer(200);
  await emitMany(1, 'later');
  await until('all arrived', () => receiver.received.length === 36 + 13);
  await until('all is well', async () => (await stage.deliveries.health(TENANT, id)).waiting === 0);
  expect(await stage.deliveries.health(TENANT, id)).toMatchObject({ failures: 0, failingSince: undefined });
});

test('the log holds the last thousand of each kind, for seven days; a removed endpoint leaves nothing', async () => {
  const { id } = await stage.endpoint(receiver.origin);
  const settle = async (count: number, result: 'delivered' | 'failed', name: string): Promise<void> => {
    for (let i = 0; i < count; i++) {
      // No two of one millisecond, so that their order is known.
      stage.pass(1);
      await stage.deliveries.add(TENANT, id, { event: `${name}-${i}`, type: 'response.completed', body: '{}' });
      const { claimed } = await stage.deliveries.claim(TENANT, id, { want: 1, mostInFlight: 4, leaseMs: 10_000 });
      for (const one of claimed) await stage.deliveries.settle(TENANT, one, { result, made: { at: 1, ms: 1 } });
    }
  };
  await settle(5, 'failed', 'failed');
  await settle(MOST_LOGGED + 10, 'delivered', 'many');
  const all = [];
  for (let after: string | undefined; ; ) {
    const page = await stage.deliveries.list(TENANT, id, { limit: 100, ...(after === undefined ? {} : { after }) });
    all.push(...page.data);
    after = page.data.at(-1)?.id;
    if (!page.hasMore) break;
  }
  expect(all.length).toBe(MOST_LOGGED + 5);
  expect(new Set(all.map((one) => one.id)).size).toBe(all.length);
  const failed = await stage.deliveries.list(TENANT, id, { limit: 3, status: 'failed' });
  expect(failed.data.map(({ event }) => event)).toEqual(['failed-4', 'failed-3', 'failed-2']);
  expect(failed.hasMore).toBe(true);
  const keys = async (): Promise<string[]> =>
    (await stage.parts.redis.keys('*webhooks:we_*')).filter((key) => !key.includes(':seen:'));
  expect((await keys()).filter((key) => key.includes(':d:')).length).toBe(MOST_LOGGED + 5);
  stage.pass(LOGGED_MS);
  await settle(1, 'delivered', 'late');
  expect((await stage.deliveries.list(TENANT, id, { limit: 100 })).data.map(({ event }) => event)).toEqual(['late-0']);

  await emitMany(3);
  expect(await removeEndpoint(stage.parts, TENANT, id)).toBe(true);
  expect(await keys()).toEqual([]);
  expect(await removeEndpoint(stage.parts, TENANT, id)).toBe(false);
});
