/** The quarantine child: only a death of its own condemns a run, and it does not outlive its parent. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Cluster, openCluster } from '../../shared/cluster.ts';
import type { StepJob } from '../../shared/contract.ts';
import { readEnv } from '../../shared/env.ts';
import { newRunId } from '../../shared/keys.ts';
import { runInQuarantine } from '../../shared/quarantine.ts';
import { holderQueue, modelOf, modelQueue } from '../../shared/queues.ts';
import { QUICK, testConfig } from '../harness.ts';
import { type RedisServer, startRedis } from '../redis-server.ts';

let dir: string;
let server: RedisServer;
let cluster: Cluster;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cota-quarantine-'));
  server = await startRedis({ dir: join(dir, 'redis'), appendonly: false });
  const env = readEnv({
    ...QUICK,
    COTA_REDIS_URL: server.url,
    COTA_STORE_ROOT: join(dir, 'store'),
    COTA_LOG_LEVEL: 'silent',
  });
  cluster = await openCluster('test', env);
});
afterAll(async () => {
  await cluster.lifecycle.stop('test is over');
  await server.stop();
  await rm(dir, { recursive: true, force: true });
});

async function quarantined(script: string, signal?: AbortSignal) {
  const entry = join(dir, `${newRunId()}.mjs`);
  await writeFile(entry, script);
  const job: StepJob = { runId: newRunId(), step: 0, epoch: 0 };
  await cluster.runs.create({ id: job.runId, tenant: 'default', config: testConfig({}) });
  await cluster.runs.start(job.runId);
  const how = await runInQuarantine(cluster, job, modelQueue('replayed'), entry, signal);
  return { how, outcome: (await cluster.runs.read(job.runId))?.outcome };
}

it('fails the run of a step that ends its child', async () => {
  const { how, outcome } = await quarantined("process.kill(process.pid, 'SIGKILL')");
  expect(how).toBe('done');
  expect(outcome).toMatchObject({ status: 'failed', error: { code: 'poison' } });
  expect((await quarantined('process.exit(134)')).outcome).toMatchObject({ error: { code: 'poison' } });
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

it('ends with its parent, also while it waits for a Redis that is away', async () => {
  const entry = new URL('../../workers/tools/main.ts', import.meta.url).pathname;
  const step = { job: { runId: newRunId(), step: 0, epoch: 0 }, queue: 'tools.cpu' };
  const child = fork(entry, ['--one-step', JSON.stringify(step)], {
    env: { PATH: process.env.PATH, COTA_REDIS_URL: 'redis://127.0.0.1:1', COTA_STORE_ROOT: join(dir, 'store') },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  child.disconnect();
  const late = new Promise((resolve) => setTimeout(resolve, 40_000, 'still there').unref());
  const how = await Promise.race([exited, late]);
  child.kill('SIGKILL');
  expect(how).toEqual([75, null]);
}, 60_000);

it('finds its model also by the queue of a worker that held the prefix', () => {
  const ids = ['big', 'cota-nano'];
  expect(modelOf(modelQueue('cota-nano'), ids)).toBe('cota-nano');
  expect(modelOf(holderQueue('cota-nano', 'host-1'), ids)).toBe('cota-nano');
  expect(modelOf(modelQueue('other'), ids)).toBeUndefined();
});
