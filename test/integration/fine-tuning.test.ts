/**
 * Fine-tuning jobs from the official client to the trained files, with a real trainer process: what is told, what is
 * kept, and what dies in between.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningApi, startApi } from '../../services/api/start.ts';
import { keys, paths } from '../../shared/keys.ts';
import { type TrainJobObject, trainEventObject, trainJobObject } from '../../shared/train/job-object.ts';
import { openCota } from '../cota-command.ts';
import { type Proc, replayModels, startTestCluster, type TestCluster } from '../harness.ts';
import { sampleChain } from '../sample-chains.ts';
import { losses, tinyRecipe as recipe, type Wishes } from '../tiny-training.ts';

const KEY = 'test-key-0123456789abcdef';
let cluster: TestCluster;
let api: RunningApi;
let client: OpenAI;
let chains: string;
let folder: string;
const workers: Proc[] = [];

beforeAll(async () => {
  cluster = await startTestCluster({ models: replayModels() });
  folder = join(cluster.dir, 'work');
  cluster.start('services/scheduler/main.ts');
  api = await startApi({ ...cluster.env, COTA_PORT: 0, COTA_WORKER_ID: 'api-in-test' });
  client = new OpenAI({ baseURL: `${api.url}/v1`, apiKey: KEY, maxRetries: 0 });
  const lines = Array.from({ length: 6 }, (_, n) =>
    JSON.stringify({ ...sampleChain(n), split: n < 4 ? 'train' : 'validation' }),
  );
  const file = await toFile(Buffer.from(lines.join('\n')), 'chains.jsonl');
  chains = (await client.files.create({ file, purpose: 'fine-tune' })).id;
});
afterAll(async () => {
  await api?.parts.lifecycle.stop('test is over');
  await cluster?.stop();
});

const startWorker = (): Proc => {
  const proc = cluster.start('workers/train/main.ts', {
    ...{ COTA_TRAIN_FOLDER: folder, COTA_TRAIN_JOBS: '4', COTA_WORKER_ID: `train-${workers.length}` },
  });
  workers.push(proc);
  return proc;
};

const make = (wishes: Wishes, fields: object = {}): Promise<OpenAI.FineTuning.FineTuningJob> =>
  client.fineTuning.jobs.create({
    model: 'counter',
    training_file: chains,
    ...fields,
    recipe: recipe(wishes),
  } as never);
const look = async (id: string): Promise<TrainJobObject> =>
  trainJobObject.parse(await client.fineTuning.jobs.retrieve(id));
const until = (id: string, what: string, fits: (job: TrainJobObject) => boolean): Promise<TrainJobObject> =>
  cluster.until(`${id} ${what}`, async () => {
    const job = await look(id);
    return fits(job) ? job : undefined;
  });
const over = (id: string) => until(id, 'is over', ({ status }) => /succeeded|failed|cancelled/.test(status));
const atStep = (id: string, step: number) => until(id, `is at step ${step}`, (job) => job.cota.step >= step);
const messages = async (id: string): Promise<string[]> => {
  const found: string[] = [];
  for await (const event of client.fineTuning.jobs.listEvents(id, { limit: 7 })) {
    trainEventObject.parse(event);
    found.unshift(event.message);
  }
  return found;
};
const call = (path: string, init: RequestInit = {}) =>
  fetch(`${api.url}/v1/fine_tuning/jobs${path}`, {
    ...init,
    headers: { authorization: `Bearer ${KEY}`, ...init.headers },
  });
const result = async (id: string): Promise<string> => (await call(`/${id}/files/result/config.json`)).text();
const post = async (path: string, body: object) =>
  (await (
    await fetch(`${api.url}/v1/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    })
  ).json()) as { key: string };
/** Of a tenant whose data is deleted while it is trained. */
let gone: string;
let whole: { readonly result: string; readonly losses: ReadonlyMap<number, string | undefined> };

test('a job waits for a worker, is trained, and everything of it can be read', async () => {
  const made = await make({}, { suffix: 'Mine', metadata: { team: 'a' }, seed: 5 });
  expect(made).toMatchObject({ object: 'fine_tuning.job', status: 'queued', seed: 5, training_file: chains });
  expect((await look(made.id)).cota.notice).toContain('No train worker is running');
  startWorker();
  const done = await over(made.id);
  expect(done).toMatchObject({ status: 'succeeded', error: null, trained_tokens: 1000, fine_tuned_model: null });
  const told = await messages(made.id);
  expect(told.filter((line) => line.startsWith('Step '))).toHaveLength(10);
  expect(told).toContain('Checkpoint of step 10 is kept.');
  expect(told[0]).toContain(`Preparing the data of ${chains}`);
  expect(told.at(-1)).toContain('cota train download');
  whole = { result: await result(made.id), losses: losses(told) };
  const page = await client.fineTuning.jobs.checkpoints.list(made.id);
  expect(page.data.map(({ step_number }) => step_number)).toEqual([10, 5]);
  expect(page.data[0]?.fine_tuned_model_checkpoint).toMatch(/^ft:counter:default:Mine:[0-9a-z]{10}:ckpt-step-10$/);
  const [csv = ''] = done.result_files;
  expect(await (await client.files.content(csv)).text()).toMatch(/^step,train_loss.*\n1,0\.\d/);
  expect(await (await call(`/${made.id}/log`)).text()).toContain('training on train-00000.jsonl');
  expect((await call(`/${made.id}/files/..%2f..%2fx`)).status).toBe(404);
  const report = await call(`/${made.id}/files/report.html`);
  expect(report.headers.get('content-type')).toContain('text/html');
  expect(await report.text()).toContain('Cota training');
  const listed = await client.fineTuning.jobs.list({ metadata: { team: 'a' } });
  expect(listed.data.map(({ id }) => id)).toEqual([made.id]);
  expect((await client.fineTuning.jobs.list({ metadata: { team: 'b' } })).data).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});

