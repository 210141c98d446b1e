/** Retention: what is older than a tenant wants it is deleted, the rest stays, and what is left is counted. */
import { ulid } from 'ulid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keys, newRunId, paths } from '../../shared/keys.ts';
import { newTenant, type Tenant } from '../../shared/tenants/tenants.ts';
import { isUpkeepDue, upkeep } from '../../shared/tenants/upkeep.ts';
import { type ApiHarness, startApiHarness } from '../api-harness.ts';
import { testConfig } from '../harness.ts';

const DAY_MS = 86_400_000;
const SHA = 'ab'.repeat(32);

let harness: ApiHarness;
beforeAll(async () => {
  harness = await startApiHarness();
});
afterAll(() => harness?.stop());

const at = (days: number): string => ulid(Date.now() - days * DAY_MS).toLowerCase();
const runId = (days: number): string => `run_2a${at(days)}abcdef`;

async function put(key: string, content: unknown = {}): Promise<void> {
  const bytes = Buffer.from(JSON.stringify(content));
  await harness.cluster.shared.objects.put(key, bytes, { contentType: 'application/json' });
}

async function putRun(tenant: string, id: string): Promise<void> {
  await put(paths.trace(tenant, id));
  await put(paths.image(tenant, id, SHA));
  await put(paths.artifact(tenant, SHA, id), { key: paths.image(tenant, id, SHA), contentType: 'image/png' });
}

async function stored(tenant: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of harness.cluster.shared.objects.list(`t/${tenant}/`)) found.push(key);
  return found.sort();
}

/** @param aheadDays as if so many days had passed */
async function goThrough(tenant: Tenant, aheadDays = 0): Promise<number> {
  const { redis, objects, log, tenancy } = harness.cluster.shared;
  const parts = { redis, objects, log, tenants: tenancy.tenants };
  let portions = 0;
  for await (const _ of upkeep(parts, tenant, 60_000, Date.now() + aheadDays * DAY_MS)) portions += 1;
  return portions;
}

const keeping = (id: string, runs: number | null, files: number | null): Tenant => ({
  ...newTenant(id, 0),
  retentionDays: { runs, files },
});

test('runs by the time in their ids, with their images and what points at them; open ones stay', async () => {
  const { redis, runs } = harness.cluster.shared;
  const [old, open, young] = [runId(31), runId(40), runId(29)];
  for (const id of [old, open, young]) await putRun('a', id);
  await runs.create({ id: open, tenant: 'a', config: testConfig({}) });
  await goThrough(keeping('a', 30, null));
  const left = await stored('a');
  expect(left.filter((key) => key.includes(old))).toEqual([]);
  expect(left.filter((key) => key.includes(open)).length).toBe(3);
  expect(left.filter((key) => key.includes(young)).length).toBe(3);
  expect(await isUpkeepDue(redis, 'a')).toBe(false);
  let bytes = 0;
  for await (const { size } of harness.cluster.shared.objects.list('t/a/')) bytes += size;
  expect(Number(await redis.get(keys.stored('a')))).toBe(bytes);
});

test('files by theirs, batches as a whole by theirs, and what batches wrote with the files that it is', async () => {
  const { redis } = harness.cluster.shared;
  const file = (days: number) => `file-${at(days)}`;
  const batch = (days: number) => `batch_${at(days)}`;
  const [oldFile, youngFile, oldBatch, openBatch] = [file(8), file(6), batch(31), batch(33)];
  for (const id of [oldFile, youngFile]) {
    await put(paths.document('b', 'files', id));
    await put(paths.content('b', id));
    await redis.zadd(keys.documents('b', 'files'), '0', `${id.slice(-26)} ${id}`);
  }
  for (const [id, status] of [
    [oldBatch, 'completed'],
    [openBatch, 'in_progress'],
  ] as const) {
    await put(paths.document('b', 'batches', id), { status });
    await put(paths.batchPlan('b', id));
    await put(paths.batchOutput('b', id, 0));
  }
  await goThrough(keeping('b', 30, 7));
  expect(await stored('b')).toEqual(
    [
      paths.document('b', 'files', youngFile),
      paths.content('b', youngFile),
      paths.document('b', 'batches', openBatch),
      paths.batchPlan('b', openBatch),
      paths.batchOutput('b', openBatch, 0),
    ].sort(),
  );
  const listed = await redis.zrange(keys.documents('b', 'files'), '0', '-1');
  expect(listed).toEqual([`${youngFile.slice(-26)} ${youngFile}`]);
});

