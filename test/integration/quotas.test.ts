/** Quotas: what a tenant may use, how it is told, and that the others notice nothing. */
import OpenAI from 'openai';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keys, newRunId, runIdOf } from '../../shared/keys.ts';
import { submit } from '../../shared/run/submit.ts';
import { upkeep } from '../../shared/tenants/upkeep.ts';
import { type ApiHarness, dataUrl, startApiHarness } from '../api-harness.ts';
import { testConfig } from '../harness.ts';

let harness: ApiHarness;
beforeAll(async () => {
  harness = await startApiHarness();
});
afterAll(() => harness?.stop());

interface Member {
  readonly id: string;
  readonly client: OpenAI;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  used(): Promise<Record<'open_runs' | 'stored_bytes', { limit: number; used: number }>>;
}

async function tenant(id: string, quotas: object): Promise<Member> {
  const made = await harness.post('/v1/tenants', { id, quotas });
  expect(made.status).toBe(200);
  const { key } = (await (await harness.post('/v1/api_keys', { tenant: id, name: id })).json()) as { key: string };
  const call: Member['call'] = (method, path, body, headers = {}) =>
    fetch(harness.api.url + path, {
      method,
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    });
  return {
    id,
    call,
    client: new OpenAI({ baseURL: `${harness.api.url}/v1`, apiKey: key, maxRetries: 0 }),
    async used() {
      const shown = await harness.fetch(`/v1/tenants/${id}`);
      return ((await shown.json()) as { usage: Awaited<ReturnType<Member['used']>> }).usage;
    },
  };
}

const waiting = { input: 'answer', model: 'org/unserved', background: true };
const idOf = async (reply: Response): Promise<string> => ((await reply.json()) as { id: string }).id;
const errorOf = async (reply: Response) => ((await reply.json()) as { error: Record<string, string> }).error;

describe('requests per minute', () => {
  test("beyond them the official client sees a RateLimitError; other tenants' requests pass", async () => {
    const small = await tenant('few-requests', { requests_per_minute: 3 });
    const other = await tenant('others', {});
    const first = await small.call('GET', '/v1/tenant');
    expect(first.headers.get('x-ratelimit-limit-requests')).toBe('3');
    expect(first.headers.get('x-ratelimit-remaining-requests')).toBe('2');
    expect(first.headers.get('x-ratelimit-reset-requests')).toMatch(/^(20|19\.9)s$/);
    expect(first.headers.get('ratelimit-policy')).toBe('"requests";q=3;w=60, "open-runs";q=10000');
    expect(first.headers.get('ratelimit')).toBe('"requests";r=2;t=20, "open-runs";r=10000');
    await small.client.models.list();
    await small.client.models.list();
    const refused = await small.client.models.list().then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(OpenAI.RateLimitError);
    const { status, code, headers, message } = refused as InstanceType<typeof OpenAI.RateLimitError>;
    expect({ status, code }).toEqual({ status: 429, code: 'rate_limit_exceeded' });
    expect(message).toMatch(/3 requests a minute/);
    // A token comes every 20 s.
    expect(Number(headers?.get('retry-after'))).toBeGreaterThan(15);
    expect(Number(headers?.get('retry-after'))).toBeLessThanOrEqual(20);
    expect(headers?.get('x-ratelimit-remaining-requests')).toBe('0');
    for (let i = 0; i < 10; i++) expect((await other.call('GET', '/v1/tenant')).status).toBe(200);
    // Before the body is looked at: this one cannot even be parsed.
    expect((await small.call('POST', '/v1/responses', '{"input":')).status).toBe(429);
  });

  test('tokens come back evenly', async () => {
    const quick = await tenant('quick', { requests_per_minute: 600 });
    const { redis } = harness.cluster.shared;
    await quick.call('GET', '/v1/tenant');
    await redis.hset(keys.requests('quick'), 'level', '0');
    const tries = [];
    const end = performance.now() + 1_000;
    while (performance.now() < end) tries.push((await quick.call('GET', '/v1/models')).status);
    // Ten a second.
    const taken = tries.filter((status) => status === 200).length;
    expect(tries).toContain(429);
    expect(taken).toBeGreaterThanOrEqual(8);
    expect(taken).toBeLessThanOrEqual(12);
  });

  test('0 is any, and says nothing', async () => {
    const free = await tenant('free', { requests_per_minute: 0, open_runs: 0 });
    const reply = await free.call('POST', '/v1/responses', { input: 'answer' });
    expect(reply.status).toBe(200);
    expect(reply.headers.get('ratelimit')).toBeNull();
    expect(reply.headers.get('x-ratelimit-limit-requests')).toBeNull();
  });
});

