/** Batches over HTTP with the official client, and what goes beyond it: estimates, results so far, tables, retries. */
import { parquetReadObjects } from 'hyparquet';
import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BatchObject } from '../../shared/batch/batch-object.ts';
import { API_KEY } from '../api-harness.ts';
import { requestLine } from '../batch-cluster.ts';
import { replayModels, startTestCluster, type TestCluster } from '../harness.ts';
import { freePort } from '../redis-server.ts';

let cluster: TestCluster;
let client: OpenAI;
let base = '';

beforeAll(async () => {
  const port = await freePort();
  const models = JSON.parse(replayModels({ turns: 2 })) as { models: Record<string, object> };
  models.models.slow = { ...models.models.replayed, turns: [{ text: 'x', delay_ms: 60_000 }] };
  models.models.silent = { ...models.models.replayed, turns: [] };
  cluster = await startTestCluster({
    models: JSON.stringify(models),
    env: { COTA_BATCH_WINDOW_LINES: '4', COTA_PORT: String(port), COTA_BATCH_LINES: '100' },
  });
  base = `http://127.0.0.1:${port}/v1`;
  for (const entry of ['api', 'scheduler']) cluster.start(`services/${entry}/main.ts`);
  for (const entry of ['model', 'tools']) cluster.start(`workers/${entry}/main.ts`);
  client = new OpenAI({ baseURL: base, apiKey: API_KEY, maxRetries: 0 });
  await cluster.until('the cluster is there', async () => {
    const tools = await call<{ data: { served: boolean }[] }>('tools').catch(() => undefined);
    return tools?.data?.some((tool) => tool.served);
  });
}, 60_000);
afterAll(() => cluster.stop());

const headers = { authorization: `Bearer ${API_KEY}` };

async function call<T>(path: string, body?: object, more: Record<string, string> = {}): Promise<T> {
  const post = { method: 'POST', body: JSON.stringify(body) };
  const response = await fetch(`${base}/${path}`, {
    ...(body === undefined ? {} : post),
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...more },
  });
  return (await response.json()) as T;
}

const line = (name: string, model = 'replayed') => requestLine(name, { model, input: `Question ${name}` });
const names = (count: number) => Array.from({ length: count }, (_, index) => `line-${index}`);

async function upload(lines: readonly object[]): Promise<string> {
  const text = lines.map((one) => JSON.stringify(one)).join('\n');
  const file = await client.files.create({ file: await toFile(Buffer.from(text), 'lines.jsonl'), purpose: 'batch' });
  return file.id;
}

const create = (fileId: string) =>
  client.batches.create({ input_file_id: fileId, endpoint: '/v1/responses', completion_window: '24h' });

async function over(id: string): Promise<BatchObject> {
  return cluster.until(`batch ${id} is over`, async () => {
    const batch = await call<BatchObject>(`batches/${id}`);
    return ['completed', 'failed', 'expired', 'cancelled'].includes(batch.status) ? batch : undefined;
  });
}

test('the official client makes a batch, follows it and reads its results', async () => {
  const fileId = await upload([...names(10).map((name) => line(name)), line('none', 'none-such')]);
  const made = await create(fileId);
  expect(made).toMatchObject({ object: 'batch', endpoint: '/v1/responses', input_file_id: fileId });
  await over(made.id);
  const batch = await client.batches.retrieve(made.id);
  expect(batch).toMatchObject({ status: 'completed', request_counts: { total: 11, completed: 10, failed: 1 } });
  expect(batch.usage?.total_tokens).toBe(0);
  const output = await (await client.files.content(batch.output_file_id ?? '')).text();
  const lines = output
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text) as { custom_id: string; response: { body: { cota: { trace: string } } } });
  expect(lines.map((one) => one.custom_id)).toEqual(names(10));
  const errors = await (await client.files.content(batch.error_file_id ?? '')).text();
  expect(JSON.parse(errors)).toMatchObject({ custom_id: 'none', response: { status_code: 404 }, error: null });
  const [first] = (await client.batches.list({ limit: 1 })).data;
  expect(first?.id).toBe(made.id);
  // The evidence of each line can be read.
  const trace = await fetch(base.replace('/v1', '') + (lines[0]?.response.body.cota.trace ?? ''), { headers });
  expect(await trace.json()).toMatchObject({ status: 'completed', question: 'Question line-0' });
});

test('an estimate needs no batch, and says what is wrong with a file', async () => {
  const good = await upload(names(6).map((name) => line(name)));
  const asked = { input_file_id: good, endpoint: '/v1/responses' };
  expect(await call('batches/estimate', asked)).toMatchObject({
    object: 'batch.estimate',
    lines: 6,
    model: 'replayed',
    estimate: { basis: 'earlier runs of the model', seconds: expect.any(Number) as number },
  });
  const wrong = await upload([line('a'), line('a')]);
  expect(await call('batches/estimate', { ...asked, input_file_id: wrong })).toMatchObject({
    error: { code: 'invalid_value', message: expect.stringContaining('Line 2') as string },
  });
});

