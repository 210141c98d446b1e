/** API keys of tenants: only hashes are kept, scopes and expiry hold, and a revoked key is refused at once everywhere. */
import { readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningApi, startApi } from '../../services/api/start.ts';
import { keys } from '../../shared/keys.ts';
import { mintApiKey } from '../../shared/tenants/api-key.ts';
import { API_KEY, type ApiHarness, startApiHarness } from '../api-harness.ts';

interface Made {
  readonly id: string;
  readonly key: string;
  readonly prefix: string;
  readonly scopes: readonly string[];
  readonly [field: string]: unknown;
}

let harness: ApiHarness;
let second: RunningApi;
beforeAll(async () => {
  harness = await startApiHarness();
  second = await startApi({ ...harness.cluster.env, COTA_PORT: 0, COTA_WORKER_ID: 'api-2' });
  await harness.post('/v1/tenants', { id: 'acme' });
});
afterAll(async () => {
  await second?.parts.lifecycle.stop('test is over');
  await harness?.stop();
});

async function make(more: object = {}): Promise<Made> {
  const reply = await harness.post('/v1/api_keys', { tenant: 'acme', name: 'a key', ...more });
  expect(reply.status).toBe(200);
  return (await reply.json()) as Made;
}

const call = (key: string, path: string, init: RequestInit = {}, url = harness.api.url): Promise<Response> =>
  fetch(url + path, {
    ...init,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
  });

async function errorOf(reply: Response): Promise<{ status: number; code: string; message: string }> {
  const { error } = (await reply.json()) as { error: { code: string; message: string } };
  return { status: reply.status, code: error.code, message: error.message };
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

test('a key is shown once and works; neither Redis nor the store nor the audit has it', async () => {
  const made = await make({ name: 'labelling' });
  expect(made).toMatchObject({ object: 'api_key', tenant: 'acme', created_by: 'root', last_used_at: null });
  expect(made.key.startsWith(`${made.prefix}_`)).toBe(true);
  const client = new OpenAI({ baseURL: `${harness.api.url}/v1`, apiKey: made.key, maxRetries: 0 });
  const response = await client.responses.create({ input: 'answer' });
  expect(response.status).toBe('completed');
  const shown = (await (await harness.fetch(`/v1/api_keys/${made.id}`)).json()) as Made;
  expect(shown.key).toBeUndefined();
  expect(shown.last_used_at).toBeGreaterThan(0);

  const { redis } = harness.cluster.shared;
  await redis.save();
  const files = [...(await filesUnder(harness.cluster.dir)), ...(await filesUnder(harness.cluster.redis.dir))];
  expect(files.some((file) => file.endsWith('.rdb'))).toBe(true);
  const secret = made.key.slice(-43);
  let withId = 0;
  for (const file of files) {
    const bytes = await readFile(file).catch(() => Buffer.alloc(0));
    expect(bytes.includes(secret), file).toBe(false);
    if (bytes.includes(made.id)) withId += 1;
  }
  // The entry itself is there, so this looked in the right places.
  expect(withId).toBeGreaterThan(1);
});

test('wrong, mistyped and absent keys: 401, in words that help', async () => {
  const { key } = await make();
  const mistyped = key.slice(0, -1) + (key.endsWith('A') ? 'B' : 'A');
  for (const wrong of [mistyped, mintApiKey().key, 'nonsense', `${API_KEY}x`]) {
    const error = await errorOf(await call(wrong, '/v1/tenant'));
    expect(error).toMatchObject({ status: 401, code: 'invalid_api_key' });
  }
  // Two whole seconds ahead at least: at the end of a second, "now + 1" has come before the request has.
  const expiresAt = Math.ceil(Date.now() / 1000) + 2;
  const expired = await make({ expires_at: expiresAt });
  expect((await call(expired.key, '/v1/tenant')).status).toBe(200);
  await new Promise((resolve) => setTimeout(resolve, expiresAt * 1000 - Date.now() + 50));
  expect(await errorOf(await call(expired.key, '/v1/tenant'))).toMatchObject({ status: 401, message: /expired/ });
});

test('a revoked key is refused from the next request on, by every API process', async () => {
  const { key, id } = await make();
  const looks = () => Promise.all([harness.api.url, second.url].map((url) => call(key, '/v1/tenant', {}, url)));
  expect((await looks()).map(({ status }) => status)).toEqual([200, 200]);
  const revoked = await harness.fetch(`/v1/api_keys/${id}`, { method: 'DELETE' });
  expect(revoked.status).toBe(200);
  const after = await looks();
  expect(after.map(({ status }) => status)).toEqual([401, 401]);
  expect((await errorOf(after[0] as Response)).message).toMatch(/revoked/);
  // Also when Redis has lost its copy.
  await harness.cluster.shared.redis.del(keys.registry('keys'));
  expect((await looks()).map(({ status }) => status)).toEqual([401, 401]);
});

describe('scopes', () => {
  test.each([
    [['runs:read'], 'GET', '/v1/responses/resp_x', 404],
    [['runs:read'], 'POST', '/v1/responses', 403],
    [['runs:read'], 'GET', '/v1/webhook_endpoints', 403],
    [['runs:read'], 'GET', '/v1/models', 200],
    [['runs'], 'POST', '/v1/responses', 200],
    [['runs'], 'GET', '/v1/tenants', 403],
    [['runs', 'webhooks'], 'POST', '/v1/api_keys', 403],
    [['webhooks'], 'GET', '/v1/webhook_endpoints', 200],
    [['webhooks'], 'DELETE', '/v1/responses/resp_x', 403],
    [['admin'], 'GET', '/v1/tenants', 200],
    [['admin'], 'POST', '/v1/responses', 403],
    [['admin'], 'GET', '/v1/tenant', 200],
  ] as const)('%s may %s %s: %i', async (scopes, method, path, status) => {
    const { key } = await make({ scopes });
    const body = method === 'POST' ? JSON.stringify({ input: 'answer', background: true }) : null;
    const reply = await call(key, path, { method, body });
    if (status !== 403) return expect(reply.status).toBe(status);
    expect(await errorOf(reply)).toMatchObject({
      status,
      code: 'insufficient_permissions',
      message: expect.stringMatching(/needs an API key with the scope "(runs|runs:read|webhooks|admin)"/),
    });
  });

  test('every route of the table asks for one, so that none is open by oversight', async () => {
    const page = (await (await harness.fetch('/openapi.json')).json()) as {
      paths: Record<string, Record<string, { security?: unknown[] }>>;
    };
    // A key that may do nothing here: it is refused, or sees what every key may see.
    const { key } = await make({ scopes: ['webhooks'] });
    const forAll = new Set(['GET /v1/tenant', 'GET /v1/models', 'GET /v1/models/{id}', 'GET /v1/tools']);
    const routes = Object.entries(page.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { security }]) => ({ path, method: method.toUpperCase(), security })),
    );
    expect(routes.length).toBeGreaterThan(30);
    for (const { path, method, security } of routes) {
      if (security?.length === 0 || path.startsWith('/v1/webhook_') || forAll.has(`${method} ${path}`)) continue;
      const reply = await call(key, path.replace(/\{\w+\}/g, 'x'), { method });
      expect(reply.status, `${method} ${path}`).toBe(403);
    }
  });
});