test('output of an old batch stays as long as files do', async () => {
  const id = `batch_${at(31)}`;
  await put(paths.document('c', 'batches', id), { status: 'completed' });
  await put(paths.batchOutput('c', id, 0));
  await goThrough(keeping('c', 30, 0));
  expect(await stored('c')).toEqual([paths.batchOutput('c', id, 0)]);
});

test("tools' results go when runs of their time do; those that say no time go too", async () => {
  const path = (n: number) => paths.toolCache('d', String(n).padStart(64, '0'));
  await put(path(1), { result: {}, images: [], at: Date.now() - 31 * DAY_MS });
  await put(path(2), { result: {}, images: [], at: Date.now() - 29 * DAY_MS });
  await put(path(3), { result: {}, images: [] });
  await goThrough(keeping('d', 30, null));
  expect(await stored('d')).toEqual([path(2)]);
});

test('0 is for ever, and so is what the cluster is set to where the tenant says nothing', async () => {
  await putRun('e', runId(3_000));
  await goThrough(keeping('e', 0, 0));
  await goThrough(keeping('e', null, null));
  expect((await stored('e')).length).toBe(3);
});

test('many in portions, begun again after it was stopped half-way', async () => {
  const young = newRunId();
  for (let i = 0; i < 500; i++) await put(paths.trace('f', runId(31)));
  await put(paths.trace('f', young));
  const { redis, objects, log, tenancy } = harness.cluster.shared;
  for await (const _ of upkeep({ redis, objects, log, tenants: tenancy.tenants }, keeping('f', 30, 0), 60_000)) break;
  const half = (await stored('f')).length;
  expect(half).toBeGreaterThan(100);
  expect(half).toBeLessThan(500);
  // Not counted as done.
  expect(await isUpkeepDue(redis, 'f')).toBe(true);
  expect(await goThrough(keeping('f', 30, 0))).toBeGreaterThanOrEqual(1);
  expect(await stored('f')).toEqual([paths.trace('f', young)]);
});

test('the scheduler does it, by itself, soon after a tenant was given a retention', async () => {
  harness.cluster.start('services/scheduler/main.ts');
  await harness.post('/v1/tenants', { id: 'g' });
  const [old, young] = [runId(2), runId(0)];
  for (const id of [old, young]) await putRun('g', id);
  const { redis } = harness.cluster.shared;
  await harness.cluster.until('it was counted once', async () => !(await isUpkeepDue(redis, 'g')));
  expect((await stored('g')).length).toBe(6);
  await harness.post('/v1/tenants/g', { retention_days: { runs: 1 } });
  await harness.cluster.until('the old run is gone', async () => (await stored('g')).length === 3);
  expect((await stored('g')).every((key) => key.includes(young))).toBe(true);
});

const line = (n: number, model: string) => ({
  ...{ custom_id: `line-${n}`, method: 'POST', url: '/v1/responses' },
  body: { input: 'answer', model },
});