describe('open runs', () => {
  test('so many and no more, also when all come at once; ended runs make room', async () => {
    const small = await tenant('few-runs', { open_runs: 3 });
    const replies = await Promise.all(Array.from({ length: 8 }, () => small.call('POST', '/v1/responses', waiting)));
    const made = replies.filter(({ status }) => status === 200);
    const refused = replies.filter(({ status }) => status === 429);
    expect([made.length, refused.length]).toEqual([3, 5]);
    const error = await errorOf(refused[0] as Response);
    expect(error).toMatchObject({ code: 'too_many_open_runs', type: 'rate_limit_error' });
    expect(error.message).toMatch(/3 runs open/);
    expect(refused[0]?.headers.get('retry-after')).toBe('5');
    expect((await small.used()).open_runs).toEqual({ limit: 3, used: 3 });
    // Not even its body is read now.
    expect((await small.call('POST', '/v1/responses', '{"input":')).status).toBe(429);
    expect((await small.call('GET', '/v1/models')).status).toBe(200);
    const id = await idOf(made[0] as Response);
    expect((await small.call('POST', `/v1/responses/${id}/cancel`)).status).toBe(200);
    expect((await small.used()).open_runs.used).toBe(2);
    const last = await small.call('POST', '/v1/responses', { input: 'answer' });
    expect(last.status).toBe(200);
    expect((await small.used()).open_runs.used).toBe(2);
    const second = await idOf(made[1] as Response);
    await small.call('DELETE', `/v1/responses/${second}`);
    expect((await small.used()).open_runs.used).toBe(1);
  });

  test('a retry with its Idempotency-Key finds its run, however many are open', async () => {
    const small = await tenant('one-run', { open_runs: 1 });
    const again = { 'idempotency-key': 'once' };
    const id = await idOf(await small.call('POST', '/v1/responses', waiting, again));
    expect(await idOf(await small.call('POST', '/v1/responses', waiting, again))).toBe(id);
    const another = await small.call('POST', '/v1/responses', waiting, { 'idempotency-key': 'twice' });
    expect(another.status).toBe(429);
  });

  test('places of runs that are no more are given back by the scheduler', async () => {
    const { shared } = harness.cluster;
    const small = await tenant('left-over', { open_runs: 2 });
    const open = runIdOf(await idOf(await small.call('POST', '/v1/responses', waiting))) ?? '';
    // A process that died between the place and the run.
    await shared.tenancy.openRuns.enter('left-over', newRunId());
    expect((await small.call('POST', '/v1/responses', waiting)).status).toBe(429);
    harness.cluster.start('services/scheduler/main.ts');
    await harness.cluster.until('there is room', async () => (await small.used()).open_runs.used === 1);
    expect(await shared.redis.zrange(keys.openRuns('left-over'), '0', '-1')).toEqual([open]);
    expect((await small.call('POST', '/v1/responses', waiting)).status).toBe(200);
  });

  test('lines of batches do not count', async () => {
    const batch = { id: 'batch_x', window: 0, index: 0, customId: 'a', endpoint: '/v1/responses' };
    const small = await tenant('batches-only', { open_runs: 1 });
    await small.call('POST', '/v1/responses', waiting);
    const config = testConfig({ model: 'org/unserved' });
    const direct = submit(harness.api.parts, { tenant: 'batches-only', config, images: [] });
    await expect(direct).rejects.toMatchObject({ code: 'too_many_open_runs' });
    const run = await submit(harness.api.parts, { tenant: 'batches-only', config: { ...config, batch }, images: [] });
    expect(run.status).toMatch(/^(pending|running)$/);
    expect((await small.used()).open_runs.used).toBe(1);
  });
});