test('a command takes the scope admin', async () => {
  await post('tenants', { id: 'goner' });
  const { key } = await post('api_keys', { tenant: 'goner', name: 'own', scopes: ['runs'] });
  const own = new OpenAI({ baseURL: `${api.url}/v1`, apiKey: key, maxRetries: 0 });
  const file = await toFile(Buffer.from(`${JSON.stringify(sampleChain(1))}\n`), 'chains.jsonl');
  const { id: training_file } = await own.files.create({ file, purpose: 'fine-tune' });
  const given = { model: 'counter', training_file, recipe: recipe({ steps: 1_000, delay: 20 }) } as never;
  await expect(own.fineTuning.jobs.create(given)).rejects.toMatchObject({ status: 403 });
  const { key: admin } = await post('api_keys', { tenant: 'goner', name: 'more', scopes: ['runs', 'admin'] });
  gone = (await new OpenAI({ baseURL: `${api.url}/v1`, apiKey: admin }).fineTuning.jobs.create(given)).id;
  const { state } = api.parts.trainJobs;
  await cluster.until('it is under way', async () => ((await state.read(gone))?.progress.step ?? 0) > 6);
  // Takes seconds, in which the other tests go on.
  await fetch(`${api.url}/v1/tenants/goner/data`, { method: 'DELETE', headers: { authorization: `Bearer ${KEY}` } });
});

test('killed trainer, killed worker, drained worker: each goes on from its checkpoint and ends the same', async () => {
  const died = await make({ more: ['--die', 'at 8'] });
  const orphan = await make({ steps: 40, delay: 40 });
  expect((await over(died.id)).status).toBe('succeeded');
  expect(await result(died.id)).toBe(whole.result);
  const told = await messages(died.id);
  expect(told.some((line) => /died at step 8 \(SIGKILL\)/.test(line))).toBe(true);
  expect(losses(told)).toEqual(whole.losses);

  await atStep(orphan.id, 6);
  workers.at(-1)?.kill('SIGKILL');
  startWorker();
  await cluster.until('it goes on', async () =>
    (await messages(orphan.id)).some((line) => line.startsWith('Going on from')),
  );
  const again = await look(orphan.id);
  await atStep(orphan.id, again.cota.step + 3);
  const drained = workers.at(-1) as Proc;
  drained.kill('SIGTERM');
  expect(await drained.exited).toBe(0);
  startWorker();
  expect((await over(orphan.id)).status).toBe('succeeded');
  const all = await messages(orphan.id);
  expect(all.filter((line) => line.startsWith('Going on from'))).toHaveLength(2);
  for (const [step, loss] of whole.losses) expect(losses(all).get(step)).toBe(loss);
  expect(readdirSync(folder)).toEqual([]);
});

test('paused and resumed, cancelled within seconds, deleted with all that it kept', async () => {
  const { id } = await make({ steps: 100, delay: 50 });
  await atStep(id, 2);
  expect((await client.fineTuning.jobs.pause(id)).status).toBe('paused');
  await cluster.until('it has let go', async () => !(await api.parts.trainJobs.state.read(id))?.isHeld);
  const { cota } = await look(id);
  expect((await client.fineTuning.jobs.resume(id)).status).toBe('queued');
  await atStep(id, cota.step + 1);
  const before = performance.now();
  expect((await client.fineTuning.jobs.cancel(id)).status).toBe('cancelled');
  await cluster.until('it has let go', async () => !(await api.parts.trainJobs.state.read(id))?.isHeld);
  expect(performance.now() - before).toBeLessThan(5_000);
  await expect(client.fineTuning.jobs.resume(id)).rejects.toMatchObject({ status: 400 });
  await cluster.until('it can be deleted', async () => (await call(`/${id}`, { method: 'DELETE' })).status === 200);
  expect((await call(`/${id}`)).status).toBe(404);
  for await (const { key } of cluster.shared.objects.list(paths.trainJob('default', id)))
    throw new Error(`left: ${key}`);
});