test('a Redis that was flushed is filled again from the store', async () => {
  const { key } = await make();
  await harness.cluster.shared.redis.flushall();
  expect((await call(key, '/v1/tenant')).status).toBe(200);
  const list = (await (await harness.fetch('/v1/api_keys?tenant=acme&limit=100')).json()) as { data: Made[] };
  expect(list.data.map(({ id }) => id)).toContain(key.slice(5, 13));
});

test('keys that nobody has never reach the store', async () => {
  const { key } = await make();
  expect((await call(key, '/v1/tenant')).status).toBe(200);
  const root = harness.cluster.env.COTA_STORE_ROOT;
  await rename(root, `${root}-away`);
  try {
    expect((await call(mintApiKey().key, '/v1/tenant')).status).toBe(401);
    expect((await call(key, '/v1/tenant')).status).toBe(200);
  } finally {
    await rename(`${root}-away`, root);
  }
});

test('the audit has a line for each of these, and of failed tries, without any secret', async () => {
  const { key, id } = await make({ name: 'for the audit', scopes: ['runs:read'] });
  await harness.fetch(`/v1/api_keys/${id}`, { method: 'DELETE' });
  await harness.post('/v1/api_keys', { tenant: 'nobody', name: 'x' });
  const reply = await harness.fetch('/v1/audit?limit=3');
  const text = await reply.text();
  const { data, has_more } = JSON.parse(text) as { data: Record<string, unknown>[]; has_more: boolean };
  expect(has_more).toBe(true);
  expect(data).toMatchObject([
    { action: 'api_key.create', outcome: 'invalid_value', target: null },
    { action: 'api_key.revoke', outcome: 'ok', target: id, details: { tenant: 'acme', name: 'for the audit' } },
    {
      action: 'api_key.create',
      outcome: 'ok',
      target: id,
      actor: { key_id: 'root', tenant: 'default' },
      ip: '127.0.0.1',
      request_id: expect.stringMatching(/^req_/),
      details: { tenant: 'acme', name: 'for the audit', scopes: ['runs:read'] },
    },
  ]);
  expect(text).not.toContain(key);
  const next = await harness.fetch(`/v1/audit?limit=100&after=${data[2]?.id}`);
  const older = ((await next.json()) as { data: Record<string, unknown>[] }).data;
  expect(older.length).toBeGreaterThan(3);
  expect(older.map((line) => line.id)).not.toContain(data[2]?.id);
  expect(older.at(-1)).toMatchObject({ action: 'tenant.create', target: 'acme' });
});

