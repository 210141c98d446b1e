/** Models that are registered while the cluster runs: used, shared, deleted, found again, all without a restart. */
import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningApi, startApi } from '../../services/api/start.ts';
import { newRunId } from '../../shared/keys.ts';
import { trainedModel, versionOfFiles } from '../../shared/models/trained.ts';
import { trainedEntry } from '../../shared/models.ts';
import { quarantineOf, TRAINED } from '../../shared/queues.ts';
import { newTenant } from '../../shared/tenants/tenants.ts';
import { type Cota, openCota } from '../cota-command.ts';
import { type Proc, replayModels, startTestCluster, type TestCluster, testConfig } from '../harness.ts';
import { storeTrained, trainedId } from '../trained-models.ts';

let cluster: TestCluster;
let api: RunningApi;
let cota: Cota;
let worker: Proc;
let client: OpenAI;
let other: OpenAI;
const FIRST = trainedId('first001');

beforeAll(async () => {
  cluster = await startTestCluster({ models: replayModels({ turns: 1 }) });
  const cache = `${cluster.dir}/trained`;
  cluster.start('services/scheduler/main.ts');
  worker = cluster.start('workers/model/main.ts', { COTA_TRAINED_CACHE: cache, COTA_SERVE_TRAINED: 'cota-nano' });
  // It has the queue in common with the first, and serves other models from it.
  const second = { COTA_SERVE: 'replayed', COTA_SERVE_TRAINED: 'second-base' };
  cluster.start('workers/model/main.ts', { COTA_TRAINED_CACHE: cache, ...second });
  api = await startApi({ ...cluster.env, COTA_PORT: 0, COTA_WORKER_ID: 'api-in-test' });
  cota = await openCota(replayModels({ turns: 1 }));
  const { tenancy } = cluster.shared;
  await tenancy.tenants.put(newTenant('other', 1));
  const made = await tenancy.apiKeys.create({
    tenant: 'other',
    name: 'test',
    scopes: ['runs'],
    expiresAt: null,
    createdBy: 'test',
  });
  const open = (apiKey: string): OpenAI => new OpenAI({ baseURL: `${api.url}/v1`, apiKey, maxRetries: 0 });
  client = open('test-key-0123456789abcdef');
  other = open(made.key);
}, 60_000);
afterAll(async () => {
  await api?.parts.lifecycle.stop('test is over');
  await cluster?.stop();
  await cota?.remove();
});

const ask = (model: string, by: OpenAI = client) => by.responses.create({ model, input: 'What is the total?' });
const codeOf = (error: unknown): string | null | undefined => (error as { code?: string | null }).code;
const refused = async (work: Promise<unknown>): Promise<string | null | undefined> => {
  try {
    await work;
  } catch (error) {
    return codeOf(error);
  }
  return 'nothing';
};

it('a model that is registered while the cluster runs answers at once, and the trace names it and its version', async () => {
  const record = await storeTrained(cluster.shared.objects, 'first001');
  expect(await refused(ask(FIRST))).toBe('model_not_found');
  await cluster.shared.trained.put(record);
  const response = await ask(FIRST);
  expect(response.error).toBeNull();
  expect(response).toMatchObject({ status: 'completed', model: FIRST });
  const trace = await cluster.trace(response.id.replace('resp_', 'run_'));
  const { version } = trainedEntry(trainedModel.parse(record));
  expect(trace.config).toMatchObject({ model: FIRST, modelVersion: version });
  expect(trace.steps[0]).toMatchObject({ kind: 'model', modelVersion: version });
});

it("is listed with what it is, and its bytes are counted as its tenant's", async () => {
  const model = await client.models.retrieve(FIRST);
  expect(model).toMatchObject({ id: FIRST, owned_by: 'default', created: 1_700_000_000 });
  expect(model).toMatchObject({ cota: { served: true, trained: { base: 'cota-nano', shared: false } } });
  const kept = await cluster.shared.tenancy.meter.used('default');
  expect(kept).toBeGreaterThan(1_000_000);
});