test('a job whose state Redis has lost goes on from its document and its last checkpoint', async () => {
  const { id } = await make({ steps: 30, delay: 25 });
  await atStep(id, 6);
  await cluster.until(
    'a checkpoint is kept',
    async () => (await client.fineTuning.jobs.checkpoints.list(id)).data.length,
  );
  await cluster.shared.redis.unlink(keys.trainJob(id), keys.trainEvents(id));
  expect((await over(id)).status).toBe('succeeded');
  const told = await messages(id);
  expect(told.some((line) => line.startsWith('Going on from'))).toBe(true);
  expect(losses(told).get(30)).toBeDefined();
});

test('what fails says why: a trainer that always dies, a program that is not there, data that is none', async () => {
  const always = await make({ more: ['--die', 'always', '--words', 'CUDA out of memory: lower batch_size'] });
  const absent = await make({ change: { trainer: { kind: 'command', command: ['no-such-program'] } } });
  const file = await toFile(Buffer.from('{"version":1}\n'), 'x.jsonl');
  const none = await make({}, { training_file: (await client.files.create({ file, purpose: 'fine-tune' })).id });
  const [died, missing, wrong] = await Promise.all([always, absent, none].map(({ id }) => over(id)));
  expect(died?.error?.message).toMatch(/died 3 times without getting beyond step 7.*exit code 3.*lower batch_size/);
  expect(missing?.error?.message).toMatch(/could not be started.*no-such-program/);
  expect(wrong?.error).toMatchObject({ code: 'invalid_value', message: expect.stringContaining('Line 1 of file-') });
});

test('cota train: in the cluster and without one', async () => {
  const cota = await openCota(replayModels());
  const [file, own] = [join(cota.dir, 'chains.jsonl'), join(cota.dir, 'tiny.yaml')];
  await writeFile(file, `${JSON.stringify(sampleChain(1))}\n`);
  // JSON is YAML.
  await writeFile(own, JSON.stringify(recipe({})));
  const there = { COTA_PUBLIC_URL: api.url, COTA_API_KEY: KEY };
  const [inCluster, here, typo] = await Promise.all([
    cota.run(['train', own, '--chains', file, '--follow', '--json'], there),
    cota.run(['train', own, '--chains', file, '--local', '--out', 'model']),
    cota.run(['train', 'lst']),
  ]);
  expect(inCluster, inCluster.err).toMatchObject({ code: 0 });
  const { id } = trainJobObject.parse(JSON.parse(inCluster.out));
  expect(here, here.err).toMatchObject({ code: 0, out: expect.stringContaining('1 files in') });
  expect(readFileSync(join(cota.dir, 'model/config.json'), 'utf8')).toBe(whole.result);
  expect(typo).toMatchObject({ code: 2, err: expect.stringContaining('did you mean list?') });
  const [shown, logs] = await Promise.all([
    cota.run(['train', 'show', id], there),
    cota.run(['train', 'logs', id], there),
  ]);
  expect(shown.out).toMatch(/^status +succeeded/m);
  expect(logs.out).toContain('training on');
  await cota.remove();
});

test('an ONNX folder is registered under its id', async () => {
  const { id } = await make({ more: ['--onnx', 'graph'], change: { serve: { dialect: 'nano' } } });
  const done = await over(id);
  expect(done.fine_tuned_model).toBe(`ft:counter:default:-:${id.slice(-10)}`);
  expect((await messages(id)).at(-1)).toContain('is registered');
});

test.each([
  [{ recipe: undefined, model: 'gpt-9' }, 'model', 'no recipe that trains'],
  [{ training_file: 'file-01j00000000000000000000000' }, 'training_file', 'There is no file'],
  [{ training_file: 'data_01j00000000000000000000000' }, 'training_file', 'There is no data job'],
  [{ suffix: 'no spaces' }, 'suffix', 'letters, digits'],
  [{ recipe: { name: 'x' } }, 'recipe.base', 'Missing'],
  [{ recipe: 'a: [' }, 'recipe', 'not valid YAML'],
  [{ recipe: { ...recipe({}), epochs: 3 } }, 'recipe.epochs', 'Unknown parameter'],
  [{ hyperparameters: { batch_size: 4 } }, 'hyperparameters.batch_size', 'has no batch_size'],
  [{ method: { type: 'dpo' } }, 'method.type', 'supervised'],
])('%#: what is wrong is refused with its place', async (fields, param, words) => {
  const given = { model: 'counter', training_file: chains, recipe: recipe({}), ...fields };
  const reply = await call('', {
    method: 'POST',
    body: JSON.stringify(given),
    headers: { 'content-type': 'application/json' },
  });
  const { error } = (await reply.json()) as { error: { param: string; message: string } };
  expect(reply.status).toBeGreaterThanOrEqual(400);
  expect(error.param).toBe(param);
  expect(error.message).toContain(words);
});

test('of a tenant whose data is deleted, a training that was under way leaves nothing', async () => {
  const { redis, objects } = cluster.shared;
  await cluster.until(
    'its data is deleted',
    async () => (await redis.hget(keys.erasure('goner'), 'state')) === 'done',
    20_000,
  );
  expect(await redis.keys(`*${gone}*`)).toEqual([]);
  for await (const { key } of objects.list(paths.tenant('goner'))) throw new Error(`left: ${key}`);
});