interface AuditLine {
  readonly action: string;
  readonly outcome: string;
  readonly target: string | null;
  readonly actor: { readonly key_id: string; readonly tenant: string };
}
const audit = async (limit: number): Promise<readonly AuditLine[]> =>
  ((await (await harness.fetch(`/v1/audit?limit=${limit}`)).json()) as { data: AuditLine[] }).data;

describe('tries that are refused before they are looked at', () => {
  test('leave their lines too: no permission, no JSON, an unknown query', async () => {
    const { key, id } = await make({ scopes: ['runs'] });
    const wanted = JSON.stringify({ name: 'evil', scopes: ['admin'] });
    expect((await call(key, '/v1/api_keys', { method: 'POST', body: wanted })).status).toBe(403);
    expect((await call(key, '/v1/tenants/acme', { method: 'DELETE' })).status).toBe(403);
    expect((await harness.post('/v1/tenants', '{"id":')).status).toBe(400);
    expect((await harness.post('/v1/tenants/acme?force=1', {})).status).toBe(400);
    const own = { key_id: id, tenant: 'acme' };
    const root = { key_id: 'root', tenant: 'default' };
    expect(await audit(4)).toMatchObject([
      { action: 'tenant.change', outcome: 'unknown_parameter', target: 'acme', actor: root },
      { action: 'tenant.create', outcome: 'invalid_json', target: null, actor: root },
      { action: 'tenant.delete', outcome: 'insufficient_permissions', target: 'acme', actor: own },
      { action: 'api_key.create', outcome: 'insufficient_permissions', target: null, actor: own },
    ]);
  });

  test('of one key only so many are kept, and none of strangers', async () => {
    const { key, id } = await make({ scopes: ['runs'] });
    const before = await countAudit();
    const body = '{}';
    for (let i = 0; i < 130; i++) await call(key, '/v1/api_keys', { method: 'POST', body });
    for (let i = 0; i < 20; i++) await call('nonsense', '/v1/api_keys', { method: 'POST', body });
    expect((await countAudit()) - before).toBe(100);
    // What its owner may do is told whatever it has tried before, and so is what others try.
    const other = await make({ scopes: ['runs'] });
    await call(other.key, '/v1/api_keys', { method: 'POST', body });
    expect((await audit(3)).map(({ actor, outcome }) => [actor.key_id, outcome])).toEqual([
      [other.id, 'insufficient_permissions'],
      ['root', 'ok'],
      [id, 'insufficient_permissions'],
    ]);
  });

  async function countAudit(): Promise<number> {
    let count = 0;
    for await (const _ of harness.cluster.shared.objects.list('system/audit/')) count += 1;
    return count;
  }
});

test.each([
  [{ name: 'x', tenant: 'nobody' }, 'tenant', /POST \/v1\/tenants/],
  [{ name: 'x', tenant: '../../etc' }, 'tenant', /no tenant/],
  [{ tenant: 'acme' }, 'name', /name/],
  [{ name: 'x', scopes: ['everything'] }, 'scopes[0]', /"runs"/],
  [{ name: 'x', scopes: [] }, 'scopes', /at least 1/],
  [{ name: 'x', expires_at: 12 }, 'expires_at', /past/],
  [{ name: 'x', expire_at: 12 }, 'expire_at', /Unknown/],
])('bad input %j is refused with words', async (body, param, words) => {
  const reply = await harness.post('/v1/api_keys', body);
  const { error } = (await reply.json()) as { error: { param: string; message: string } };
  expect(reply.status).toBe(400);
  expect(error.param).toBe(param);
  expect(error.message).toMatch(words);
});

test.each(['', 'A', 'a_b', '-a', 'a-', 'a/b', '..', 'a'.repeat(41), 'ä'])('no tenant may be called %j', async (id) => {
  const reply = await harness.post('/v1/tenants', { id });
  expect(await errorOf(reply)).toMatchObject({ status: 400, message: /a-z, 0-9/ });
});

test('Redis away: 503 and never 401, also for keys that were fine a moment ago', async () => {
  const { key } = await make();
  await harness.cluster.redis.kill();
  try {
    const replies = await Promise.all([call(key, '/v1/tenant'), call(mintApiKey().key, '/v1/tenant')]);
    expect(replies.map(({ status }) => status)).toEqual([503, 503]);
  } finally {
    await harness.cluster.restartRedis();
  }
  await harness.cluster.until('it works again', async () => (await call(key, '/v1/tenant')).status === 200);
});
