/** /livez fails where a restart would help, and only there. */
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, connect as dial, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'bullmq';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { livez } from '../../services/api/handlers/health.ts';
import type { ApiParts, ApiRequest } from '../../services/api/http.ts';
import { type Cluster, openCluster } from '../../shared/cluster.ts';
import type { StepJob } from '../../shared/contract.ts';
import { readEnv } from '../../shared/env.ts';
import { serveHealth } from '../../shared/health.ts';
import { newRunId } from '../../shared/keys.ts';
import { openLiveness } from '../../shared/liveness.ts';
import { prefixOf, toolQueue } from '../../shared/queues.ts';
import { QUICK } from '../harness.ts';
import { freePort, type RedisServer, startRedis } from '../redis-server.ts';

const QUEUE = toolQueue('cpu');
const LOOKS = 3;
const IMPATIENT = { looks: LOOKS, answerMs: 500 };

let dir: string;
let server: RedisServer;
let opened: Cluster[] = [];
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cota-liveness-'));
  server = await startRedis({ dir: join(dir, 'redis'), appendonly: false });
});
afterEach(async () => {
  for (const cluster of opened) await cluster.lifecycle.stop('test is over');
  opened = [];
});
afterAll(async () => {
  await server.stop();
  await rm(dir, { recursive: true, force: true });
});

async function open(url = server.url, more: Readonly<Record<string, string>> = {}): Promise<Cluster> {
  const settings = { COTA_REDIS_URL: url, COTA_STORE_ROOT: join(dir, 'store'), COTA_LOG_LEVEL: 'silent' };
  const cluster = await openCluster('test', readEnv({ ...QUICK, ...settings, ...more }));
  opened.push(cluster);
  return cluster;
}

const put = (cluster: Cluster) =>
  cluster.queues.enqueue({ queue: QUEUE, priority: 0 }, { runId: newRunId(), step: 0, epoch: 0 });

/** A BullMQ worker that is watched. `deaf`: it was opened, but does not take anything. */
function work(cluster: Cluster, liveness: Cluster['liveness'], process: () => Promise<void>, deaf = false) {
  const worker = new Worker<StepJob, void>(QUEUE, liveness.counted(QUEUE, process), {
    connection: cluster.redis as never,
    prefix: prefixOf(QUEUE),
    autorun: !deaf,
  });
  worker.on('error', () => undefined);
  liveness.watch(QUEUE, worker);
  cluster.lifecycle.onStop('worker', () => worker.close(true));
  return worker;
}

async function look(liveness: Cluster['liveness'], times = LOOKS): Promise<string | undefined> {
  for (let i = 0; i < times; i++) await liveness.look();
  return liveness.trouble();
}

it('says nothing while Redis is away: every process would be restarted for nothing', async () => {
  const cluster = await open();
  const liveness = openLiveness(cluster, IMPATIENT);
  server.signal('SIGSTOP');
  try {
    expect(await look(liveness, LOOKS * 2)).toBeUndefined();
  } finally {
    server.signal('SIGCONT');
  }
  expect(await look(liveness)).toBeUndefined();
}, 30_000);

it('fails when Redis answers everybody but this process, and is well again when that is over', async () => {
  const proxy = await startProxy(server.port);
  const cluster = await open(`redis://127.0.0.1:${proxy.port}`);
  const liveness = openLiveness(cluster, IMPATIENT);
  expect(await look(liveness)).toBeUndefined();
  proxy.freeze();
  expect(await look(liveness, LOOKS - 1), 'not at once').toBeUndefined();
  expect(await look(liveness, 1)).toMatch(/Redis answers, but not on the connection of this process/);
  proxy.drop();
  await expect.poll(() => cluster.redis.status, { timeout: 10_000 }).toBe('ready');
  expect(await look(liveness, 1)).toBeUndefined();
  await cluster.lifecycle.stop('test is over');
  await proxy.stop();
}, 30_000);

it('fails when steps wait in a queue and this process, with nothing to do, takes none', async () => {
  const cluster = await open();
  const liveness = openLiveness(cluster, IMPATIENT);
  const worker = work(cluster, liveness, async () => undefined, true);
  expect(await look(liveness), 'nothing waits').toBeUndefined();
  await put(cluster);
  expect(await look(liveness, LOOKS - 1), 'not at once').toBeUndefined();
  expect(await look(liveness, 1)).toBe('steps wait in tools.cpu, and this process takes none');
  await worker.pause(true);
  expect(await look(liveness, 1), 'its engine is away').toBeUndefined();
  await cluster.queues.get(QUEUE).drain(true);
});

it('leaves a process alone that is busy, however long its steps take and however many wait', async () => {
  const cluster = await open();
  const liveness = openLiveness(cluster, IMPATIENT);
  let end = (): void => undefined;
  const first = new Promise<void>((resolve) => {
    end = resolve;
  });
  let taken = 0;
  work(cluster, liveness, () => {
    taken += 1;
    return first;
  });
  await put(cluster);
  await put(cluster);
  await expect.poll(() => taken, { timeout: 10_000 }).toBe(1);
  expect(await look(liveness, LOOKS * 2)).toBeUndefined();
  end();
  await expect.poll(() => taken, { timeout: 10_000 }).toBe(2);
});

it('leaves a processor as BullMQ sees it: only one that declares a third parameter is told of a lost lock', async () => {
  const { liveness } = await open();
  const process = async (_job: unknown, _token: unknown, _signal?: AbortSignal) => undefined;
  expect(liveness.counted(QUEUE, process).length).toBe(3);
  expect(liveness.counted(QUEUE, async () => undefined).length).toBe(0);
});

it('is what workers and the API answer on /livez', async () => {
  const port = await freePort();
  const cluster = await open(server.url, { COTA_HEALTH_PORT: String(port) });
  let trouble: string | undefined;
  const liveness = { ...cluster.liveness, trouble: () => trouble };
  await serveHealth({ ...cluster, liveness });
  const worker = async () => {
    const reply = await fetch(`http://127.0.0.1:${port}/livez`);
    return `${reply.status} ${await reply.text()}`;
  };
  const api = () => livez({} as ApiRequest, { liveness } as ApiParts);
  expect(await worker()).toBe('200 ok');
  expect(await api()).toMatchObject({ body: 'ok' });
  trouble = 'deaf';
  expect(await worker()).toBe('503 deaf');
  expect(await api()).toMatchObject({ status: 503, body: 'deaf' });
});

interface Proxy {
  readonly port: number;
  /** Connections that are there stay open and carry nothing more; new ones work. */
  freeze(): void;
  /** The frozen ones break at last. */
  drop(): void;
  stop(): Promise<void>;
}

async function startProxy(target: number): Promise<Proxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const proxy: Server = createServer((client) => {
    const upstream = dial(target, '127.0.0.1');
    const pair = [client, upstream] as const;
    pairs.add(pair);
    client.pipe(upstream);
    upstream.pipe(client);
    for (const socket of pair) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        for (const one of pair) one.destroy();
        pairs.delete(pair);
      });
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  let frozen: (readonly [Socket, Socket])[] = [];
  return {
    port: (proxy.address() as AddressInfo).port,
    freeze() {
      frozen = [...pairs];
      for (const [client, upstream] of frozen) {
        client.unpipe(upstream);
        upstream.unpipe(client);
        client.pause();
        upstream.pause();
      }
    },
    drop() {
      for (const [client] of frozen) client.destroy();
    },
    async stop() {
      for (const [client] of pairs) client.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
