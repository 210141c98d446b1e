/** Batches when something is wrong: models that nobody serves, content that is gone, schedulers that died half-way. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BatchState } from '../../shared/batch/contract.ts';
import { runIdOfLine } from '../../shared/batch/line.ts';
import type { ResultLine } from '../../shared/batch/result-line.ts';
import { keys, paths } from '../../shared/keys.ts';
import { deleteRun } from '../../shared/run/end-run.ts';
import { findRun } from '../../shared/run/find-run.ts';
import { type BatchBench, requestLine, startBatchCluster } from '../batch-cluster.ts';
import { type Proc, replayModels, type TestCluster } from '../harness.ts';

let cluster: TestCluster;
let bench: BatchBench;
let scheduler: Proc;

beforeAll(async () => {
  const models = JSON.parse(replayModels({ turns: 2 })) as { models: Record<string, Record<string, unknown>> };
  models.models.slow = { ...models.models.replayed, turns: [{ text: 'x', delay_ms: 60_000 }] };
  models.models.unserved = { ...models.models.replayed };
  models.models.armed = { ...models.models.replayed, tools: ['Hammer'] };
  ({ cluster, bench, scheduler } = await startBatchCluster({
    models: JSON.stringify(models),
    env: { COTA_BATCH_WINDOW_LINES: '5', COTA_BATCH_OPEN_WINDOWS: '4', COTA_SERVE: 'replayed,slow,armed' },
  }));
}, 60_000);
afterAll(() => cluster.stop());

const ask = (customId: string, model = 'replayed'): object =>
  requestLine(customId, { model, input: `Question ${customId}` });
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `line-${index}`);
const cancel = (batch: BatchState) => bench.batches.change(batch.tenant, batch.id, { type: 'cancel', now: 1 });
const state = async (batch: BatchState) => (await bench.batches.read(batch.id))?.batch;

async function all(batch: BatchState): Promise<{ output: ResultLine[]; errors: ResultLine[] }> {
  return {
    output: await Array.fromAsync(bench.results(batch, 'output')),
    errors: await Array.fromAsync(bench.results(batch, 'errors')),
  };
}

test('a hundred batches that cannot go on stop nobody else, and open no windows', async () => {
  const { redis } = cluster.shared;
  const stuck = await Promise.all(
    Array.from({ length: 100 }, () => bench.create([ask('a', 'unserved')], { tenant: 'stuck' })),
  );
  const other = await bench.over(
    await bench.create(
      names(12).map((name) => ask(name)),
      { tenant: 'other' },
    ),
    20_000,
  );
  expect(other.counts).toEqual({ completed: 12, failed: 0 });
  // Their own tenant's, which stands behind them, has its turn too.
  const own = await bench.over(await bench.create([ask('b')], { tenant: 'stuck' }), 30_000);
  expect(own.counts).toEqual({ completed: 1, failed: 0 });
  expect((await Promise.all(stuck.map(state))).flatMap((one) => one?.open ?? [])).toEqual([]);
  await Promise.all(stuck.map(cancel));
  for (const batch of stuck) expect(await bench.over(batch, 45_000)).toMatchObject({ status: 'cancelled' });
  expect(await redis.zcard(keys.activeBatches)).toBe(0);
  expect(await redis.keys('cota:{a.unserved}:pending:*')).toEqual([]);
}, 90_000);

test('a batch of a model that there is not is answered with refusals', async () => {
  const batch = await bench.over(await bench.create(names(7).map((name) => ask(name, 'gpt-9'))), 20_000);
  expect(batch).toMatchObject({ status: 'completed', model: 'gpt-9', counts: { completed: 0, failed: 7 } });
  const { errors } = await all(batch);
  expect(errors.map((line) => line.response?.status_code)).toEqual(Array(7).fill(404));
});

test('windows that are open stay within their limit', async () => {
  const slow = names(40).map((name) => ask(name, 'slow'));
  const made = await Promise.all(['x', 'y', 'z'].map((tenant) => bench.create(slow, { tenant })));
  let most = 0;
  for (let look = 0; look < 60; look++) {
    const open = (await Promise.all(made.map(state))).reduce((sum, one) => sum + (one?.open.length ?? 0), 0);
    most = Math.max(most, open);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(most).toBeGreaterThanOrEqual(3);
  expect(most).toBeLessThanOrEqual(4);
  await Promise.all(made.map(cancel));
  for (const batch of made) await bench.over(batch, 30_000);
}, 60_000);

test.each([
  ['document', 40, 'failed'],
  ['content', 40, 'failed'],
  // All its lines are open: their names are known without the file.
  ['document', 4, 'cancelled'],
])('its input is gone (%s, %i slow lines): it ends, and keeps what was answered', async (what, slow, status) => {
  const lines = [...names(3).map((name) => ask(name)), ...names(slow).map((name) => ask(`slow-${name}`, 'slow'))];
  const made = await bench.create(lines);
  await cluster.until('the quick lines', async () => {
    const batch = await state(made);
    return batch && (await bench.batches.counts(batch)).completed === 3;
  });
  if (what === 'document') await bench.files.remove('default', made.inputFileId);
  else await cluster.shared.objects.delete(`t/default/content/${made.inputFileId}`);
  await cancel(made);
  const batch = await bench.over(made, 30_000);
  expect(batch).toMatchObject({ status, counts: { completed: 3 } });
  expect(batch.errors.map(({ code }) => code)).toEqual(status === 'failed' ? ['file_not_found'] : []);
  expect((await all(batch)).output.map((line) => line.custom_id)).toEqual(names(3));
});

test('a scheduler that died before it took leave of a batch finds it over', async () => {
  const { redis } = cluster.shared;
  const batch = await bench.over(await bench.create([ask('a')]), 20_000);
  await cluster.until('it is left', async () => (await redis.zcard(keys.activeBatches)) === 0);
  await redis.del(keys.batch(batch.id));
  await redis.zadd(keys.activeBatches, '1', `default ${batch.id}`);
  const before = Number(/cmdstat_get:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0);
  await cluster.until('it is left again', async () => (await redis.zcard(keys.activeBatches)) === 0);
  const after = Number(/cmdstat_get:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0);
  expect(after - before).toBeLessThan(200);
});

test('a window that is opened again leaves answered lines as they are, also where Redis has forgotten them', async () => {
  const { redis, runs } = cluster.shared;
  scheduler.kill('SIGKILL');
  await scheduler.exited;
  const made = await bench.create(names(4).map((name) => ask(name)));
  scheduler = cluster.start('services/scheduler/main.ts');
  const batch = await bench.over(made, 30_000);
  const first = (await all(batch)).output;
  // As if that scheduler had died between making the runs and saying so, more than COTA_CLOSED_TTL_S ago.
  scheduler.kill('SIGKILL');
  await scheduler.exited;
  for (let line = 1; line <= 4; line++) await runs.remove(runIdOfLine(made, line));
  const open = [{ number: 0, lines: 4, ready: false, refused: 0, twins: 0 }];
  const again: BatchState = {
    ...batch,
    status: 'in_progress',
    ending: null,
    times: { in_progress: 1 },
    open,
    counts: { completed: 0, failed: 0 },
  };
  await redis.hset(keys.batch(made.id), 'version', '50', 'state', JSON.stringify(again));
  await redis.persist(keys.batch(made.id));
  await redis.zadd(keys.activeBatches, '1', `default ${made.id}`);
  for (let index = 0; index < 4; index++) await redis.setbit(keys.windowOk(made.id, 0), index, 1);
  scheduler = cluster.start('services/scheduler/main.ts');
  const ended = await bench.over(made, 30_000);
  expect(ended.counts).toEqual({ completed: 4, failed: 0 });
  expect((await all(ended)).output).toEqual(first);
}, 90_000);

test('a line whose run is deleted while it ends does not hold up its batch', async () => {
  const { shared } = cluster;
  const made = await bench.create([ask('a'), ask('b', 'slow')]);
  const slow = runIdOfLine(made, 2);
  await cluster.until('the slow line', async () => (await shared.runs.read(slow))?.status === 'running');
  // The finalizer has died: the run has ended, and nobody has said so to its batch.
  await shared.runs.end(slow, { status: 'cancelled', stopReason: 'cancelled' });
  expect(
    await deleteRun({ ...shared, objects: failing(shared.objects) }, 'default', slow, 600).catch(() => 'away'),
  ).toBe('away');
  expect(await deleteRun(shared, 'default', slow, 600)).toBe(true);
  const batch = await bench.over(made, 30_000);
  expect(batch.counts).toEqual({ completed: 1, failed: 1 });
  expect((await all(batch)).errors).toMatchObject([{ custom_id: 'b', error: { code: 'run_deleted' } }]);
  expect(await findRun(shared, 'default', slow)).toBeUndefined();
});

function failing(objects: TestCluster['shared']['objects']): TestCluster['shared']['objects'] {
  return {
    ...objects,
    put: () => Promise.reject(new Error('no')),
    deletePrefix: () => Promise.reject(new Error('no')),
  };
}

test('lines that wait for a tool hold up no others, and the batch says what it waits for', async () => {
  const lines = names(12).map((name, index) => ask(name, index === 7 ? 'armed' : 'replayed'));
  const made = await bench.create(lines);
  await cluster.until('the others', async () => {
    const batch = await state(made);
    return batch && batch.counts.completed === 5 && (await bench.batches.counts(batch)).completed === 9;
  });
  await cluster.until('what it waits for', async () => /Hammer/.test(await bench.batches.notice(made.id)));
  await cancel(made);
  const batch = await bench.over(made, 30_000);
  expect(batch).toMatchObject({ status: 'cancelled', counts: { completed: 9, failed: 3 } });
}, 60_000);

test('a batch that is cancelled while its file is read counts no line', async () => {
  scheduler.kill('SIGKILL');
  await scheduler.exited;
  const made = await bench.create(names(3).map((name) => ask(name)));
  const plan = { version: 1, windows: [{ line: 1, lastLine: 3, offset: 0, bytes: 10, lines: 3, twins: 0 }] };
  await cluster.shared.objects.put(paths.batchPlan('default', made.id), Buffer.from(JSON.stringify(plan)), {
    contentType: 'application/json',
  });
  await cancel(made);
  scheduler = cluster.start('services/scheduler/main.ts');
  const batch = await bench.over(made, 30_000);
  expect(batch).toMatchObject({
    status: 'cancelled',
    lines: 0,
    counts: { completed: 0, failed: 0 },
    errorFileId: null,
  });
});
