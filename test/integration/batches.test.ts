/** Batches from their file to their results, through real processes: windows of five lines, so that there are many. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BatchState } from '../../shared/batch/contract.ts';
import { retryBatch } from '../../shared/batch/create-batch.ts';
import { runIdOfLine } from '../../shared/batch/line.ts';
import type { ResultLine } from '../../shared/batch/result-line.ts';
import { resultsSoFar } from '../../shared/batch/results.ts';
import { refusedOf } from '../../shared/batch/window-notes.ts';
import { keys, paths } from '../../shared/keys.ts';
import { findRun } from '../../shared/run/find-run.ts';
import { type BatchBench, requestLine, startBatchCluster } from '../batch-cluster.ts';
import { replayModels, type TestCluster } from '../harness.ts';

const models = JSON.parse(replayModels({ turns: 2 })) as { models: Record<string, Record<string, unknown>> };
models.models.slow = { ...models.models.replayed, turns: [{ text: 'x', delay_ms: 60_000 }] };
models.models.silent = { ...models.models.replayed, turns: [] };

let cluster: TestCluster;
let bench: BatchBench;

beforeAll(async () => {
  ({ cluster, bench } = await startBatchCluster({
    models: JSON.stringify(models),
    env: { COTA_BATCH_WINDOW_LINES: '5', COTA_BATCH_LINES: '200', COTA_CLOSED_TTL_S: '600' },
  }));
}, 60_000);

afterAll(() => cluster.stop());

const ask = (customId: string, body: object = {}): object =>
  requestLine(customId, { model: 'replayed', input: `Question ${customId}`, ...body });
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `line-${index}`);

async function all(batch: BatchState): Promise<{ output: ResultLine[]; errors: ResultLine[] }> {
  return {
    output: await Array.fromAsync(bench.results(batch, 'output')),
    errors: await Array.fromAsync(bench.results(batch, 'errors')),
  };
}

test('every line comes out once, under its custom_id: answered, refused or failed', async () => {
  const lines = names(23).map((name, index) => {
    if (index % 10 === 3) return ask(name, { model: 'none-such' });
    if (index % 10 === 4) return ask(name, { input: '' });
    if (index % 10 === 5) return ask(name, { model: 'silent' });
    if (index % 10 === 6) return ask(name, { stream: true });
    return ask(name);
  });
  const batch = await bench.over(await bench.create(lines), 60_000);
  expect(batch).toMatchObject({ status: 'completed', lines: 23, windows: 5, model: null });
  const { output, errors } = await all(batch);
  expect([output.length, errors.length]).toEqual([batch.counts.completed, batch.counts.failed]);
  expect(output.map((line) => line.custom_id)).toEqual(
    names(23).filter((_, index) => ![3, 4, 5, 6].includes(index % 10)),
  );
  expect([...output, ...errors].map((line) => line.custom_id).sort()).toEqual(names(23).sort());
  expect(output[0]?.response).toMatchObject({ status_code: 200, body: { status: 'completed', object: 'response' } });
  const codes = errors.map(({ response }) => [
    response?.status_code,
    (response?.body.error as { code: string } | undefined)?.code,
  ]);
  expect(codes.slice(0, 4)).toEqual([
    [404, 'model_not_found'],
    [400, 'missing_required_parameter'],
    [400, 'recording_exhausted'],
    [400, 'unsupported_parameter'],
  ]);
  // The runs have left Redis; their traces are there for whoever wants the evidence.
  const id = runIdOfLine(batch, 1);
  expect(await cluster.shared.redis.exists(keys.run(id), keys.events(id))).toBe(0);
  expect(await findRun(cluster.shared, 'default', id)).toMatchObject({ outcome: { status: 'completed' } });
  expect(await cluster.shared.redis.zcard(keys.activeBatches)).toBe(0);
});

test('results are whole where windows are written between the look at the batch and the reading of it', async () => {
  const made = await bench.create(
    names(12).map((name, index) => ask(name, index === 11 ? { model: 'none-such' } : {})),
  );
  const early = await cluster.until('an open window', async () => {
    const batch = await bench.batches.find('default', made.id);
    return batch?.open.length ? batch : undefined;
  });
  await bench.over(made, 30_000);
  const opened = { ...early, next: 3, open: [0, 1, 2].map((number) => ({ ...(early.open[0] as object), number })) };
  const parts = { ...cluster.shared, batches: bench.batches };
  const lines = await Array.fromAsync(resultsSoFar(parts, opened as BatchState));
  expect(lines.map((line) => (JSON.parse(line) as ResultLine).custom_id)).toEqual(names(12));
});

test('what an earlier version noted of refused lines is understood', async () => {
  const batch = await bench.over(await bench.create([ask('a'), ask('b', { input: '' })]), 30_000);
  const key = paths.batchRefused('default', batch.id, 0);
  const { objects } = cluster.shared;
  const notes = JSON.parse((await objects.get(key)).bytes.toString()) as Record<string, { number?: number }>;
  expect(notes[1]?.number).toBe(2);
  delete notes[1]?.number;
  await objects.put(key, Buffer.from(JSON.stringify(notes)), { contentType: 'application/json' });
  expect(await refusedOf(cluster.shared, batch, 0, { line: 1 })).toMatchObject({ 1: { customId: 'b', number: 2 } });
});

test('lines of chat completions get chat completions', async () => {
  const body = { model: 'replayed', messages: [{ role: 'user', content: 'What is 1 + 1?' }] };
  const endpoint = '/v1/chat/completions' as const;
  const batch = await bench.over(await bench.create([requestLine('a', body, endpoint)], { endpoint }), 30_000);
  const { output } = await all(batch);
  expect(output[0]?.response?.body).toMatchObject({
    object: 'chat.completion',
    choices: [{ message: { role: 'assistant', content: '2' }, finish_reason: 'stop' }],
  });
  expect(batch.usage.runs).toBe(1);
});

test('a file that is wrong fails with the number of each line', async () => {
  const batch = await bench.over(await bench.create([ask('a'), ask('a'), { custom_id: 'b' }]), 30_000);
  expect(batch).toMatchObject({
    status: 'failed',
    errors: [
      { line: 2, code: 'duplicate_custom_id' },
      { line: 3, code: 'invalid_method' },
    ],
  });
});

test('a cancelled batch keeps what is finished and names the rest', async () => {
  const lines = names(30).map((name, index) => ask(name, index < 7 ? {} : { model: 'slow' }));
  const made = await bench.create(lines);
  await cluster.until('the quick lines', async () => {
    const batch = await bench.batches.find('default', made.id);
    return batch !== undefined && (await bench.batches.counts(batch)).completed === 7;
  });
  await bench.batches.change('default', made.id, { type: 'cancel', now: Math.floor(Date.now() / 1000) });
  const batch = await bench.over(made, 30_000);
  expect(batch).toMatchObject({ status: 'cancelled', counts: { completed: 7, failed: 23 } });
  const { output, errors } = await all(batch);
  expect(output.map((line) => line.custom_id)).toEqual(names(7));
  expect(errors.map((line) => line.custom_id)).toEqual(names(30).slice(7));
  expect(errors.every((line) => line.response === null && line.error?.code === 'batch_cancelled')).toBe(true);
});

test('a batch whose time is over gives what it has', async () => {
  const lines = names(12).map((name, index) => ask(name, index < 3 ? {} : { model: 'slow' }));
  const batch = await bench.over(await bench.create(lines, { expiresInS: 6 }), 40_000);
  expect(batch).toMatchObject({ status: 'expired', counts: { completed: 3, failed: 9 } });
  const { errors } = await all(batch);
  expect(errors.map((line) => [line.custom_id, line.error?.code])).toEqual(
    names(12)
      .slice(3)
      .map((name) => [name, 'batch_expired']),
  );
});

test('equal lines are answered once where that was asked for, and only at temperature 0', async () => {
  const lines = names(16).map((name, index) => {
    if (index % 4 === 3) return ask(name, { input: 'Warm?', temperature: 1 });
    return ask(name, { input: `Same ${index % 2}`, temperature: 0, model: index === 14 ? 'none-such' : 'replayed' });
  });
  const batch = await bench.over(await bench.create(lines, { dedupe: true }), 30_000);
  // Of twelve cold lines one names another model, and of the other eleven two are the first of their kind.
  expect(batch).toMatchObject({
    status: 'completed',
    twins: 9,
    counts: { completed: 15, failed: 1 },
    usage: { runs: 6 },
  });
  const { output } = await all(batch);
  expect(output.map((line) => line.custom_id)).toEqual(names(16).filter((name) => name !== 'line-14'));
  const runs = output.map((line) => line.response?.body.id);
  expect(new Set(runs).size).toBe(6);
  expect(runs[12]).toBe(runs[0]);
});

test('failed lines are tried again as a batch of their own', async () => {
  const lines = names(11).map((name, index) => ask(name, index % 3 === 0 ? { model: 'silent' } : {}));
  const first = await bench.over(await bench.create(lines), 30_000);
  expect(first.counts).toEqual({ completed: 7, failed: 4 });
  const again = retryBatch(first, Math.floor(Date.now() / 1000));
  await bench.batches.create(again);
  const second = await bench.over(again, 30_000);
  expect(second).toMatchObject({ status: 'completed', lines: 4, retryOf: first.id, counts: { failed: 4 } });
  const { errors } = await all(second);
  expect(errors.map((line) => line.custom_id)).toEqual(['line-0', 'line-3', 'line-6', 'line-9']);
});

test('a batch that Redis has lost is taken up from its document, and does no finished window twice', async () => {
  const { shared } = cluster;
  const made = await bench.create(names(10).map((name, index) => ask(name, index < 5 ? {} : { model: 'slow' })));
  await cluster.until(
    'the first window',
    async () => (await bench.batches.find('default', made.id))?.counts.completed === 5,
  );
  const before = await shared.objects.get(paths.batchOutput('default', made.id, 0));
  await shared.redis.del(keys.batch(made.id));
  await shared.redis.zrem(keys.activeBatches, `default ${made.id}`);
  expect(await bench.batches.find('default', made.id)).toMatchObject({ status: 'validating' });
  await cluster.until('its second window', async () => (await bench.batches.find('default', made.id))?.next === 2);
  await bench.batches.change('default', made.id, { type: 'cancel', now: 1 });
  const batch = await bench.over(made, 30_000);
  expect(batch).toMatchObject({ status: 'cancelled', counts: { completed: 5, failed: 5 } });
  const after = await shared.objects.get(paths.batchOutput('default', made.id, 0));
  expect(after.bytes.equals(before.bytes)).toBe(true);
});
