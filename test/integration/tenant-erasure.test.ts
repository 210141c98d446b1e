/** Delete-now: of a tenant with work of every kind under way, nothing is left, and its neighbour has lost nothing. */
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keys, runIdOf } from '../../shared/keys.ts';
import { type ApiHarness, dataUrl, PNG, startApiHarness } from '../api-harness.ts';

let harness: ApiHarness;
beforeAll(async () => {
  // Few at a time, so that some runs wait for admission.
  harness = await startApiHarness({ COTA_MAX_IN_FLIGHT: '4' });
  harness.cluster.start('services/scheduler/main.ts');
});
afterAll(() => harness?.stop());

const withImage = (text: string): OpenAI.Responses.ResponseInput => [
  {
    role: 'user',
    content: [
      { type: 'input_image', image_url: dataUrl(PNG), detail: 'auto' },
      { type: 'input_text', text },
    ],
  },
];
const unserved = { input: 'answer', model: 'org/unserved', background: true };

async function tenant(id: string): Promise<OpenAI> {
  await harness.post('/v1/tenants', { id });
  const made = await harness.post('/v1/api_keys', { tenant: id, name: id });
  const { key } = (await made.json()) as { key: string };
  return new OpenAI({ baseURL: `${harness.api.url}/v1`, apiKey: key, maxRetries: 0 });
}

/** Something of everything. @returns ids that must be nowhere afterwards */
async function fill(client: OpenAI): Promise<string[]> {
  const done = await client.responses.create({ input: withImage('crop') }, { headers: { 'idempotency-key': 'k' } });
  expect(done.status).toBe('completed');
  const held = await client.responses.create({ input: withImage('hold'), background: true });
  const waiting = [];
  for (let i = 0; i < 8; i++) waiting.push(await client.responses.create(unserved));
  const line = (n: number) =>
    JSON.stringify({
      ...{ custom_id: `line-${n}`, method: 'POST', url: '/v1/responses' },
      // A batch that asks nobody but models without workers would not begin.
      body: { input: 'answer', model: n === 0 ? 'scripted' : 'org/unserved' },
    });
  const lines = Array.from({ length: 20 }, (_, n) => line(n)).join('\n');
  const file = await client.files.create({ file: new File([lines], 'lines.jsonl'), purpose: 'batch' });
  const batch = await client.batches.create({
    ...{ input_file_id: file.id, endpoint: '/v1/responses', completion_window: '24h' },
  });
  await harness.cluster.until('the batch is under way', async () => {
    return (await client.batches.retrieve(batch.id)).status === 'in_progress';
  });
  const hook = await client.post<{ id: string }>('/webhook_endpoints', { body: { url: 'https://example.com/hook' } });
  // An event that waits for its delivery.
  await client.responses.create({ input: 'answer' });
  const runs = [done, held, ...waiting].map(({ id }) => runIdOf(id) ?? id);
  return [...runs, file.id, batch.id, hook.id];
}

async function stored(prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of harness.cluster.shared.objects.list(prefix)) found.push(key);
  return found.sort();
}

/** Every key of Redis with all that it holds, as text. */
async function everything(): Promise<Map<string, string>> {
  const { redis } = harness.cluster.shared;
  const read: Record<string, (key: string) => Promise<unknown>> = {
    string: (key) => redis.get(key),
    hash: (key) => redis.hgetall(key),
    list: (key) => redis.lrange(key, 0, -1),
    set: (key) => redis.smembers(key),
    zset: (key) => redis.zrange(key, '0', '-1'),
    stream: (key) => redis.xrange(key, '-', '+'),
    none: async () => '',
  };
  const found = new Map<string, string>();
  for (const key of await redis.keys('*')) found.set(key, JSON.stringify(await read[await redis.type(key)]?.(key)));
  return found;
}

const erased = (id: string) =>
  harness.cluster.until(`${id} is empty`, async () => {
    const reply = (await (await harness.fetch(`/v1/tenants/${id}/data`)).json()) as {
      status: string;
      deleted: { runs: number; objects: number; bytes: number };
    };
    return reply.status === 'done' ? reply : undefined;
  });

/**
 * What may stand in Redis afterwards: who the tenant is, that this was done, that its live runs shall not return, and
 * that upkeep has counted what it has: nothing.
 */
const ALLOWED =
  /^cota:\{system\}:(tenants|keys|erasure:goner)$|^cota:\{s..\}:deleted:run_|^cota:\{t\.goner\}:(stored|counted)$/;

