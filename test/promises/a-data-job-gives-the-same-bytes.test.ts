/** Kill data workers and their hands in the middle: what the job writes is what it would have written undisturbed. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DataJob } from '../../shared/data/job.ts';
import { type DataCluster, startDataCluster } from '../data-cluster.ts';

let data: DataCluster;
beforeAll(async () => {
  data = await startDataCluster('test/promises/workers/data-worker.ts');
});
afterAll(() => data?.stop());

const recipe = (seed: number) => ({
  ...{ name: 'plain', seed, shard: 100, sources: [{ name: 'rows', program: { chains: 2_000 } }] },
});

/** Children of a process: the hands of a data worker. */
const handsOf = (pid: number): number[] =>
  readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      try {
        // Behind the name, which may hold anything: state, then the parent.
        const [, parent] = readFileSync(`/proc/${entry}/stat`, 'utf8')
          .replace(/^.*\) /, '')
          .split(' ');
        return Number(parent) === pid ? [Number(entry)] : [];
      } catch {
        return [];
      }
    });

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const doneOf = async ({ tenant, id }: DataJob): Promise<number> =>
  (await data.jobs.find(tenant, id))?.stages[0]?.done ?? 0;

test('the same recipe gives the same bytes, however many of its workers are killed; another seed gives others', async () => {
  const worker = data.startWorker();
  const undisturbed = await data.submit(recipe(1));
  expect((await data.over(undisturbed)).status).toBe('completed');

  const disturbed = await data.submit(recipe(1));
  const { until } = data.cluster;
  await until('some shards are done', async () => (await doneOf(disturbed)) >= 3);
  const [hand = 0] = handsOf(worker.pid);
  expect(hand).toBeGreaterThan(0);
  process.kill(hand, 'SIGKILL');
  await until('more shards are done', async () => (await doneOf(disturbed)) >= 6);
  const hands = handsOf(worker.pid);
  worker.kill('SIGKILL');
  await worker.exited;
  await until('its hands end with it', async () => !hands.some(isAlive));
  expect((await data.jobs.find('default', disturbed.id))?.status).toBe('in_progress');
  const second = data.startWorker();
  await until('its shards go on', async () => (await doneOf(disturbed)) >= 9);
  // One that is asked to stop gives its shards back.
  second.kill('SIGTERM');
  expect(await second.exited).toBe(0);
  data.startWorker();
  const end = await data.over(disturbed);
  expect(end).toMatchObject({ status: 'completed', stages: [{ shards: 20, done: 20, rows: 2_000 }, {}, {}] });

  const bytes = await data.hashes(undisturbed);
  expect(Object.keys(bytes).filter((name) => name.endsWith('.jsonl.zst'))).toHaveLength(21);
  expect(await data.hashes(disturbed)).toEqual(bytes);

  const other = await data.submit(recipe(2));
  expect((await data.over(other)).status).toBe('completed');
  const others = await data.hashes(other);
  expect(others['make/rows-0.jsonl.zst']).not.toBe(bytes['make/rows-0.jsonl.zst']);
  expect(others['count/sum.jsonl.zst']).not.toBe(bytes['count/sum.jsonl.zst']);
});
