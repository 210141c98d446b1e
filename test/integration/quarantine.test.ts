/** The quarantine child: only a death of its own condemns a run, and it does not outlive its parent. */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../shared/cluster.ts';
import type { StepJob } from '../../shared/contract.ts';
import { newRunId } from '../../shared/keys.ts';
import { runInQuarantine } from '../../shared/quarantine.ts';
import { holderQueue, modelOf, modelQueue, quarantineOf, toolQueue, versionQueue } from '../../shared/queues.ts';
import { startStepWorkers } from '../../shared/worker.ts';
import { cleanEnv } from '../child-env.ts';
import { testConfig } from '../harness.ts';
import { startTestClusters, type TestClusters } from '../test-clusters.ts';

let clusters: TestClusters;
let cluster: Cluster;
beforeAll(async () => {
  clusters = await startTestClusters('quarantine');
  cluster = await clusters.open('one');
});
afterAll(async () => {
  await cluster.lifecycle.stop('test is over');
  await clusters.stop();
});

async function quarantined(script: string, signal?: AbortSignal) {
  const entry = join(clusters.dir, `${newRunId()}.mjs`);
  await writeFile(entry, script);
  const job: StepJob = { runId: newRunId(), step: 0, epoch: 0 };
  await cluster.runs.create({ id: job.runId, tenant: 'default', config: testConfig({}) });
  await cluster.runs.start(job.runId);
  const how = await runInQuarantine(cluster, job, modelQueue('replayed'), entry, signal);
  return { how, outcome: (await cluster.runs.read(job.runId))?.outcome };
}

it('fails the run of a step that ends its child', async () => {
  const { how, outcome } = await quarantined("process.send('begun', () => process.kill(process.pid, 'SIGKILL'))");
  expect(how).toBe('done');
  expect(outcome).toMatchObject({ status: 'failed', error: { code: 'poison' } });
  const aborted = await quarantined("process.send('begun', () => process.exit(134))");
  expect(aborted.outcome).toMatchObject({ error: { code: 'poison' } });
});

it('condemns nobody for a child that died before it had begun: its model may have been too large for this machine', async () => {
  expect(await quarantined("process.kill(process.pid, 'SIGKILL')")).toEqual({ how: 'later', outcome: undefined });
});

it('tries again later when the child could not start, or has to wait: the store may be away', async () => {
  expect(await quarantined('process.exit(2)')).toEqual({ how: 'later', outcome: undefined });
  expect(await quarantined('process.exit(75)')).toEqual({ how: 'later', outcome: undefined });
  expect(await quarantined('process.exit(0)')).toEqual({ how: 'done', outcome: undefined });
});

it('gives the step back when its process has to stop', async () => {
  const stop = new AbortController();
  const ending = quarantined('setInterval(() => {}, 1_000)', stop.signal);
  setTimeout(() => stop.abort(), 500);
  expect(await ending).toEqual({ how: 'later', outcome: undefined });
}, 20_000);

/** A real tool worker as a quarantine child, whose Redis is away. */
function waitingChild(limitMs: number) {
  const entry = new URL('../../workers/tools/main.ts', import.meta.url).pathname;
  const step = { job: { runId: newRunId(), step: 0, epoch: 0 }, queue: 'tools.cpu', limitMs };
  return fork(entry, ['--one-step', JSON.stringify(step)], {
    env: {
      ...cleanEnv(),
      COTA_REDIS_URL: 'redis://127.0.0.1:1',
      COTA_STORE_ROOT: join(clusters.dir, 'store'),
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

it('ends with its parent, also while it waits for a Redis that is away', async () => {
  const child = waitingChild(600_000);
  const exited = once(child, 'exit');
  child.disconnect();
  const late = new Promise((resolve) => setTimeout(resolve, 40_000, 'still there').unref());
  const how = await Promise.race([exited, late]);
  child.kill('SIGKILL');
  expect(how).toEqual([75, null]);
}, 60_000);

it('gives up by itself while it waits for a Redis that is away, so that nobody takes the wait for a hanging step', async () => {
  expect(await once(waitingChild(2_000), 'exit')).toEqual([75, null]);
}, 60_000);

describe('one child at a time in each worker process', () => {
  /** Step 7 hangs until the file `release` is there, any other is done at once; each leaves its beginning in `log`. */
  const script = (log: string, release: string) => `
    import { appendFileSync, existsSync } from 'node:fs';
    const { job } = JSON.parse(process.argv.at(-1));
    appendFileSync(${JSON.stringify(log)}, job.runId + '\\n');
    process.send('begun');
    if (job.step !== 7) process.exit(0);
    setInterval(() => existsSync(${JSON.stringify(release)}) && process.exit(0), 50);`;

  async function workersOn(workers: readonly Cluster[], queues: readonly string[]) {
    const [log, release] = [join(clusters.dir, newRunId()), join(clusters.dir, newRunId())];
    const entry = join(clusters.dir, `${newRunId()}.mjs`);
    await writeFile(entry, script(log, release));
    await writeFile(log, '');
    const handle = () => Promise.reject(new Error('only the child works here'));
    for (const worker of workers) {
      await startStepWorkers(worker, { queues: queues.map((name) => ({ name, concurrency: 1 })), handle, entry });
    }
    return {
      begun: async (job: StepJob) => (await readFile(log, 'utf8')).includes(job.runId),
      release: () => writeFile(release, ''),
    };
  }
  async function put(queue: string, step: number): Promise<StepJob> {
    const job = { runId: newRunId(), step, epoch: 0 };
    await cluster.queues.enqueue({ queue: quarantineOf(queue), priority: 0 }, job);
    return job;
  }

  it('a step that hangs in one process holds up none that another can take', async () => {
    const workers = [await clusters.open('a'), await clusters.open('b')];
    const queue = toolQueue('first');
    // As an earlier version left it in Redis.
    await cluster.queues.get(quarantineOf(queue)).setGlobalConcurrency(1);
    const { begun, release } = await workersOn(workers, [queue]);
    const hanging = await put(queue, 7);
    await expect.poll(() => begun(hanging), { timeout: 15_000 }).toBe(true);
    for (const job of [await put(queue, 0), await put(queue, 1)]) {
      await expect.poll(() => begun(job), { timeout: 15_000 }).toBe(true);
    }
    expect(await cluster.queues.holds(quarantineOf(queue), hanging)).toBe(true);
    await release();
    for (const worker of workers) await worker.lifecycle.stop('test');
  }, 60_000);

  it('a process has one for all its queues', async () => {
    const worker = await clusters.open('c');
    const [one, two] = [toolQueue('one'), toolQueue('two')];
    const { begun, release } = await workersOn([worker], [one, two]);
    const hanging = await put(one, 7);
    await expect.poll(() => begun(hanging), { timeout: 15_000 }).toBe(true);
    const other = await put(two, 0);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(await begun(other)).toBe(false);
    await release();
    await expect.poll(() => begun(other), { timeout: 15_000 }).toBe(true);
    await worker.lifecycle.stop('test');
  }, 60_000);
});

it('finds its model also by the queue of a worker that held the prefix, or of a version', () => {
  const ids = ['big', 'cota-nano'];
  expect(modelOf(modelQueue('cota-nano'), ids)).toBe('cota-nano');
  expect(modelOf(holderQueue('cota-nano', 'host-1'), ids)).toBe('cota-nano');
  expect(modelOf(versionQueue(modelQueue('cota-nano'), 'nano-1-0'), ids)).toBe('cota-nano');
  expect(modelOf(modelQueue('other'), ids)).toBeUndefined();
});
