/** Deliveries over three days, with a clock that is moved; receivers, Redis and store are real. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keys } from '../../shared/keys.ts';
import type { DeliveryStatus } from '../../shared/webhooks/deliveries.ts';
import { deliveryIdOf } from '../../shared/webhooks/delivery-id.ts';
import { type EventType, emit, eventIdOf, type WebhookEvent } from '../../shared/webhooks/emit.ts';
import { announceChange, endpointDocuments } from '../../shared/webhooks/endpoints.ts';
import { type Receiver, startReceiver } from '../webhook-receiver.ts';
import { openStage, type Stage, TENANT, until } from '../webhook-stage.ts';

const HOUR = 3_600_000;
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

function eventOf(subject: string, type: EventType = 'response.completed'): WebhookEvent {
  return { id: eventIdOf(subject, type), type, createdAt: stage.now(), data: { id: subject } };
}

const settled = (endpoint: string, event: WebhookEvent, attempts: number, status: DeliveryStatus) =>
  until(`${status} after ${attempts}`, async () => {
    const found = await stage.deliveries.get(TENANT, deliveryIdOf(endpoint, event.id));
    return found?.tries.length === attempts && found.status === status ? found : undefined;
  });

test('an event goes to each endpoint that wants it, once, however often it is handed over', async () => {
  const all = await stage.endpoint(`${receiver.origin}/all`);
  const some = await stage.endpoint(`${receiver.origin}/some`, { events: ['response.completed', 'batch.completed'] });
  const failures = await stage.endpoint(`${receiver.origin}/failures`, { events: ['response.failed'] });
  await stage.endpoint(`${receiver.origin}/off`, { enabled: false });
  stage.dispatch();
  const event = eventOf('resp_1');
  for (let i = 0; i < 3; i++) await emit(stage.parts, TENANT, event);
  await settled(all.id, event, 1, 'delivered');
  await settled(some.id, event, 1, 'delivered');
  await emit(stage.parts, TENANT, event);
  await emit(stage.parts, 'somebody-else', event);
  const later = eventOf('resp_1', 'response.failed');
  await emit(stage.parts, TENANT, later);
  await settled(all.id, later, 1, 'delivered');
  await settled(failures.id, later, 1, 'delivered');
  const sent = receiver.received.map(({ path, headers }) => `${path} ${headers['webhook-id']}`).sort();
  expect(sent).toEqual([`/all ${event.id}`, `/some ${event.id}`, `/all ${later.id}`, `/failures ${later.id}`].sort());
  expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({ id: event.id, data: { id: 'resp_1' } });
  expect(receiver.received[0]?.headers).toMatchObject({ 'user-agent': 'cota', 'content-type': 'application/json' });
});

test('ten tries over three days, with one id and the same bytes; then it has failed, and the endpoint is disabled', async () => {
  receiver.answer(500);
  const { id } = await stage.endpoint(receiver.origin);
  stage.dispatch();
  const event = eventOf('resp_1');
  const start = stage.now();
  await emit(stage.parts, TENANT, event);
  const pauses = [5_000, 300_000, 1_800_000, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];
  for (const [index, pause] of pauses.entries()) {
    const { tries, dueAt } = await settled(id, event, index + 1, 'pending');
    const waited = dueAt - (tries.at(-1)?.at ?? 0);
    expect(waited, `after try ${index + 1}`).toBeGreaterThanOrEqual(pause - 5);
    expect(waited, `after try ${index + 1}`).toBeLessThan(pause + 2_000);
    // Just before it is due, nothing comes.
    stage.pass(dueAt - stage.now() - 1_000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(receiver.received.length).toBe(index + 1);
    stage.pass(1_000);
  }
  const over = await settled(id, event, 10, 'failed');
  expect(over.endedAt ?? 0).toBeGreaterThan(start + 75 * HOUR);
  expect(over.tries.map(({ status, error }) => `${status} ${error}`)).toEqual(Array(10).fill('500 answered 500'));
  expect(over.tries.map(({ response }) => response)).toEqual([...Array(9).fill(undefined), 'this is 500']);

  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([event.id]));
  expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
  const stamps = receiver.received.map(({ headers }) => Number(headers['webhook-timestamp']));
  expect((stamps.at(-1) ?? 0) - (stamps[0] ?? 0)).toBeGreaterThan((75 * HOUR) / 1000);
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-signature'])).size).toBe(10);

  const disabled = await until('disabled', async () => {
    const found = await stage.read(id);
    return found.enabled ? undefined : found;
  });
  expect(disabled.disabledReason).toMatch(/^Nothing could be delivered since \d{4}-/);
});

test('an endpoint that failed weeks ago, with nothing to take since, is not disabled by its next failure', async () => {
  const { id } = await stage.endpoint(receiver.origin);
  const fails = async (event: string, result: 'retry' | 'failed'): Promise<number | undefined> => {
    await stage.deliveries.add(TENANT, id, { event, type: 'response.completed', body: '{}' });
    const { claimed } = await stage.deliveries.claim(TENANT, id, { want: 1, mostInFlight: 4, leaseMs: 10_000 });
    expect(claimed.map((one) => one.event)).toEqual([event]);
    const made = { at: stage.now(), status: 500, ms: 1 };
    const settlement = result === 'retry' ? { result, made, pauseMs: 60 * HOUR } : { result, made };
    const [one] = claimed;
    return one && (await stage.deliveries.settle(TENANT, one, settlement))?.failingSince;
  };
  const first = await fails('evt_1', 'retry');
  expect(first).toBeLessThanOrEqual(stage.now());
  stage.pass(60 * HOUR);
  // Its last try still tells since when all have failed: an endpoint is disabled by that.
  expect(await fails('evt_1', 'failed')).toBe(first);
  expect(await stage.deliveries.health(TENANT, id)).toMatchObject({ waiting: 0, failures: 2, failingSince: undefined });
  stage.pass(21 * 24 * HOUR);
  const later = stage.now();
  expect(await fails('evt_2', 'retry')).toBeGreaterThanOrEqual(later - 5);
  // While one waits, the end of another changes nothing.
  const since = await fails('evt_3', 'failed');
  expect((await stage.deliveries.health(TENANT, id)).failingSince).toBe(since);
});

test('a failed delivery is sent again by hand, with all its tries before it and the same id', async () => {
  receiver.answer(410);
  const { id } = await stage.endpoint(receiver.origin);
  stage.dispatch();
  const event = eventOf('resp_1');
  await emit(stage.parts, TENANT, event);
  await settled(id, event, 1, 'failed');
  const off = await until('disabled', async () => {
    const found = await stage.read(id);
    return found.enabled ? undefined : found;
  });
  expect(off.disabledReason).toBe('The receiver answered 410 Gone.');
  // What is emitted meanwhile is not for it.
  await emit(stage.parts, TENANT, eventOf('resp_2'));
  receiver.answer(200);
  await endpointDocuments(stage.parts).put(TENANT, { ...off, enabled: true });
  await announceChange(stage.parts, TENANT);
  expect(await stage.deliveries.redrive(TENANT, id, { status: 'failed', since: stage.now() + 1_000 })).toBe(0);
  expect(await stage.deliveries.redrive(TENANT, id, { status: 'failed', since: 0 })).toBe(1);
  const again = await settled(id, event, 2, 'delivered');
  expect(again.attempts).toBe(1);
  expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([event.id, event.id]);
  // One that arrived can be sent again too.
  await stage.deliveries.redrive(TENANT, id, { id: again.id });
  await settled(id, event, 3, 'delivered');
});

test('Retry-After is honoured, at most for a day', async () => {
  receiver.answer((_, response, count) => {
    response.writeHead(503, { 'retry-after': count === 1 ? '7200' : '9999999' }).end();
  });
  const { id } = await stage.endpoint(receiver.origin);
  stage.dispatch();
  const event = eventOf('resp_1');
  await emit(stage.parts, TENANT, event);
  for (const [index, hours] of [2, 24].entries()) {
    const { tries, dueAt } = await settled(id, event, index + 1, 'pending');
    const waited = dueAt - (tries.at(-1)?.at ?? 0);
    expect(Math.abs(waited - hours * HOUR)).toBeLessThan(2_000);
    stage.pass(dueAt - stage.now());
  }
});

test('a redirect is a failure and leads nowhere; a body is read a little; a broken answer is retried', async () => {
  const answers: Parameters<Receiver['answer']>[0][] = [
    (_, response) => response.writeHead(302, { location: `${receiver.origin}/elsewhere` }).end(),
    (_, response) => response.writeHead(400).end('\u0000é'.repeat(100_000)),
    (_, response) => void response.destroy(),
    (_, response) => void setTimeout(() => response.end(), 3_000),
    // 200 and then a body that never ends: it has arrived.
    (_, response) => void response.writeHead(200).write('thanks'),
  ];
  receiver.answer((one, response, count) => {
    const answer = answers[count - 1];
    if (typeof answer === 'function') answer(one, response, count);
  });
  const { id } = await stage.endpoint(`${receiver.origin}/here`);
  stage.dispatch({ timeoutMs: 500 });
  const event = eventOf('resp_1');
  await emit(stage.parts, TENANT, event);
  const faults: (string | undefined)[] = [];
  for (let made = 1; made < answers.length; made++) {
    const { tries, dueAt } = await settled(id, event, made, 'pending');
    faults.push(tries.at(-1)?.error);
    if (made === 2) {
      expect(tries.at(-1)?.response?.length).toBeGreaterThan(500);
      expect(tries.at(-1)?.response?.length).toBeLessThanOrEqual(1_024);
      expect(tries.at(-1)?.response).not.toContain('\u0000');
    }
    stage.pass(dueAt - stage.now());
  }
  const { tries } = await settled(id, event, answers.length, 'delivered');
  expect(tries.at(-1)?.response).toBe('thanks');
  expect(faults).toEqual([
    'answered 302: deliveries are not redirected, give the final URL',
    'answered 400',
    expect.stringMatching(/^The connection to "127.0.0.1:\d+" failed.$/),
    expect.stringMatching(/did not answer within 0.5 seconds/),
  ]);
  expect(receiver.received.every(({ path }) => path === '/here')).toBe(true);
});

test('a slow receiver gets four at a time and holds up nobody else', async () => {
  const slow = await startReceiver((_, response) => void setTimeout(() => response.end(), 400));
  const other = await openStage([receiver.origin, slow.origin]);
  await other.endpoint(slow.origin, { events: ['batch.completed'] });
  await other.endpoint(receiver.origin, { events: ['response.completed'] });
  for (let i = 0; i < 12; i++) {
    await emit(other.parts, TENANT, { ...eventOf(`batch_${i}`, 'batch.completed') });
    await emit(other.parts, TENANT, eventOf(`resp_${i}`));
  }
  other.dispatch();
  other.dispatch();
  await until('the quick one has all', () => receiver.received.length === 12);
  expect(slow.received.length).toBeLessThan(12);
  await until('the slow one has all', () => slow.received.length === 12);
  expect(slow.mostAtOnce).toBe(4);
  expect(new Set(slow.received.map(({ headers }) => headers['webhook-id'])).size).toBe(12);
  await other.stop();
  await slow.close();
});

test('an endpoint that another process disabled this moment gets nothing more, whatever is still remembered of it', async () => {
  const { id } = await stage.endpoint(receiver.origin);
  stage.dispatch();
  await emit(stage.parts, TENANT, eventOf('resp_1'));
  await until('one is there', () => receiver.received.length === 1);
  const documents = endpointDocuments(stage.parts);
  const before = await documents.get(TENANT, id);
  if (!before) throw new Error('the endpoint is not there');
  await documents.put(TENANT, { ...before, enabled: false });
  // As another process says it: what this one remembers is still fresh.
  await stage.parts.redis.incr(keys.webhookVersion(TENANT));
  for (let i = 2; i < 8; i++) await emit(stage.parts, TENANT, eventOf(`resp_${i}`));
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(receiver.received.length).toBe(1);
});

test('what a dead worker had is taken up again, and what a frozen one brings later changes nothing', async () => {
  const { id } = await stage.endpoint(receiver.origin);
  const event = eventOf('resp_1');
  await emit(stage.parts, TENANT, event);
  const lease = { want: 10, mostInFlight: 4, leaseMs: 30_000 };
  const [frozen] = (await stage.deliveries.claim(TENANT, id, lease)).claimed;
  expect(frozen?.event).toBe(event.id);
  expect((await stage.deliveries.claim(TENANT, id, lease)).claimed).toEqual([]);
  stage.pass(30_000);
  stage.dispatch();
  await settled(id, event, 1, 'delivered');
  const made = { at: stage.now(), ms: 1, error: 'answered 500', status: 500 };
  if (!frozen) throw new Error('nothing was claimed');
  expect(await stage.deliveries.settle(TENANT, frozen, { result: 'retry', made, pauseMs: 1 })).toBeUndefined();
  await settled(id, event, 1, 'delivered');
});

test('a worker that stops gives back what is under way, and no try is counted', async () => {
  receiver.answer(() => undefined);
  const { id } = await stage.endpoint(receiver.origin);
  const first = stage.dispatch({ timeoutMs: 60_000 });
  const event = eventOf('resp_1');
  await emit(stage.parts, TENANT, event);
  await until('under way', () => receiver.received.length === 1);
  await first.stop(50);
  expect(await stage.deliveries.get(TENANT, deliveryIdOf(id, event.id))).toMatchObject({
    status: 'pending',
    attempts: 0,
  });
  receiver.answer(200);
  stage.dispatch({ timeoutMs: 60_000 });
  // Its lease would last for another minute.
  expect(await settled(id, event, 1, 'delivered')).toMatchObject({ attempts: 1 });
});

test('deliveries that wait are sent at once when that is asked for, and keep the tries they had', async () => {
  receiver.answer(500);
  const { id } = await stage.endpoint(receiver.origin);
  stage.dispatch();
  const event = eventOf('resp_1');
  await emit(stage.parts, TENANT, event);
  await settled(id, event, 1, 'pending');
  receiver.answer(200);
  expect(await stage.deliveries.redrive(TENANT, id, { status: 'pending', since: 0 })).toBe(1);
  expect(await settled(id, event, 2, 'delivered')).toMatchObject({ attempts: 2 });
});

test('a secret whose key is missing stops nothing else, spends no try, and goes on once the key is there', async () => {
  const { id } = await stage.endpoint(`${receiver.origin}/missing`);
  const other = await stage.endpoint(`${receiver.origin}/other`);
  const good = await stage.read(id);
  const documents = endpointDocuments(stage.parts);
  const secrets = good.secrets.map((one) => ({ ...one, sealed: one.sealed.replace(/^v1:\w+/, 'v1:00000000') }));
  await documents.put(TENANT, { ...good, secrets });
  stage.dispatch();
  const event = eventOf('resp_1');
  await emit(stage.parts, TENANT, event);
  await settled(other.id, event, 1, 'delivered');
  const waiting = await stage.deliveries.get(TENANT, deliveryIdOf(id, event.id));
  expect(waiting).toMatchObject({ status: 'pending', attempts: 0 });
  await documents.put(TENANT, good);
  await announceChange(stage.parts, TENANT);
  stage.pass(60_000);
  await settled(id, event, 1, 'delivered');
});