test('nothing is left in Redis and in the store, and the neighbour keeps all', async () => {
  const [client, neighbour] = [await tenant('goner'), await tenant('stays')];
  const [ids, others] = [await fill(client), await fill(neighbour)];
  const before = await stored('t/stays/');
  expect((await stored('t/goner/')).length).toBeGreaterThan(5);
  const full = await everything();
  for (const id of ids.slice(0, -3)) expect([...full.keys()].some((key) => key.includes(id))).toBe(true);
  // Of both classes, runs wait for admission.
  expect([...full.keys()].filter((key) => key.includes(':pending:') && key.endsWith(':goner')).length).toBe(2);

  const ordered = await harness.fetch('/v1/tenants/goner/data', { method: 'DELETE' });
  expect(ordered.status).toBe(202);
  // Refused while it goes on, in words.
  const refused = await client.responses.create(unserved).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(refused).toMatchObject({ status: 503, code: 'tenant_erasing' });
  const report = await erased('goner');
  expect(report.deleted.runs).toBeGreaterThanOrEqual(ids.length - 3 + 20);
  expect(report.deleted.objects).toBeGreaterThan(5);
  expect(report.deleted.bytes).toBeGreaterThan(1_000);

  expect(await stored('t/goner/')).toEqual([]);
  let left: [string, string][] = [];
  let traces: [string, string][] = [];
  await harness.cluster
    .until(
      'what was in hand is let go',
      async () => {
        left = [...(await everything())].filter(([key]) => !ALLOWED.test(key));
        traces = left.filter(([key, text]) => ['goner', ...ids].some((id) => key.includes(id) || text.includes(id)));
        return traces.length === 0;
      },
      10_000,
    )
    .catch(() => undefined);
  expect(traces).toEqual([]);
  expect(Number(await harness.cluster.shared.redis.get(keys.stored('goner')))).toBe(0);
  for (const key of await harness.cluster.shared.redis.keys('cota:*:deleted:*')) {
    expect(await harness.cluster.shared.redis.ttl(key)).toBeGreaterThan(0);
  }
  for (const id of others.slice(0, -3)) expect(left.some(([key]) => key.includes(id))).toBe(true);
  expect(await stored('t/stays/')).toEqual(expect.arrayContaining(before));
  const [done = '', held = ''] = others.map((id) => id.replace('run_', 'resp_'));
  expect((await neighbour.responses.retrieve(done)).status).toBe('completed');
  expect((await neighbour.responses.retrieve(held)).status).toBe('in_progress');

  // Nothing that worked on it brings anything back.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(await stored('t/goner/')).toEqual([]);
  const lines = (await (await harness.fetch('/v1/audit?limit=100')).json()) as { data: Record<string, unknown>[] };
  expect(lines.data.filter(({ target }) => target === 'goner').map(({ action }) => action)).toEqual([
    ...['tenant.data_deleted', 'tenant.delete_data', 'tenant.create'],
  ]);
  // And it begins anew, also with its old Idempotency-Key.
  const again = await harness.cluster.until('it may work again', () =>
    client.responses.create({ input: 'answer' }, { headers: { 'idempotency-key': 'k' } }).catch(() => undefined),
  );
  expect(again.status).toBe('completed');
});

test('a scheduler that is killed in it is replaced by one that goes on', async () => {
  const client = await tenant('goner-2');
  const { objects } = harness.cluster.shared;
  for (let i = 0; i < 3_000; i++) {
    await objects.put(`t/goner-2/cache/00/${i}.json`, Buffer.from('{}'), { contentType: 'application/json' });
  }
  await client.responses.create(unserved);
  await harness.fetch('/v1/tenants/goner-2/data', { method: 'DELETE' });
  await harness.cluster.until('it is half-way', async () => {
    const count = Number(await harness.cluster.shared.redis.hget(keys.erasure('goner-2'), 'objects'));
    return count > 0;
  });
  for (const proc of harness.cluster.procs) proc.kill('SIGKILL');
  harness.cluster.start('services/scheduler/main.ts');
  await erased('goner-2');
  expect(await stored('t/goner-2/')).toEqual([]);
});

test('a tenant that is deleted takes its keys along, and its name is free again', async () => {
  const client = await tenant('removed');
  await client.responses.create({ input: 'answer' });
  const ordered = await harness.fetch('/v1/tenants/removed', { method: 'DELETE' });
  expect(ordered.status).toBe(202);
  await expect(client.models.list()).rejects.toMatchObject({ status: 401 });
  await erased('removed');
  expect((await harness.fetch('/v1/tenants/removed')).status).toBe(404);
  const left = (await (await harness.fetch('/v1/api_keys?tenant=removed')).json()) as { data: unknown[] };
  expect(left.data).toEqual([]);
  expect(await stored('t/removed/')).toEqual([]);
  expect((await stored('system/')).filter((key) => key.includes('removed'))).toEqual([]);
  await expect(client.models.list()).rejects.toMatchObject({ status: 401 });
  expect((await harness.post('/v1/tenants', { id: 'removed' })).status).toBe(200);
});

test('the tenant of the root key cannot be removed, but emptied', async () => {
  const refused = await harness.fetch('/v1/tenants/default', { method: 'DELETE' });
  expect(refused.status).toBe(400);
  expect(((await refused.json()) as { error: { message: string } }).error.message).toMatch(/\/data/);
  await harness.client.responses.create({ input: 'answer' });
  expect((await harness.fetch('/v1/tenants/default/data', { method: 'DELETE' })).status).toBe(202);
  await erased('default');
  expect(await stored('t/default/')).toEqual([]);
  expect((await harness.fetch('/v1/tenants/nobody/data', { method: 'DELETE' })).status).toBe(404);
});
