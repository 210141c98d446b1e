/** Data jobs from the API to the files, with real processes: what goes on, what goes wrong, what is left. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningApi, startApi } from '../../services/api/start.ts';
import { type DataJobObject, dataJobObject } from '../../shared/data/job-object.ts';
import { keys, paths } from '../../shared/keys.ts';
import { openLog } from '../../shared/telemetry.ts';
import { openKeyring } from '../../shared/webhooks/secrets.ts';
import { openWebhookFetch } from '../../shared/webhooks/web.ts';
import { type Dispatcher, startDispatch } from '../../workers/webhooks/dispatch.ts';
import { type DataCluster, startDataCluster } from '../data-cluster.ts';
import { type Receiver, startReceiver } from '../webhook-receiver.ts';

const KEY = 'test-key-0123456789abcdef';
let data: DataCluster;
let api: RunningApi;
let receiver: Receiver;
let dispatcher: Dispatcher;
beforeAll(async () => {
  receiver = await startReceiver();
  data = await startDataCluster('test/promises/workers/data-worker.ts', {
    COTA_WEBHOOK_ALLOW: receiver.origin,
  });
  const { env, redis, objects } = data.cluster.shared;
  dispatcher = startDispatch({
    ...{ redis, objects, log: openLog('test', 'silent'), web: openWebhookFetch(env), keyring: openKeyring(env) },
    ...{ timeoutMs: 2_000, slackMs: 1_000, concurrency: 2, random: () => 0.5, pausesS: [3_600] },
  });
  api = await startApi({ ...data.cluster.env, COTA_PORT: 0, COTA_WORKER_ID: 'api-in-test' });
});
afterAll(async () => {
  await dispatcher?.stop(0);
  await api?.parts.lifecycle.stop('test is over');
  await data?.stop();
  await receiver?.close();
});

const recipe = (name: string, more: object = {}) => ({
  ...{ name, seed: 1, shard: 50, sources: [{ name: 'rows', program: { chains: 200 } }] },
  ...more,
});

const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  request(method, `data/jobs${path}`, body, headers);
async function request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const reply = await fetch(`${api.url}/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: reply.status, headers: reply.headers, text: await reply.text() };
}
const jobIn = ({ status, text }: { status: number; text: string }): DataJobObject => {
  expect(status, text).toBe(200);
  return dataJobObject.parse(JSON.parse(text));
};
const errorIn = ({ text }: { text: string }) =>
  (JSON.parse(text) as { error: { code: string; param: string | null; message: string } }).error;
const make = async (given: unknown): Promise<DataJobObject> => jobIn(await call('POST', '', { recipe: given }));
const over = (id: string): Promise<DataJobObject> =>
  data.cluster.until(`${id} is over`, async () => {
    const job = jobIn(await call('GET', `/${id}`));
    return job.status === 'queued' || job.status === 'in_progress' ? undefined : job;
  });

test('a job that nobody works on says so, and goes on when a worker comes', async () => {
  const first = await make(recipe('plain'));
  expect(first).toMatchObject({ status: 'queued', stages: [], error: null });
  expect(first.notice).toContain('No data worker is running');
  data.startWorker();
  const end = await over(first.id);
  expect(end).toMatchObject({ status: 'completed', error: null, notice: null });
  expect(end.stages.map(({ name, shards, done, rows }) => ({ name, shards, done, rows }))).toEqual([
    { name: 'make', shards: 4, done: 4, rows: 200 },
    { name: 'nothing', shards: 0, done: 0, rows: 0 },
    { name: 'count', shards: 1, done: 1, rows: 1 },
  ]);
  expect(end.stages[0]?.counts).toEqual({ chains: 200, even: 0 });
});

test('files are listed with their hashes, and read whole or in part', async () => {
  const { id } = await over((await make(recipe('plain'))).id);
  const { data: files } = JSON.parse((await call('GET', `/${id}/files`)).text) as {
    data: { name: string; bytes: number }[];
  };
  expect(files.map(({ name }) => name)).toEqual(
    [0, 1, 2, 3].map((at) => `rows-${at}.jsonl.zst`).concat('sum.jsonl.zst'),
  );
  const path = `/${id}/files/make/rows-0.jsonl.zst`;
  const part = await call('GET', path, undefined, { range: 'bytes=4-' });
  expect(part.status).toBe(206);
  expect(part.headers.get('content-length')).toBe(String((files[0]?.bytes ?? 0) - 4));
  expect((await call('GET', `/${id}/files?stage=count`)).text).toContain('sum.jsonl.zst');
  for (const none of ['make/_plan.json', 'make/..%2f..%2fx', 'make/rows-9.jsonl.zst', '_reports/000000.json']) {
    expect((await call('GET', `/${id}/files/${none}`)).status, none).toBe(404);
  }
  expect(errorIn(await call('GET', `/${id}/files?stage=bake`)).message).toContain('make, nothing, count');
  expect(errorIn(await call('GET', `/${id}/report`)).message).toContain('has no report');
});

test('an Idempotency-Key makes one job of two requests, YAML is as good as JSON', async () => {
  const yaml = 'name: plain\nseed: 1\nshard: 50\nsources:\n  - name: rows\n    program: {chains: 200}\n';
  const key = { 'idempotency-key': 'once' };
  const [first, again] = [await call('POST', '', { recipe: yaml }, key), await call('POST', '', { recipe: yaml }, key)];
  expect(jobIn(again).id).toBe(jobIn(first).id);
  expect((await over(jobIn(first).id)).status).toBe('completed');
  expect(jobIn(first).recipe).toEqual((await make(recipe('plain'))).recipe);
});

test('what is nonsense is refused with its place', async () => {
  const program = { chains: 1 };
  const cases: [unknown, string, string][] = [
    [undefined, 'recipe', 'Missing'],
    ['a: [', 'recipe', 'not valid YAML'],
    ['- 1', 'recipe', 'no list of fields'],
    [recipe('UPPER'), 'recipe.name', 'lower-case'],
    [recipe('x', { sources: [] }), 'recipe.sources', 'at least 1'],
    [recipe('x', { sauces: [] }), 'recipe.sauces', 'Unknown parameter'],
    [recipe('x', { sources: [{ name: 'a', program, chains: 'file-x' }] }), 'recipe.sources[0]', 'exactly one'],
    [recipe('x', { sources: [{ name: 'a', chains: './a.jsonl' }] }), 'recipe.sources[0].chains', 'upload it'],
    [
      recipe('x', { sources: [{ name: 'a', chains: 'file-01j00000000000000000000000' }] }),
      'recipe.sources[0].chains',
      'no file',
    ],
    [recipe('x', { sources: [{ name: 'a', dataset: 'data_1' }] }), 'recipe.sources[0].dataset', 'no data job'],
    [
      recipe('x', { mix: { parts: [{ name: 'a', rows: { of: 'b', ratio: 1 } }] } }),
      'recipe.mix.parts[0].rows.of',
      'another part',
    ],
    [
      recipe('x', { sources: [{ name: 'a', program: { chains: 1, observe: { tool: 0 } } }] }),
      'recipe.sources[0].program.observe',
      'All shares',
    ],
    [
      recipe('x', { sources: [{ name: 'a', program: { chains: 1_000_000_000 } }] }),
      'recipe.shard',
      '20,000,000 shards',
    ],
    ['a: &a [*a]', 'recipe', ''],
  ];
  for (const [given, param, words] of cases) {
    const reply = await call('POST', '', { recipe: given });
    expect(reply.status, reply.text).toBe(400);
    expect(errorIn(reply).param, reply.text).toBe(param);
    expect(errorIn(reply).message).toContain(words);
  }
});

test('a shard that waits spends no try; what fails says why, and harms no other job', async () => {
  const names = ['patient', 'wrong', 'stubborn', 'poison', 'plain'];
  const made = await Promise.all(names.map((name) => make(recipe(name))));
  const [patient, wrong, stubborn, poison, plain] = await Promise.all(made.map(({ id }) => over(id)));
  expect(patient?.status).toBe('completed');
  expect(plain?.status).toBe('completed');
  expect(wrong?.error).toMatchObject({ code: 'invalid_value', message: expect.stringContaining('ask for six') });
  expect(stubborn?.error).toMatchObject({ code: 'attempts_exhausted', message: expect.stringContaining('moon') });
  expect(poison?.error).toMatchObject({ code: 'poison', message: expect.stringContaining('Shard 1 of make') });
});

test('the end of a job is told to the endpoints that want it, once', async () => {
  const events = ['data_job.completed', 'data_job.failed'];
  const made = await request('POST', 'webhook_endpoints', { url: `${receiver.origin}/jobs`, events });
  expect(made.status, made.text).toBe(200);
  // An endpoint that is new may miss the first two seconds of events.
  await sleep(2_100);
  const [good, bad] = await Promise.all([make(recipe('plain')), make(recipe('wrong'))]);
  await Promise.all([over(good.id), over(bad.id)]);
  const told = () => receiver.received.map(({ body }) => JSON.parse(body) as { type: string; data: { id: string } });
  await data.cluster.until('both were told', async () => told().length >= 2);
  expect(
    told()
      .map(({ type, data: { id } }) => [type, id])
      .sort(),
  ).toEqual([
    ['data_job.completed', good.id],
    ['data_job.failed', bad.id],
  ]);
});

test("a small job behind another tenant's large one need not wait for it", async () => {
  for (const id of ['large', 'small']) expect((await request('POST', 'tenants', { id })).status).toBe(200);
  const large = await data.submit(
    recipe('plain', { sources: [{ name: 'rows', program: { chains: 10_000 } }] }),
    'large',
  );
  const done = async (): Promise<number> => (await data.jobs.find('large', large.id))?.stages[0]?.done ?? 0;
  await data.cluster.until('the large one is under way', async () => (await done()) >= 4);
  const before = await done();
  const small = await data.submit(recipe('plain', { sources: [{ name: 'rows', program: { chains: 250 } }] }), 'small');
  expect((await data.over(small)).status).toBe('completed');
  // Of two hands it had one, or what the other's shards in the queue left of it: far from the 200 that stood before it.
  expect((await done()) - before).toBeLessThan(40);
  await data.jobs.end('large', large.id, 'cancelled');
});

test('of a tenant whose data is deleted, a job that is under way leaves nothing', async () => {
  expect((await request('POST', 'tenants', { id: 'goner' })).status).toBe(200);
  const job = await data.submit(recipe('endless'), 'goner');
  await data.cluster.until('a shard is in hand', async () => data.jobs.state.isHeld(job.id));
  expect((await request('DELETE', 'tenants/goner/data')).status).toBe(202);
  await data.cluster.until('all is deleted', async () => {
    const { text } = await request('GET', 'tenants/goner/data');
    return (JSON.parse(text) as { status: string }).status === 'done';
  });
  await data.cluster.until('its worker has let go', async () => !(await data.jobs.state.isHeld(job.id)));
  const { redis, objects } = data.cluster.shared;
  expect(await redis.keys(`${keys.dataJobPrefix(job.id)}*`)).toEqual([]);
  expect((await data.jobs.open()).filter(({ tenant }) => tenant === 'goner')).toEqual([]);
  for await (const { key } of objects.list(paths.tenant('goner'))) expect(key).toBe('nothing');
});

test('a cancelled job stops within five seconds and can be removed with all that it wrote', async () => {
  const { id } = await make(recipe('endless'));
  expect(errorIn(await call('DELETE', `/${id}`)).code).toBe('still_running');
  await data.cluster.until('a shard is in hand', async () => data.jobs.state.isHeld(id));
  const asked = performance.now();
  expect(jobIn(await call('POST', `/${id}/cancel`)).status).toBe('cancelled');
  await data.cluster.until('nobody has a shard of it', async () => !(await data.jobs.state.isHeld(id)));
  expect(performance.now() - asked).toBeLessThan(5_000);
  expect((await call('DELETE', `/${id}`)).status).toBe(200);
  expect((await call('GET', `/${id}`)).status).toBe(404);
  for await (const { key } of data.cluster.shared.objects.list(paths.dataJob('default', id)))
    expect(key).toBe('nothing');
});

test('a job whose state Redis has lost goes on from what lies in the store', async () => {
  const { id } = await make(recipe('plain', { sources: [{ name: 'rows', program: { chains: 2_000 } }] }));
  const made = async (): Promise<number> => {
    let reports = 0;
    for await (const { key } of data.cluster.shared.objects.list(paths.dataStage('default', id, 'make'))) {
      if (key.includes('/_reports/')) reports += 1;
    }
    return reports;
  };
  await data.cluster.until('some shards are made', async () => (await made()) >= 3);
  await data.jobs.state.forget(id, 0);
  await data.jobs.leave('default', id);
  await sleep(100);
  const end = await over(id);
  expect(end).toMatchObject({ status: 'completed' });
  expect(end.stages[0]).toMatchObject({ shards: 40, done: 40, rows: 2_000 });
});

test('of a job whose end is not written down yet a worker knows that it is over; one that is removed stays so', async () => {
  const job = await data.submit(recipe('endless'));
  await data.cluster.until('a shard is in hand', async () => data.jobs.state.isHeld(job.id));
  // Nobody else is to write it down.
  await data.jobs.leave(job.tenant, job.id);
  const { redis, objects } = data.cluster.shared;
  await redis.hset(keys.dataJob(job.id), 'status', 'completed');
  const document = async () =>
    JSON.parse((await objects.get(paths.document(job.tenant, 'data_jobs', job.id))).bytes.toString()) as object;
  expect(await document()).toMatchObject({ status: 'queued' });
  expect(await data.jobs.look(job.tenant, job.id)).toMatchObject({ status: 'completed' });
  expect(await data.jobs.look('other', job.id)).toBeUndefined();
  await data.cluster.until('its worker has let go', async () => !(await data.jobs.state.isHeld(job.id)));
  await data.jobs.remove(job.tenant, job.id);
  await data.jobs.conclude(job.tenant, job.id);
  expect(await data.jobs.look(job.tenant, job.id)).toBeUndefined();
});

test('lists give the newest first, page by page', async () => {
  const page = JSON.parse((await call('GET', '?limit=2')).text) as {
    data: DataJobObject[];
    last_id: string;
    has_more: boolean;
  };
  expect(page).toMatchObject({ has_more: true, data: [{}, {}] });
  const next = JSON.parse((await call('GET', `?limit=2&after=${page.last_id}`)).text) as { data: DataJobObject[] };
  expect([...page.data, ...next.data].map(({ id }) => id)).toEqual(
    [...page.data, ...next.data]
      .map(({ id }) => id)
      .toSorted()
      .reverse(),
  );
});