test('a batch that is under way keeps its input file, and what came of its lines', async () => {
  const { client, cluster } = harness;
  const text = [line(1, 'scripted'), line(2, 'org/unserved')].map((one) => JSON.stringify(one)).join('\n');
  const file = await client.files.create({ file: new File([text], 'lines.jsonl'), purpose: 'batch' });
  const other = await client.files.create({ file: new File(['x'], 'x.txt'), purpose: 'user_data' });
  const about = { endpoint: '/v1/responses', completion_window: '14d' as '24h' } as const;
  const batch = await client.batches.create({ ...about, input_file_id: file.id });
  await cluster.until('one line is done', async () => {
    return (await client.batches.retrieve(batch.id)).request_counts?.completed === 1;
  });
  const old = await putOldRun();
  await goThrough(keeping('default', 3, 3), 10);
  const left = await stored('default');
  expect(left).toContain(paths.content('default', file.id));
  expect(left).toContain(paths.document('default', 'files', file.id));
  expect(left).toContain(paths.batchPlan('default', batch.id));
  expect(left.filter((key) => key.endsWith('/trace.json')).length).toBe(1);
  // Others of that age are gone.
  expect(left.filter((key) => key.includes(old) || key.includes(other.id))).toEqual([]);

  await client.batches.cancel(batch.id);
  const over = await cluster.until('it is over', async () => {
    const now = await client.batches.retrieve(batch.id);
    return now.status === 'cancelled' ? now : undefined;
  });
  const output = over.output_file_id ?? '';
  // Concluded long after it was made: its file is as old as it is, whatever its id says.
  const path = paths.document('default', 'files', output);
  const kept = JSON.parse((await cluster.shared.objects.get(path)).bytes.toString()) as { createdAt: number };
  await put(path, { ...kept, createdAt: kept.createdAt + 9 * 86_400 });
  await goThrough(keeping('default', 3, 3), 10);
  expect((await stored('default')).filter((key) => key.includes(batch.id) || key.includes(output))).toEqual([
    paths.batchOutput('default', batch.id, 0),
    path,
  ]);
  expect(await (await client.files.content(output)).text()).toContain('"line-1"');
  await goThrough(keeping('default', 3, 3), 13);
  expect(await stored('default')).toEqual([]);
});

async function putOldRun(): Promise<string> {
  const id = runId(0);
  await putRun('default', id);
  return id;
}

test('what a batch needs of which Redis has lost all, and a retry of another', async () => {
  const id = (kind: string, days: number) => `${kind}${at(days)}`;
  const made = (days: number) => Math.floor(Date.now() / 1000) - days * 86_400;
  const [input, errors, first, lost] = [id('file-', 12), id('file-', 12), id('file-', 12), id('file-', 12)];
  const [earlier, retry, begun] = [id('batch_', 12), id('batch_', 9), id('batch_', 9)];
  const state = { retryOf: null, errorFileId: null, createdAt: made(9) };
  for (const file of [input, errors, first, lost])
    await put(paths.document('h', 'files', file), { createdAt: made(12) });
  const written = [
    [earlier, { status: 'completed', inputFileId: input, errorFileId: errors, createdAt: made(12) }],
    [retry, { status: 'validating', inputFileId: id('file-', 9), retryOf: earlier }],
    [begun, { status: 'in_progress', inputFileId: lost }],
  ] as const;
  for (const [batch, more] of written) {
    await put(paths.document('h', 'batches', batch), { ...state, id: batch, ...more });
  }
  await goThrough(keeping('h', 7, 7));
  const kept = [earlier, retry, begun].map((batch) => paths.document('h', 'batches', batch));
  expect(await stored('h')).toEqual(
    [...kept, ...[input, errors, lost].map((file) => paths.document('h', 'files', file))].sort(),
  );
});

test('the input of a retry is the content of a file, and stays with it', async () => {
  const batch = `batch_${at(40)}`;
  const file = `file-${at(40)}`;
  const createdAt = Math.floor(Date.now() / 1000) - 40 * 86_400;
  const state = { id: batch, status: 'completed', retryOf: `batch_${at(50)}`, errorFileId: null };
  const parts = [{ key: paths.batchInput('i', batch), bytes: 2 }];
  await put(paths.document('i', 'batches', batch), { ...state, inputFileId: file, createdAt });
  await put(paths.batchInput('i', batch));
  await put(paths.document('i', 'files', file), { id: file, createdAt, parts });
  const all = await stored('i');
  await goThrough(keeping('i', 30, 60));
  expect(await stored('i')).toEqual(all);
  await goThrough(keeping('i', 30, 60), 21);
  await goThrough(keeping('i', 30, 60), 21);
  expect(await stored('i')).toEqual([]);
});

test('a batch stays in its list when what it wrote goes before it', async () => {
  const batch = `batch_${at(10)}`;
  const { redis } = harness.cluster.shared;
  await put(paths.document('j', 'batches', batch), { status: 'completed' });
  await put(paths.batchOutput('j', batch, 0));
  const listed = `${batch.slice(-26)} ${batch}`;
  await redis.zadd(keys.documents('j', 'batches'), '0', listed);
  await goThrough(keeping('j', 30, 7));
  expect(await stored('j')).toEqual([paths.document('j', 'batches', batch)]);
  expect(await redis.zscore(keys.documents('j', 'batches'), listed)).toBe('0');
});