test('results can be read while the batch runs, then as tables; a file in use is not deleted', async () => {
  const lines = [...names(4).map((name) => line(name)), ...names(3).map((name) => line(`slow-${name}`, 'slow'))];
  const fileId = await upload(lines);
  const made = await create(fileId);
  const text = await cluster.until('the first window', async () => {
    const response = await fetch(`${base}/batches/${made.id}/results`, { headers });
    const results = await response.text();
    return results.split('\n').length > 4 ? results : undefined;
  });
  const so = text
    .trim()
    .split('\n')
    .map((one) => (JSON.parse(one) as { custom_id: string }).custom_id);
  expect(so).toEqual(names(4));
  const running = await call<BatchObject>(`batches/${made.id}`);
  expect(running).toMatchObject({ status: 'in_progress', request_counts: { total: 7, completed: 4, failed: 0 } });
  const refused = await client.files.delete(fileId).catch((error: unknown) => error);
  expect(refused).toMatchObject({ status: 409, code: 'file_in_use' });
  await client.batches.cancel(made.id);
  await over(made.id);
  const csv = await (await fetch(`${base}/batches/${made.id}/results?format=csv`, { headers })).text();
  expect(csv.trim().split('\n')).toHaveLength(8);
  expect(csv).toMatch(/^custom_id,status,answer,/);
  const table = await (await fetch(`${base}/batches/${made.id}/results?format=parquet`, { headers })).arrayBuffer();
  const rows = await parquetReadObjects({ file: table });
  expect(rows.map((row) => [row.custom_id, row.status])).toEqual([
    ...names(4).map((name) => [name, 'completed']),
    ...names(3).map((name) => [`slow-${name}`, 'cancelled']),
  ]);
  expect(await client.files.delete(fileId)).toMatchObject({ deleted: true });
});

test.each([
  ['', ''],
  ['with blank lines', '\n\n'],
])('one slow line does not hide what the others of its window have come to %s', async (_, blank) => {
  const lines = [line('slow-one', 'slow'), line('a'), line('wrong', 'none-such'), line('b')];
  const text = blank + lines.map((one) => `${JSON.stringify(one)}\n${blank}`).join('');
  const { id } = await client.files.create({ file: await toFile(Buffer.from(text), 'l.jsonl'), purpose: 'batch' });
  const made = await create(id);
  const read = async (query = '') => {
    const response = await fetch(`${base}/batches/${made.id}/results${query}`, { headers });
    const results = (await response.text()).trim().split('\n');
    return results.filter(Boolean).map((one) => JSON.parse(one) as { id: string; custom_id: string });
  };
  const early = await cluster.until('all but the slow one', async () => {
    const results = await read();
    return results.length >= 3 ? results : undefined;
  });
  const byName = (some: readonly { custom_id: string }[]) =>
    some.toSorted((x, y) => x.custom_id.localeCompare(y.custom_id));
  expect(byName(early).map((one) => one.custom_id)).toEqual(['a', 'b', 'wrong']);
  expect((await read('?only=failed')).map((one) => one.custom_id)).toEqual(['wrong']);
  expect(await call(`batches/${made.id}`)).toMatchObject({ status: 'in_progress', cota: { windows: { written: 0 } } });
  await client.batches.cancel(made.id);
  await over(made.id);
  // Written, they are what they were.
  expect(byName((await read()).filter((one) => one.custom_id !== 'slow-one'))).toEqual(byName(early));
});

test('failed lines are tried again by one request, and a request that is repeated makes one batch', async () => {
  const fileId = await upload([line('good'), line('bad', 'silent'), line('worse', 'silent')]);
  const body = { input_file_id: fileId, endpoint: '/v1/responses', completion_window: '24h' };
  const key = { 'idempotency-key': 'once' };
  const made = await call<BatchObject>('batches', body, key);
  expect((await call<BatchObject>('batches', body, key)).id).toBe(made.id);
  const early = await call(`batches/${made.id}/retry`, {});
  const first = await over(made.id);
  if ('error' in (early as object)) expect(early).toMatchObject({ error: { code: 'batch_not_over' } });
  expect(first.request_counts).toEqual({ total: 3, completed: 1, failed: 2 });
  const retried = await call<BatchObject>(`batches/${made.id}/retry`, {}, { 'idempotency-key': 'again' });
  const second = await over(retried.id);
  expect(second).toMatchObject({ request_counts: { total: 2, completed: 0, failed: 2 }, cota: { retry_of: made.id } });
  expect(
    await call(`batches/${(await over((await create(await upload([line('a')]))).id)).id}/retry`, {}),
  ).toMatchObject({
    error: { code: 'nothing_to_retry' },
  });
});

test.each([
  [{ endpoint: '/v1/embeddings' }, 'endpoint'],
  [{ completion_window: 'soon' }, 'completion_window'],
  [{ completion_window: '100d' }, 'completion_window'],
  [{ input_file_id: 'file-nothing' }, 'input_file_id'],
  [{ metadata: { a: 1 } }, 'metadata.a'],
  [{ extra: true }, 'extra'],
  [{ cota: { dedupe: 'yes' } }, 'cota.dedupe'],
])('a request that is wrong is told where: %j', async (change, param) => {
  const body = { input_file_id: await upload([line('a')]), endpoint: '/v1/responses', completion_window: '24h' };
  expect(await call('batches', { ...body, ...change })).toMatchObject({ error: { param } });
});

test('files of other purposes, and those that end too soon, make no batch', async () => {
  const content = Buffer.from('{"a": 1}');
  const image = await client.files.create({ file: await toFile(content, 'a.jsonl'), purpose: 'user_data' });
  await expect(create(image.id)).rejects.toMatchObject({ status: 400, param: 'input_file_id' });
  const short = await client.files.create({
    file: await toFile(content, 'a.jsonl'),
    purpose: 'batch',
    expires_after: { anchor: 'created_at', seconds: 3_600 },
  });
  await expect(create(short.id)).rejects.toMatchObject({ status: 400, param: 'input_file_id' });
});
