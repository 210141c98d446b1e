/** Records of fine-tuning jobs where workers, their store and their disk fail them, in this process. */
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { lookAfterTrainJobs } from '../../services/scheduler/train-jobs.ts';
import { type Cluster, join as joinFleet } from '../../shared/cluster.ts';
import { keys, paths } from '../../shared/keys.ts';
import { StoreAway } from '../../shared/object-store.ts';
import { isAlive } from '../../shared/process-alive.ts';
import { TRAIN } from '../../shared/queues.ts';
import { readEvents } from '../../shared/train/events.ts';
import type { TrainJob } from '../../shared/train/job.ts';
import { openTrainJobs, type TrainJobStore } from '../../shared/train/job-store.ts';
import type { TrainParts } from '../../workers/train/desk.ts';
import { startJobWorker } from '../../workers/train/job-worker.ts';
import { startTestClusters, type TestClusters } from '../test-clusters.ts';
import type { Wishes } from '../tiny-training.ts';
import { makeTrainJob } from '../train-jobs.ts';

let clusters: TestClusters;
let cluster: Cluster;
let jobs: TrainJobStore;
let blocked: string;
const opened: Cluster[] = [];
const made: string[] = [];

beforeAll(async () => {
  clusters = await startTestClusters('train-records', { COTA_LOCK_MS: '400', COTA_RETRY_MS: '20' });
  cluster = await clusters.open('scheduler');
  jobs = openTrainJobs(cluster);
  blocked = join(clusters.dir, 'blocked');
  await writeFile(blocked, 'no folder');
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.lifecycle.stop('test is over')));
  for (const id of made.splice(0)) {
    await jobs.state.forget(id, 0);
    await jobs.leave('default', id);
  }
});
afterAll(async () => {
  await jobs.close();
  await cluster.lifecycle.stop('test is over');
  await clusters.stop();
});

async function make(wishes: Wishes = {}): Promise<TrainJob> {
  const job = await makeTrainJob(cluster, jobs, wishes);
  made.push(job.id);
  return job;
}
const allEvents = async (job: TrainJob): Promise<string> => {
  const { events: to = 0 } = (await jobs.find('default', job.id)) ?? {};
  const events = await readEvents(cluster.objects, jobs.state, job, { from: 0, to, kept: to });
  return events.map(({ event }) => event.message).join('\n');
};

async function startWorker(
  settings: Readonly<Record<string, string>>,
  change: { readonly jobs?: Partial<TrainJobStore>; readonly train?: Partial<TrainParts> } = {},
): Promise<void> {
  const worker = await clusters.open(`train-${randomUUID().slice(0, 8)}`);
  opened.push(worker);
  const { objects } = worker;
  const train: TrainParts = {
    ...{ objects, python: 'python3', retryMs: 20 },
    ...{ findData: async () => undefined, meter: async () => undefined, keepMetrics: async () => undefined },
    ...{ register: async () => undefined, unregister: async () => undefined, ...change.train },
  };
  const env = { ...worker.env, COTA_TRAIN_FOLDER: join(clusters.dir, 'work'), ...settings };
  await startJobWorker({ ...worker, env, jobs: { ...openTrainJobs(worker), ...change.jobs }, train }, 1);
  await joinFleet(worker, { kind: 'train', queues: [TRAIN], trainings: 1 });
}
/** Plays the scheduler until it fits. */
async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  for (const end = performance.now() + 12_000; performance.now() < end; ) {
    await lookAfterTrainJobs({ ...cluster, jobs, mayGoOn: () => true });
    const found = await look();
    if (found) return found;
    await sleep(50);
  }
  throw new Error('it did not come to this');
}
const over = (job: TrainJob) =>
  until(async () => {
    const now = await jobs.find('default', job.id);
    return now && /succeeded|failed|cancelled/.test(now.status) && now;
  });

it('a worker that cannot write its folder lets go of the job, and says why', async () => {
  await startWorker({ COTA_TRAIN_FOLDER: blocked });
  const job = await make();
  const done = await over(job);
  expect(done).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('COTA_TRAIN_FOLDER') } });
  await until(async () => !(await jobs.state.read(job.id))?.isHeld);
});