const picture = await sharp({ create: { width: 60, height: 40, channels: 3, background: '#2a7' } })
  .png()
  .toBuffer();

describe('stored bytes', () => {
  const withPicture = {
    input: [
      {
        role: 'user',
        content: [
          { type: 'input_image', image_url: dataUrl(picture) },
          { type: 'input_text', text: 'answer' },
        ],
      },
    ],
  };
  /** Images and traces, which is what a run adds to the count when it is closed. */
  async function inStore(id: string): Promise<number> {
    let bytes = 0;
    for await (const { key, size } of harness.cluster.shared.objects.list(`t/${id}/runs/`)) {
      if (!key.includes('/upload-')) bytes += size;
    }
    return bytes;
  }

  test('a run counts once when it is closed, and no more once it is deleted', async () => {
    const member = await tenant('keeper', {});
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) ids.push(await idOf(await member.call('POST', '/v1/responses', withPicture)));
    const stored = await inStore('keeper');
    expect(stored).toBeGreaterThan(3 * picture.length);
    await harness.cluster.until('all are counted', async () => (await member.used()).stored_bytes.used === stored);
    await Promise.all([1, 2].map(() => member.call('DELETE', `/v1/responses/${ids[0]}`)));
    expect((await member.used()).stored_bytes.used).toBe(await inStore('keeper'));
  });

  test('the count is set right from the store', async () => {
    const member = await tenant('counted', {});
    const { redis, objects, tenancy, log } = harness.cluster.shared;
    await member.call('POST', '/v1/responses', withPicture);
    await redis.set(keys.stored('counted'), 123_456_789);
    const entry = await tenancy.tenants.get('counted');
    if (!entry) throw new Error('no tenant');
    for await (const _ of upkeep({ redis, objects, tenants: tenancy.tenants, log }, entry, 60_000));
    let all = 0;
    for await (const { size } of objects.list('t/counted/')) all += size;
    expect((await member.used()).stored_bytes.used).toBe(all);
  });

  test('a file beyond the quota is refused; deleting makes room', async () => {
    const member = await tenant('small-store', { stored_bytes: 1_000 });
    const upload = (bytes: number) =>
      member.client.files.create({ file: new File(['x'.repeat(bytes)], 'a.txt'), purpose: 'user_data' });
    const file = await upload(900);
    const refused = await upload(200).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(OpenAI.RateLimitError);
    expect(refused).toMatchObject({ code: 'insufficient_quota', message: expect.stringMatching(/900 bytes/) });
    expect((refused as InstanceType<typeof OpenAI.APIError>).headers?.get('x-should-retry')).toBe('false');
    await member.client.files.delete(file.id);
    await upload(200);
    expect((await member.used()).stored_bytes.used).toBe(200);
  });
});

test('a tenant that is disabled is refused, and its key works again afterwards', async () => {
  const member = await tenant('on-and-off', {});
  await harness.post('/v1/tenants/on-and-off', { disabled: true });
  const refused = await harness.cluster.until('it is refused', async () => {
    const reply = await member.call('GET', '/v1/tenant');
    return reply.status === 403 ? reply : undefined;
  });
  expect(await errorOf(refused)).toMatchObject({ code: 'tenant_disabled' });
  await harness.post('/v1/tenants/on-and-off', { disabled: false });
  await harness.cluster.until('it works', async () => (await member.call('GET', '/v1/tenant')).status === 200);
});

test("changes leave alone what they do not name; null gives back the cluster's value", async () => {
  await tenant('changing', { open_runs: 5, stored_bytes: 7 });
  await harness.post('/v1/tenants/changing', { quotas: { open_runs: null }, retention_days: { runs: 30 } });
  const shown = await (await harness.fetch('/v1/tenants/changing')).json();
  expect(shown).toMatchObject({
    quotas: { open_runs: null, stored_bytes: 7 },
    retention_days: { runs: 30, files: null },
    usage: { open_runs: { limit: 10_000 }, stored_bytes: { limit: 7 } },
  });
});
