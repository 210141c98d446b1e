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

async function goThrough(tenant: Tenant): Promise<number> {
  const { redis, objects, log, tenancy } = harness.cluster.shared;
  let portions = 0;
  for await (const _ of upkeep({ redis, objects, log, tenants: tenancy.tenants }, tenant, 60_000)) portions += 1;
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