it('another tenant neither sees nor uses it, until the operator shares it', async () => {
  const ids = async (): Promise<string[]> => (await other.models.list()).data.map(({ id }) => id);
  expect(await ids()).not.toContain(FIRST);
  expect(await refused(ask(FIRST, other))).toBe('model_not_found');
  expect(await refused(other.models.delete(FIRST))).toBe('model_not_found');
  expect(await refused(other.post(`/models/${FIRST}`, { body: { shared: true } }))).toBe('insufficient_permissions');
  expect(await client.post(`/models/${FIRST}`, { body: { shared: true } })).toMatchObject({ id: FIRST });
  expect(await ids()).toContain(FIRST);
  expect(await ask(FIRST, other)).toMatchObject({ status: 'completed' });
  expect(await refused(other.models.delete(FIRST))).toBe('insufficient_permissions');
  await client.post(`/models/${FIRST}`, { body: { shared: false } });
  expect(await refused(ask(FIRST, other))).toBe('model_not_found');
});

it('weights that are not what was registered fail its runs in words, and no others', async () => {
  const record = await storeTrained(cluster.shared.objects, 'broken01');
  const weights = record.files.find(({ name }) => name.endsWith('.onnx'));
  const { bytes } = await cluster.shared.objects.get(weights?.key ?? '');
  bytes.write('other', bytes.length >> 1);
  await cluster.shared.objects.put(weights?.key ?? '', bytes, { contentType: 'application/octet-stream' });
  // The cache must not know these bytes from the model before: another file makes another version.
  const config = record.files.find(({ name }) => name === 'generation_config.json');
  const rest = record.files.filter((file) => file !== config);
  await cluster.shared.trained.put({ ...record, files: rest, version: versionOfFiles(rest) });
  const response = await ask(record.id);
  expect(response.status).toBe('failed');
  expect(response.error?.message).toMatch(/onnx\/model.*not the one that was registered/);
  expect(await ask(FIRST)).toMatchObject({ status: 'completed' });
  await client.models.delete(record.id);
});

it('workers that serve other bases hand a step on, and a base that nobody serves shows as such', async () => {
  const { objects, trained } = cluster.shared;
  const made = await storeTrained(objects, 'based001', { base: 'second-base' });
  const second = made.id;
  const third = trainedId('based001', 'default', 'third-base');
  await trained.put(made);
  await trained.put({ ...made, id: third, base: 'third-base' });
  const served = async (id: string): Promise<boolean> => {
    const model = await client.models.retrieve(id);
    return (model as unknown as { cota: { served: boolean } }).cota.served;
  };
  await cluster.until('the second worker has begun', () => served(second));
  const answers = await Promise.all(Array.from({ length: 6 }, (_, at) => ask(at % 2 === 0 ? FIRST : second)));
  expect(answers.map(({ status }) => status)).toEqual(Array(6).fill('completed'));
  expect(await served(third)).toBe(false);
});

it('lines of a batch and retries use it as requests do', async () => {
  const line = (custom_id: string, model: string): string =>
    JSON.stringify({ custom_id, method: 'POST', url: '/v1/responses', body: { model, input: 'What is the total?' } });
  const strange = trainedId('first001', 'other');
  const content = `${line('own', FIRST)}\n${line('strange', strange)}\n`;
  const file = await client.files.create({ file: await toFile(Buffer.from(content), 'in.jsonl'), purpose: 'batch' });
  const asked = { input_file_id: file.id, endpoint: '/v1/responses', completion_window: '24h' } as const;
  const { id } = await client.batches.create(asked);
  const batch = await cluster.until('the batch is over', async () => {
    const now = await client.batches.retrieve(id);
    return now.status === 'completed' && now;
  });
  expect(batch.request_counts).toEqual({ total: 2, completed: 1, failed: 1 });
  const errors = await (await client.files.content(batch.error_file_id ?? '')).text();
  expect(errors).toMatch(/"custom_id":"strange".*model_not_found/);
  const { data: runs } = await client.get<{ data: { id: string }[] }>('/runs?limit=1');
  expect(await client.post(`/runs/${runs[0]?.id}/retry`)).toMatchObject({ model: expect.stringMatching(/^ft:/) });
});

