/** Events and log of a fine-tuning job where several write them, and who may end it. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Cluster } from '../../shared/cluster.ts';
import { paths } from '../../shared/keys.ts';
import type { ObjectStore } from '../../shared/object-store.ts';
import { eventsInStore, keepEvents, readEvents } from '../../shared/train/events.ts';
import type { TrainJob } from '../../shared/train/job.ts';
import { openTrainJobs, type TrainJobStore } from '../../shared/train/job-store.ts';
import { openLogPieces } from '../../workers/train/log-pieces.ts';
import { startTestClusters, type TestClusters } from '../test-clusters.ts';
import { makeTrainJob } from '../train-jobs.ts';

let clusters: TestClusters;
let cluster: Cluster;
let jobs: TrainJobStore;
beforeAll(async () => {
  clusters = await startTestClusters('train-events');
  cluster = await clusters.open('api');
  jobs = openTrainJobs(cluster);
});
afterAll(async () => {
  await jobs.close();
  await cluster.lifecycle.stop('test is over');
  await clusters.stop();
});

const told = (message: string) => ({ level: 'info' as const, type: 'message' as const, message });
const say = async (job: TrainJob, token: string, from: number, to: number): Promise<void> => {
  for (let n = from; n < to; n++) expect(await jobs.state.event(job.id, token, told(`event ${n}`))).toBeDefined();
};
async function inHand(holdMs = 60_000): Promise<{ readonly job: TrainJob; readonly token: string }> {
  const [job, token] = [await makeTrainJob(cluster, jobs), randomUUID()];
  expect(await jobs.state.begin(job.id, token, holdMs)).toMatchObject({ is: 'ok' });
  return { job, token };
}
const allEvents = async (job: TrainJob, kept?: number): Promise<string[]> => {
  const live = await jobs.state.read(job.id);
  const events = await readEvents(cluster.objects, jobs.state, job, {
    ...{ from: 0, to: live?.events ?? 0, kept: kept ?? live?.kept ?? 0 },
  });
  return events.map(({ number, event }) => `${number}: ${event.message}`);
};
const expected = (count: number): string[] => Array.from({ length: count }, (_, n) => `${n}: event ${n}`);

it('events that two put into files at the same time are all there, in their order', async () => {
  const { job, token } = await inHand();
  await say(job, token, 0, 50);
  let go = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    go = resolve;
  });
  let begun = (): void => undefined;
  const atPut = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const slow: ObjectStore = {
    ...cluster.objects,
    async put(...given) {
      begun();
      await gate;
      return cluster.objects.put(...given);
    },
  };
  const late = keepEvents(slow, jobs.state, job, true);
  await atPut;
  await say(job, token, 50, 130);
  await keepEvents(cluster.objects, jobs.state, job, false);
  go();
  await late;
  expect(await allEvents(job)).toEqual(expected(130));
});

it('a state that Redis has lost begins with all events, and reads few of their files', async () => {
  const { job, token } = await inHand();
  await say(job, token, 0, 730);
  await keepEvents(cluster.objects, jobs.state, job, true);
  let reads = 0;
  const counted: ObjectStore = {
    ...cluster.objects,
    get(key) {
      reads += 1;
      return cluster.objects.get(key);
    },
  };
  const { kept, rest } = await eventsInStore(counted, job);
  expect([kept, rest.length, rest[0]?.message]).toEqual([700, 30, 'event 700']);
  expect(reads).toBeLessThan(4);
});

it('whoever has read how many events are in files, and then they are more, gets each with its number', async () => {
  const { job, token } = await inHand();
  await say(job, token, 0, 130);
  await keepEvents(cluster.objects, jobs.state, job, false);
  expect((await jobs.state.read(job.id))?.kept).toBe(100);
  expect(await allEvents(job, 0)).toEqual(expected(130));
});

it('a worker that was frozen past its lease does not fail the job that another one has', async () => {
  const { job, token: late } = await inHand(1);
  await sleep(20);
  expect(await jobs.state.begin(job.id, randomUUID(), 60_000)).toMatchObject({ is: 'ok', lost: 1 });
  await jobs.end('default', job.id, 'failed', { code: 'trainer_failed', message: 'no room', param: null }, late);
  expect(await jobs.find('default', job.id)).toMatchObject({ status: 'running' });
});

it('of a tenant whose data was deleted, and of a job that another worker has, no log is written', async () => {
  const { job, token } = await inHand();
  const log = await openLogPieces(cluster.objects, job, () => jobs.state.isOf(job.id, token));
  log.add('before');
  await jobs.state.forget(job.id, 0);
  await log.close();
  for await (const { key } of cluster.objects.list(paths.trainLogs('default', job.id))) throw new Error(`left: ${key}`);
});

it.each(['find', 'list', 'conclude'] as const)(
  'a job that succeeds while it is looked at has its result: %s',
  async (how) => {
    const { job, token } = await inHand();
    const result = { model: 'ft:counter:default:-:0123456789', files: [], resultFiles: ['file-1'] };
    let isFirst = true;
    const slow: ObjectStore = {
      ...cluster.objects,
      async get(key) {
        const got = await cluster.objects.get(key);
        if (!isFirst || !key.endsWith(`${job.id}.json`)) return got;
        isFirst = false;
        await jobs.putResult('default', job.id, result);
        await jobs.state.settle(job.id, token, { is: 'succeeded', event: told('done') });
        return got;
      },
    };
    const store = openTrainJobs({ redis: cluster.redis, objects: slow });
    if (how === 'conclude') await store.conclude('default', job.id);
    const seen =
      how === 'list'
        ? (await store.list('default', { limit: 1, order: 'desc' })).data.find(({ id }) => id === job.id)
        : await store.find('default', job.id);
    expect(isFirst).toBe(false);
    await jobs.conclude('default', job.id);
    expect([seen, await jobs.find('default', job.id)]).toMatchObject([
      { status: 'succeeded', result },
      { status: 'succeeded', result },
    ]);
    await store.close();
  },
);
