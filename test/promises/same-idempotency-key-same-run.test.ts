/**
 * Requests with one Idempotency-Key make one run: at once or later, through any API process, and also when the process
 * that took the first of them was killed half-way.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunConfig } from '../../shared/contract.ts';
import { newRunId, responseIdOf, runIdOf } from '../../shared/keys.ts';
import { finalize } from '../../shared/run/finalize.ts';
import { reserve } from '../../shared/run/idempotency.ts';
import { API_KEY, dataUrl, PNG, TOOLLESS_MODELS } from '../api-harness.ts';
import { type Proc, startTestCluster, type TestCluster } from '../harness.ts';
import { freePort } from '../redis-server.ts';

interface Api {
  readonly proc: Proc;
  readonly url: string;
}

let cluster: TestCluster;
let first: Api;
let second: Api;

async function startApi(): Promise<Api> {
  const port = await freePort();
  const proc = cluster.start('services/api/main.ts', { COTA_PORT: String(port) });
  const url = `http://127.0.0.1:${port}`;
  await cluster.until('the API is ready', async () => {
    return await fetch(`${url}/readyz`).then(
      (reply) => reply.ok,
      () => false,
    );
  });
  return { proc, url };
}

beforeAll(async () => {
  cluster = await startTestCluster({ models: TOOLLESS_MODELS });
  [first, second] = await Promise.all([startApi(), startApi()]);
});
afterAll(() => cluster?.stop());

/** A request whose run says by its metadata which key made it. */
const bodyOf = (key: string): object => ({
  background: true,
  metadata: { key },
  input: [
    {
      role: 'user',
      content: [
        { type: 'input_image', image_url: dataUrl(PNG) },
        { type: 'input_text', text: 'What is this?' },
      ],
    },
  ],
});

const post = (api: Api, key: string, body: unknown = bodyOf(key)): Promise<Response> =>
  fetch(`${api.url}/v1/responses`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: {
      authorization: `Bearer ${API_KEY}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
  });

async function idOf(reply: Response): Promise<string> {
  expect(reply.status).toBe(200);
  return ((await reply.json()) as { id: string }).id;
}

/** Ids of the runs that each key made, as Redis has them. */
async function runsByKey(): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const name of await cluster.shared.redis.keys('cota:*:run:*')) {
    const config = JSON.parse((await cluster.shared.redis.hget(name, 'config')) ?? '{}') as RunConfig;
    const key = config.metadata.key ?? '';
    found.set(key, [...(found.get(key) ?? []), responseIdOf(name.split(':').at(-1) ?? '')]);
  }
  return found;
}

test('forty at once through two processes are one run, with its image once', async () => {
  const sent = Array.from({ length: 40 }, (_, index) => post(index % 2 === 0 ? first : second, 'at-once'));
  const ids = new Set(await Promise.all(sent.map(async (reply) => idOf(await reply))));
  expect(ids.size).toBe(1);
  expect((await runsByKey()).get('at-once')).toEqual([...ids]);
  const run = await cluster.shared.runs.read(runIdOf([...ids][0] ?? '') ?? '');
  expect(run?.config.sources).toHaveLength(1);
});

test('another body with the key is a conflict, another order of its fields is not', async () => {
  const id = await idOf(await post(first, 'order', { input: 'a', background: true, metadata: { key: 'order' } }));
  const turned = { metadata: { key: 'order' }, background: true, input: 'a' };
  expect(await idOf(await post(second, 'order', turned))).toBe(id);
  const other = await post(second, 'order', { ...turned, input: 'b' });
  expect([other.status, ((await other.json()) as { error: { code: string } }).error.code]).toEqual([
    409,
    'idempotency_key_reused',
  ]);
});

test('a request that is refused uses no key up', async () => {
  expect((await post(first, 'refused', { input: '' })).status).toBe(400);
  expect(await idOf(await post(first, 'refused'))).toMatch(/^resp_/);
});

test('a process that dies between reserving and creating: the retry finishes the same run', async () => {
  const reserved = newRunId();
  const request = { tenant: 'default', key: 'half', body: bodyOf('half') };
  await reserve(cluster.shared.redis, request, reserved, 60);
  expect(await idOf(await post(second, 'half'))).toBe(responseIdOf(reserved));
  expect((await runsByKey()).get('half')).toEqual([responseIdOf(reserved)]);
});

test('a run that ended and left Redis is still the one; one that was deleted does not come back', async () => {
  const id = await idOf(await post(first, 'ended'));
  const runId = runIdOf(id) ?? '';
  await cluster.shared.runs.end(runId, { status: 'cancelled', stopReason: 'cancelled' });
  const run = await cluster.shared.runs.read(runId);
  if (run) await finalize(run, cluster.shared.finalizing);
  await cluster.shared.runs.remove(runId);
  expect(await idOf(await post(second, 'ended'))).toBe(id);
  const headers = { authorization: `Bearer ${API_KEY}` };
  expect((await fetch(`${first.url}/v1/responses/${id}`, { method: 'DELETE', headers })).status).toBe(200);
  expect((await post(second, 'ended')).status).toBe(404);
});

test('SIGKILL in the middle of requests: every key makes exactly one run, and an id once given is kept', async () => {
  const keys: string[] = [];
  const given = new Map<string, string>();
  let answered = 0;
  // Killed as soon as a key is reserved, then when some of the twelve have their answer.
  for (const answersFirst of [0, 1, 4, 8]) {
    const mine = Array.from({ length: 12 }, (_, index) => `kill-${answersFirst}-${index}`);
    keys.push(...mine);
    const reservedBefore = await reservations();
    const victim = first;
    let inRound = 0;
    const sent = mine.map(async (key) => {
      const reply = await post(victim, key).catch(() => undefined);
      const id = reply?.ok ? await idOf(reply).catch(() => undefined) : undefined;
      if (id === undefined) return;
      inRound += 1;
      given.set(key, id);
    });
    while (inRound < answersFirst || (await reservations()) === reservedBefore) await new Promise(setImmediate);
    victim.proc.kill('SIGKILL');
    await Promise.all(sent);
    answered += inRound;
    const retried = await Promise.all(mine.map(async (key) => [key, await idOf(await post(second, key))] as const));
    for (const [key, id] of retried) expect(given.get(key) ?? id).toBe(id);
    for (const [key, id] of retried) given.set(key, id);
    first = await startApi();
  }
  const made = await runsByKey();
  for (const key of keys) expect(made.get(key)).toEqual([given.get(key)]);
  expect(answered).toBeGreaterThanOrEqual(1 + 4 + 8);
  console.info(`${keys.length} keys, ${answered} answered before their process was killed, one run each`);
});

const reservations = async (): Promise<number> => (await cluster.shared.redis.keys('cota:*:idempotency:*')).length;