it('a store that is away between two words is no death of the worker, and is waited for', async () => {
  let away = 7;
  const { find } = jobs;
  await startWorker(
    {},
    {
      jobs: {
        find: async (tenant, id) => {
          if (away-- > 0) throw new StoreAway('unreachable', 'the object store is away');
          return find(tenant, id);
        },
      },
    },
  );
  const job = await make();
  const note = await until(async () => (await jobs.state.read(job.id))?.note);
  expect(note).toContain('store is away');
  expect(await over(job)).toMatchObject({ status: 'succeeded' });
  expect(await cluster.redis.hget(keys.trainJob(job.id), 'lost')).toBeNull();
});

it('a Redis that says nothing for longer than the hold ends the trainer: another worker may have the job', async () => {
  await startWorker({});
  const pidFile = join(clusters.dir, 'trainer.pid');
  const code = `require('fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); setInterval(() => {}, 1e3)`;
  await make({ change: { trainer: { kind: 'command', command: ['node', '-e', code] } } });
  const pid = await until(async () => Number(await readFile(pidFile, 'utf8').catch(() => '')));
  await cluster.redis.client('PAUSE', 3_000, 'ALL');
  for (const end = performance.now() + 2_500; isAlive(pid) && performance.now() < end; ) await sleep(50);
  expect(isAlive(pid)).toBe(false);
});

it.each([
  // A library that is looked for and not needed, and an accident later: it is started again.
  [`console.error("apex is not used: No module named 'apex'"); process.kill(process.pid, 'SIGKILL')`, null],
  [`console.error("ModuleNotFoundError: No module named 'trl.extras'"); process.exit(1)`, 'has no module trl.extras'],
  ['console.error("/usr/bin/python3: No module named llamafactory"); process.exit(1)', 'has no module llamafactory'],
])('a module that is missing ends a training, and the mention of one does not: %s', async (death, words) => {
  await startWorker({});
  const fs = `require('fs')`;
  const code = `if (!${fs}.existsSync('begun')) { ${fs}.writeFileSync('begun', ''); ${death}; setTimeout(() => {}, 1e4) }`;
  const done = await over(await make({ change: { trainer: { kind: 'command', command: ['node', '-e', code] } } }));
  if (words === null) expect(done).toMatchObject({ status: 'succeeded' });
  else expect(done.error).toMatchObject({ code: 'trainer_missing', message: expect.stringContaining(words) });
});

it('a trainer that stops and was not asked to does not go round for ever', async () => {
  await startWorker({});
  const stops = `console.log('{"event":"stopped"}')`;
  const command = { kind: 'command', command: ['node', '-e', stops], result: '.' };
  expect(await over(await make({ change: { trainer: command } }))).toMatchObject({
    status: 'failed',
    error: { message: expect.stringContaining('asked to stop, by somebody else') },
  });
});

it('a checkpoint that a trainer names outside of its folder is not read', async () => {
  const secret = join(clusters.dir, 'secret');
  await writeFile(secret, 'of the machine');
  await startWorker({});
  const says = JSON.stringify({ event: 'checkpoint', step: 1, path: `../../../${secret.split('/').at(-1)}` });
  const code = `console.log(${JSON.stringify(says)}); require('fs').writeFileSync('weights', 'x')`;
  const command = { kind: 'command', command: ['node', '-e', code], result: '.' };
  const job = await make({ change: { trainer: command } });
  await over(job);
  for await (const { key } of cluster.objects.list(paths.trainCheckpoints('default', job.id)))
    throw new Error(`kept: ${key}`);
});

it('weights that a try had put away before it died do not stay beside those of the try that came to the end', async () => {
  const registered: string[] = [];
  await startWorker(
    {},
    { train: { register: async (_job, files) => void registered.push(...files.map(({ key }) => key)) } },
  );
  const job = await make();
  const served = await make({ more: ['--onnx', 'graph'], change: { serve: { dialect: 'nano' } } });
  const torn = [
    `${paths.trainResults('default', job.id)}89abcdef/config.json`,
    `${paths.trainedModel('default', served.id.slice(-10))}89abcdef/config.json`,
  ];
  for (const key of torn) await cluster.objects.put(key, Buffer.from('half'), { contentType: 'text/plain' });
  for (const one of [job, served]) expect(await over(one)).toMatchObject({ status: 'succeeded' });
  for (const key of torn) expect(await cluster.objects.head(key)).toBeUndefined();
  expect(registered).toHaveLength(2);
  for (const key of registered) expect(await cluster.objects.head(key)).toBeDefined();
});

