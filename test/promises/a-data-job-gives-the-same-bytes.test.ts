/** Kill data workers and their hands in the middle: what the job writes is what it would have written undisturbed. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DataJob } from '../../shared/data/job.ts';
import { type DataCluster, startDataCluster } from '../data-cluster.ts';

let data: DataCluster;
beforeAll(async () => {
  data = await startDataCluster('workers/data/main.ts');
});
afterAll(() => data?.stop());

/** Four data workers are started one after another, each with processes that load all stages. */
const WITHIN_MS = 300_000;
/** A machine that is busy takes its time for each of them. */
const LOOK_MS = 100_000;
const SHARDS = 10;
const recipe = (seed: number) => ({
  ...{ name: 'same', seed, shard: 40, report: false },
  sources: [{ name: 'menus', program: { chains: SHARDS * 40, families: { 'look-up': 1, sums: 1 } } }],
  filter: {},
  mix: { parts: [{ name: 'all' }] },
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
  (await data.jobs.find(tenant, id))?.stages.find(({ name }) => name === 'make')?.done ?? 0;

test(
  'the same recipe gives the same bytes, however many of its workers are killed; another seed gives others',
  async () => {
    const until = (what: string, look: () => Promise<boolean>): Promise<true> =>
      data.cluster.until(what, async () => (await look()) || undefined, LOOK_MS);
    const disturbed = await data.submit(recipe(1));
    const worker = data.startWorker();
    await until('some shards are done', async () => (await doneOf(disturbed)) >= 1);
    const [hand = 0] = handsOf(worker.pid);
    expect(hand).toBeGreaterThan(0);
    process.kill(hand, 'SIGKILL');
    await until('more shards are done', async () => (await doneOf(disturbed)) >= 3);
    const hands = handsOf(worker.pid);
    worker.kill('SIGKILL');
    await worker.exited;
    await until('its hands end with it', async () => !hands.some(isAlive));
    const left = await data.jobs.find('default', disturbed.id);
    expect(left?.status).toBe('in_progress');
    const second = data.startWorker();
    await until('its shards go on', async () => (await doneOf(disturbed)) >= 5);
    // One that is asked to stop gives its shards back.
    second.kill('SIGTERM');
    expect(await second.exited).toBe(0);
    data.startWorker();
    const end = await data.over(disturbed, LOOK_MS);
    expect(end.error).toBeUndefined();
    expect(end.stages.find(({ name }) => name === 'make')).toMatchObject({ shards: SHARDS, done: SHARDS });

    const undisturbed = await data.submit(recipe(1));
    const other = await data.submit(recipe(2));
    for (const job of [undisturbed, other]) expect((await data.over(job, LOOK_MS)).error).toBeUndefined();
    const bytes = await data.hashes(disturbed);
    expect(Object.keys(bytes).filter((name) => /^make\/chains/.test(name))).toHaveLength(SHARDS);
    expect(await data.hashes(undisturbed)).toEqual(bytes);
    const others = await data.hashes(other);
    for (const name of Object.keys(bytes).filter((one) => /chains-.*zst$/.test(one))) {
      expect(others[name], name).not.toBe(bytes[name]);
    }
  },
  WITHIN_MS,
);