it('a step of one that goes to quarantine is done in a child process', async () => {
  const { runs, queues } = cluster.shared;
  const runId = newRunId();
  const config = testConfig({ model: FIRST, tools: [], dialect: 'nano' });
  await runs.create({ id: runId, tenant: 'default', config });
  await runs.start(runId);
  await queues.enqueue({ queue: quarantineOf(TRAINED), priority: 0 }, { runId, step: 0, epoch: 0 });
  expect((await cluster.closed(runId)).outcome).toMatchObject({ status: 'completed' });
});

it('two hundred models cost no connection more than a few', async () => {
  const { redis, trained } = cluster.shared;
  const connections = async (): Promise<number> =>
    String(await redis.client('LIST'))
      .trim()
      .split('\n').length;
  const before = await connections();
  const first = await trained.get(FIRST);
  if (!first) throw new Error('the first model is gone');
  const ids = Array.from({ length: 200 }, (_, at) => trainedId(`many${String(at).padStart(4, '0')}`));
  for (let at = 0; at < ids.length; at += 50) {
    await Promise.all(ids.slice(at, at + 50).map((id) => trained.put({ ...first, id })));
  }
  const asked = ids.filter((_, at) => at % 50 === 0);
  const answers = await Promise.all(asked.map((id) => ask(id)));
  expect(answers.map(({ model, status }) => `${model} ${status}`)).toEqual(asked.map((id) => `${id} completed`));
  expect(await connections()).toBeLessThanOrEqual(before);
});

it('a Redis that has lost everything has it again from the store', async () => {
  await cluster.shared.redis.flushall();
  await expect.poll(async () => (await client.models.list()).data.map(({ id }) => id)).toContain(FIRST);
  await cluster.until('the worker is heard of again', async () => {
    await api.parts.fleet.refresh();
    return api.parts.fleet.concurrencyOf(FIRST) > 0;
  });
  expect(await ask(FIRST)).toMatchObject({ status: 'completed' });
});

it('is not deleted while a run uses it, and with it go its weights', async () => {
  worker.kill('SIGSTOP');
  const run = await cluster.submit({ model: FIRST, tools: [], dialect: 'nano' });
  expect(await refused(client.models.delete(FIRST))).toBe('model_in_use');
  worker.kill('SIGCONT');
  await cluster.closed(run);
  expect(await client.models.delete(FIRST)).toMatchObject({ id: FIRST, deleted: true });
  expect(await refused(client.models.retrieve(FIRST))).toBe('model_not_found');
  expect(await refused(ask(FIRST))).toBe('model_not_found');
  // Files that two records name stay with the other one.
  const last = trainedId('based001', 'default', 'second-base');
  const key = (await cluster.shared.trained.get(last))?.files[0]?.key ?? '';
  await client.models.delete(last);
  expect(await cluster.shared.objects.head(key)).toBeDefined();
  const third = trainedId('based001', 'default', 'third-base');
  const target = ['--url', api.url, '--key', 'test-key-0123456789abcdef'];
  expect((await cota.run(['models', ...target])).out).toMatch(new RegExp(`${third} .*no worker serves it`));
  expect(await cota.run(['models', 'remove', third, ...target])).toMatchObject({ code: 0, out: `${third}: deleted\n` });
  expect((await cota.run(['models', 'remove', third, ...target])).err).toMatch(/There is no model 'ft:/);
  expect(await cluster.shared.objects.head(key)).toBeUndefined();
});