it('a tenant that may keep nothing more is told so, and nothing is trained for it until then', async () => {
  const { tenants, meter } = cluster.tenancy;
  const job = await make();
  const stored = async (storedBytes: number | null): Promise<void> =>
    void (await tenants.change('default', (now) => ({ ...now, quotas: { ...now.quotas, storedBytes } })));
  await meter.add('default', 100);
  await stored(1);
  await startWorker({});
  const note = await until(async () => (await jobs.state.read(job.id))?.note);
  expect(note).toContain('may have 1');
  expect(await jobs.state.read(job.id)).toMatchObject({ status: 'queued', isHeld: false, pauses: true });
  for await (const { key } of cluster.objects.list(paths.trainJob('default', job.id))) throw new Error(`kept: ${key}`);
  await stored(null);
});

it('an export that is killed, such as for want of memory, is done again', async () => {
  const python = join(clusters.dir, 'python');
  const begun = join(clusters.dir, 'export-begun');
  const lines = [
    "#!/usr/bin/env node\nconst fs = require('fs'); const [, , script, ...args] = process.argv;",
    "const out = args[args.indexOf('--out') + 1]; const say = (event) => console.log(JSON.stringify(event));",
    "if (script.endsWith('train.py')) { fs.writeFileSync(out + '/last.pt', 'x'); say({ event: 'done', path: 'last.pt' }); }",
    `else if (!fs.existsSync('${begun}')) { fs.writeFileSync('${begun}', ''); process.kill(process.pid, 'SIGKILL'); }`,
    "else { fs.mkdirSync(out + '/onnx', { recursive: true }); fs.writeFileSync(out + '/onnx/model.onnx', 'x'); }",
  ];
  await writeFile(python, lines.join('\n'), { mode: 0o755 });
  await startWorker({}, { train: { python } });
  const model = { hidden_size: 32, intermediate_size: 64, num_hidden_layers: 1, num_attention_heads: 2 };
  const data = { drills: [{ name: 'rows', examples: 10, rows: [2, 4], questions: 2 }] };
  const stages = [{ name: 'a', tokens: 100, mix: [{ shards: ['drills/rows-*'], share: 1 }] }];
  const nano = { model, lr: 0.001, batch_tokens: 256, longest: 512, stages, data };
  const change = { trainer: { kind: 'nano' }, data: {}, hyperparameters: {}, nano, serve: { dialect: 'nano' } };
  const job = await make({ change });
  const done = await over(job);
  expect(done, done.error?.message).toMatchObject({ status: 'succeeded' });
  expect(done.result?.files.map(({ name }) => name)).toEqual(['onnx/model.onnx']);
});

it('a page that cannot be made costs no training', async () => {
  await startWorker(
    {},
    {
      train: {
        objects: {
          ...cluster.objects,
          put: (key, ...more) =>
            key.endsWith('/report.html')
              ? Promise.reject(new RangeError('Invalid string length'))
              : cluster.objects.put(key, ...more),
        },
      },
    },
  );
  const job = await make();
  expect(await over(job)).toMatchObject({ status: 'succeeded' });
  expect(await allEvents(job)).toContain('page');
});

it('of requests that come at once no more have room than may be open; what is there or could not be made takes none', async () => {
  const sample = await make();
  const like = (id: string): TrainJob => ({ ...sample, id: `ftjob-${id}` });
  const all = Array.from({ length: 6 }, () => like(randomUUID()));
  made.push(...all.map(({ id }) => id));
  const room = await Promise.all(all.map((job) => jobs.createWithin(3, job)));
  expect(room.filter(Boolean)).toHaveLength(2);
  expect(await jobs.open()).toHaveLength(3);
  expect(await jobs.createWithin(3, sample)).toBe(true);
  expect(await jobs.createWithin(1, { ...like(randomUUID()), tenant: 'other' })).toBe(true);
  const put = async (): Promise<never> => {
    throw new StoreAway('unreachable', 'the object store is away');
  };
  const away = openTrainJobs({ redis: cluster.redis, objects: { ...cluster.objects, put } });
  const lost = like(randomUUID());
  await expect(away.createWithin(9, lost)).rejects.toThrow('away');
  expect((await jobs.open()).map(({ id }) => id)).not.toContain(lost.id);
  await away.close();
  for (const { tenant, id } of await jobs.open()) if (tenant === 'other') await jobs.remove(tenant, id);
});
