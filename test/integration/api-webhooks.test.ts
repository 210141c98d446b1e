/** Endpoints and deliveries as a client of the API sees them; a webhook worker and a receiver are in this process. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import OpenAI from 'openai';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openLog } from '../../shared/telemetry.ts';
import { openKeyring } from '../../shared/webhooks/secrets.ts';
import { openWebhookFetch } from '../../shared/webhooks/web.ts';
import { type Dispatcher, startDispatch } from '../../workers/webhooks/dispatch.ts';
import { type ApiHarness, startApiHarness } from '../api-harness.ts';
import { spellings } from '../promises/private-addresses.ts';
import { type Received, type Receiver, startReceiver } from '../webhook-receiver.ts';
import { until } from '../webhook-stage.ts';

let receiver: Receiver;
let harness: ApiHarness;
let dispatcher: Dispatcher;
beforeAll(async () => {
  receiver = await startReceiver();
  harness = await startApiHarness({ COTA_WEBHOOK_ALLOW: receiver.origin });
  const { env, redis, objects } = harness.cluster.shared;
  dispatcher = startDispatch({
    ...{ redis, objects, log: openLog('test', 'silent'), web: openWebhookFetch(env), keyring: openKeyring(env) },
    ...{ timeoutMs: 2_000, slackMs: 1_000, concurrency: 8, random: () => 0.5 },
    pausesS: [3_600],
  });
});
afterAll(async () => {
  await dispatcher.stop(0);
  await harness.stop();
  await receiver.close();
});
beforeEach(() => receiver.answer(200));

interface EndpointReply {
  readonly id: string;
  readonly secret: string;
  readonly enabled: boolean;
  readonly [field: string]: unknown;
}

async function ask<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
  const reply = await harness.fetch(`/v1/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  return { status: reply.status, body: (await reply.json()) as T };
}

async function create(body: object): Promise<EndpointReply> {
  const { status, body: made } = await ask<EndpointReply>('POST', 'webhook_endpoints', body);
  expect(status, JSON.stringify(made)).toBe(200);
  return made;
}

const arrivedAt = (path: string): Received[] => receiver.received.filter((one) => one.path === path);

test("a run that ends is told to the endpoints that want it, in a form that OpenAI's client unwraps", async () => {
  const { id, secret } = await create({ url: `${receiver.origin}/runs`, events: ['response.completed'] });
  const response = await harness.client.responses.create({ input: 'answer', metadata: { order: '17' } });
  expect(response.status).toBe('completed');
  const [arrived] = await until('arrived', () => (arrivedAt('/runs').length > 0 ? arrivedAt('/runs') : undefined));
  const client = new OpenAI({ apiKey: 'unused', webhookSecret: secret });
  const event = await client.webhooks.unwrap(arrived?.body ?? '', arrived?.headers ?? {});
  expect(event).toMatchObject({
    ...{ object: 'event', type: 'response.completed', id: arrived?.headers['webhook-id'] },
    data: { id: response.id, status: 'completed', model: 'scripted', metadata: { order: '17' } },
  });
  const { body } = await ask<{ data: { status: string; payload: string }[] }>(
    'GET',
    `webhook_endpoints/${id}/deliveries`,
  );
  expect(body.data).toMatchObject([{ status: 'delivered', payload: arrived?.body, attempts: 1 }]);

  const held = await harness.client.responses.create({ input: 'hold', background: true });
  await harness.client.responses.cancel(held.id);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(arrivedAt('/runs').length).toBe(1);
  await ask('DELETE', `webhook_endpoints/${id}`);
});

test('an endpoint is made, listed, changed, and removed', async () => {
  const made = await create({ url: `${receiver.origin}/one`, description: 'for tests' });
  expect(made).toMatchObject({
    ...{ object: 'webhook_endpoint', events: ['*'], description: 'for tests', enabled: true, disabled_reason: null },
    health: { waiting: 0, overflow: false, failures: 0, failing_since: null, last_delivered_at: null },
  });
  const { secret, ...shown } = made;
  expect(secret).toMatch(/^whsec_/);
  expect((await ask('GET', `webhook_endpoints/${made.id}`)).body).toEqual(shown);
  expect((await ask('GET', 'webhook_endpoints')).body).toEqual({ object: 'list', data: [shown] });
  const change = { url: `${receiver.origin}/two`, events: ['batch.completed'], description: '', enabled: false };
  expect((await ask('POST', `webhook_endpoints/${made.id}`, change)).body).toMatchObject(change);
  expect((await ask('POST', `webhook_endpoints/${made.id}`, {})).body).toMatchObject(change);
  expect((await ask('POST', `webhook_endpoints/${made.id}/test`)).body).toMatchObject({
    error: { code: 'endpoint_disabled', message: expect.stringContaining('{"enabled": true}') },
  });
  const gone = { id: made.id, object: 'webhook_endpoint', deleted: true };
  expect((await ask('DELETE', `webhook_endpoints/${made.id}`)).body).toEqual(gone);
  for (const [method, path] of [
    ['GET', `webhook_endpoints/${made.id}`],
    ['DELETE', `webhook_endpoints/${made.id}`],
    ['POST', `webhook_endpoints/${made.id}/rotate_secret`],
    ['GET', `webhook_endpoints/${made.id}/deliveries`],
    ['GET', 'webhook_deliveries/whd_1'],
    ['POST', 'webhook_deliveries/whd_1/redrive'],
  ] as const) {
    expect(await ask(method, path), path).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
  }
});

test.each<[object, string, string]>([
  [{}, 'missing_required_parameter', 'url'],
  [{ url: 'not a url' }, 'invalid_value', 'url'],
  [{ url: 'ftp://example.com/' }, 'invalid_value', 'url'],
  [{ url: 'http://example.com/' }, 'invalid_value', 'url'],
  [{ url: 'https://user:password@example.com/' }, 'invalid_value', 'url'],
  [{ url: 'https://127.0.0.1/' }, 'invalid_value', 'url'],
  [{ url: 'https://[::ffff:169.254.169.254]/' }, 'invalid_value', 'url'],
  [{ url: 'https://example.com:22/' }, 'invalid_value', 'url'],
  [{ url: 'https://example.com/'.padEnd(2_100, 'x') }, 'string_above_max_length', 'url'],
  [{ url: 'https://example.com/', events: [] }, 'invalid_value', 'events'],
  [{ url: 'https://example.com/', events: ['response.exploded'] }, 'invalid_value', 'events[0]'],
  [{ url: 'https://example.com/', colour: 'red' }, 'unknown_parameter', 'colour'],
])('a wrong request is told what is wrong: %#', async (body, code, param) => {
  const reply = await ask<{ error: { message: string } }>('POST', 'webhook_endpoints', body);
  expect(reply).toMatchObject({ status: 400, body: { error: { code, param } } });
  if (JSON.stringify(body).includes('127.0')) expect(reply.body.error.message).toContain('COTA_WEBHOOK_ALLOW');
});

test('no spelling of a private address is taken as a URL', async () => {
  for (const host of spellings) {
    const reply = await ask('POST', 'webhook_endpoints', { url: `https://${host}/hook` });
    expect(reply, host).toMatchObject({ status: 400, body: { error: { code: 'invalid_value', param: 'url' } } });
  }
});

test('a test event is sent at once, and its outcome is the answer', async () => {
  const { id, secret } = await create({ url: `${receiver.origin}/ping`, events: ['batch.failed'] });
  expect((await ask('POST', `webhook_endpoints/${id}/test`)).body).toMatchObject({
    ...{ event_type: 'webhook.test', status: 'delivered', attempts: 1, tries: [{ status: 200, error: null }] },
  });
  const [arrived] = arrivedAt('/ping');
  expect(new Webhook(secret).verify(arrived?.body ?? '', arrived?.headers ?? {})).toMatchObject({ data: { id } });
  receiver.answer(500);
  expect((await ask('POST', `webhook_endpoints/${id}/test`)).body).toMatchObject({
    status: 'pending',
    next_attempt_at: expect.any(Number),
    tries: [{ status: 500, error: 'answered 500', response: 'this is 500' }],
  });
  await ask('DELETE', `webhook_endpoints/${id}`);
});

test('while a secret is replaced both sign; the old one ends when it was said to', async () => {
  const { id, secret: old } = await create({ url: `${receiver.origin}/rotated` });
  const { body: rotated } = await ask<EndpointReply>('POST', `webhook_endpoints/${id}/rotate_secret`, {
    expire_old_after: 2,
  });
  expect(rotated.secret).not.toBe(old);
  expect(rotated.secrets).toMatchObject([{ expires_at: null }, { expires_at: expect.any(Number) }]);
  // A worker may know the endpoint as it was for two seconds; the rotated one is read at once here, since both share it.
  await ask('POST', `webhook_endpoints/${id}/test`);
  const [both] = arrivedAt('/rotated');
  for (const secret of [old, rotated.secret]) new Webhook(secret).verify(both?.body ?? '', both?.headers ?? {});
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  await ask('POST', `webhook_endpoints/${id}/test`);
  const [, one] = arrivedAt('/rotated');
  new Webhook(rotated.secret).verify(one?.body ?? '', one?.headers ?? {});
  expect(() => new Webhook(old).verify(one?.body ?? '', one?.headers ?? {})).toThrow('No matching signature');
  expect((await ask<EndpointReply>('GET', `webhook_endpoints/${id}`)).body.secrets).toMatchObject([
    { expires_at: null },
  ]);
  await ask('DELETE', `webhook_endpoints/${id}`);
});

test('deliveries are listed in pages and by status, and sent again one by one or all at once', async () => {
  const { id } = await create({ url: `${receiver.origin}/log` });
  receiver.answer(410);
  type Delivery = { id: string; status: string; event_id: string };
  const sent: Delivery[] = [];
  for (let i = 0; i < 3; i++) {
    sent.push((await ask<Delivery>('POST', `webhook_endpoints/${id}/test`)).body);
    await ask('POST', `webhook_endpoints/${id}`, { enabled: true });
  }
  const list = async (query: string) =>
    (await ask<{ data: Delivery[]; has_more: boolean }>('GET', `webhook_endpoints/${id}/deliveries?${query}`)).body;
  const first = await list('limit=2&status=failed');
  expect(first).toMatchObject({ has_more: true, data: [{ id: sent[2]?.id }, { id: sent[1]?.id }] });
  const second = await list(`limit=2&status=failed&after=${sent[1]?.id}`);
  expect(second).toMatchObject({ has_more: false, data: [{ id: sent[0]?.id }] });
  expect((await list('status=delivered')).data).toEqual([]);
  expect(await ask('GET', `webhook_endpoints/${id}/deliveries?limit=0`)).toMatchObject({ status: 400 });
  expect(await ask('GET', `webhook_endpoints/${id}/deliveries?status=lost`)).toMatchObject({ status: 400 });

  receiver.answer(200);
  expect((await ask('POST', `webhook_deliveries/${sent[0]?.id}/redrive`)).body).toMatchObject({ id: sent[0]?.id });
  await until('one arrived', async () => (await list('status=delivered')).data.length === 1);
  expect((await ask('POST', `webhook_endpoints/${id}/redrive`, { status: 'failed' })).body).toEqual({
    ...{ object: 'webhook_redrive', count: 2 },
  });
  await until('all arrived', async () => (await list('status=delivered')).data.length === 3);
  const ids = arrivedAt('/log').map(({ headers }) => headers['webhook-id']);
  expect(ids.length).toBe(6);
  expect(new Set(ids)).toEqual(new Set(sent.map((one) => one.event_id)));
  expect((await ask('GET', `webhook_deliveries/${sent[0]?.id}`)).body).toMatchObject({ status: 'delivered' });
  await ask('DELETE', `webhook_endpoints/${id}`);
});

test('secrets are nowhere at rest', async () => {
  const { id, secret } = await create({ url: `${receiver.origin}/secret` });
  await ask('POST', `webhook_endpoints/${id}/test`);
  const { dir, shared } = harness.cluster;
  const files = await readdir(join(dir, 'store'), { recursive: true, withFileTypes: true });
  const texts = await Promise.all(
    files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name), 'latin1')),
  );
  expect(texts.some((text) => text.includes(id))).toBe(true);
  for (const text of texts) expect(text).not.toContain(secret.slice(6));
  for (const key of await shared.redis.keys('*')) {
    const dumped = await shared.redis.dumpBuffer(key);
    expect(dumped?.toString('latin1') ?? '', key).not.toContain(secret.slice(6));
  }
  await ask('DELETE', `webhook_endpoints/${id}`);
});

test('no more than twenty endpoints', async () => {
  const { data } = (await ask<{ data: EndpointReply[] }>('GET', 'webhook_endpoints')).body;
  const made = [...data];
  while (made.length < 20) made.push(await create({ url: `${receiver.origin}/${made.length}` }));
  const refused = await ask('POST', 'webhook_endpoints', { url: `${receiver.origin}/more` });
  expect(refused).toMatchObject({ status: 400, body: { error: { message: expect.stringContaining('delete one') } } });
  for (const { id } of made) await ask('DELETE', `webhook_endpoints/${id}`);
});
