/** A real Redis server for one test: its own port, its own folder, and a pid that may be killed for real. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Where the append-only file lies: start again with the same `port` and `dir` to get the same data back. */
  readonly dir: string;
  signal(name: NodeJS.Signals): void;
  /** SIGKILL; resolves when the process has ended. The folder stays. */
  kill(): Promise<void>;
  /** SIGTERM; a folder that `startRedis` made is removed. */
  stop(): Promise<void>;
}

export interface RedisServerOptions {
  readonly port?: number;
  readonly appendonly?: boolean;
  readonly dir?: string;
  /** Bytes, or with a unit (`64mb`); no limit by default. */
  readonly maxmemory?: string;
  readonly policy?: string;
}

const READY_WITHIN_MS = 10_000;

export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'cota-redis-')));
  await mkdir(dir, { recursive: true });
  const port = options.port ?? (await freePort());
  const settings: Record<string, string> = {
    port: String(port),
    bind: '127.0.0.1',
    dir,
    save: '',
    appendonly: options.appendonly ? 'yes' : 'no',
    appendfsync: 'everysec',
    'maxmemory-policy': options.policy ?? 'noeviction',
    ...(options.maxmemory ? { maxmemory: options.maxmemory } : {}),
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn('redis-server', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', () => reject(new Error('tests need redis-server on the PATH: apt-get install redis-server')));
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await waitUntilReady(port, child);
  const end = async (name: NodeJS.Signals): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(name);
    await exited;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    pid: child.pid ?? 0,
    dir,
    signal: (name) => void child.kill(name),
    kill: () => end('SIGKILL'),
    async stop() {
      child.kill('SIGCONT');
      await end('SIGTERM');
      if (options.dir === undefined) await rm(dir, { recursive: true, force: true });
    },
  };
}

/** A port that is free now; another process may take it, which a test would notice at once. */
export async function freePort(): Promise<number> {
  for (;;) {
    // Below the ports that the kernel gives to connections: a server that is restarted must find its port free.
    const port = randomInt(10_000, 32_000);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

async function waitUntilReady(port: number, child: ChildProcess): Promise<void> {
  const redis = new Redis(port, '127.0.0.1', { lazyConnect: true, retryStrategy: null, maxRetriesPerRequest: 0 });
  redis.on('error', () => undefined);
  const end = Date.now() + READY_WITHIN_MS;
  try {
    for (;;) {
      if (child.exitCode !== null) throw new Error(`redis-server ended at once with code ${child.exitCode}`);
      const answer = await redis
        .connect()
        .then(() => redis.ping())
        .catch(() => undefined);
      if (answer === 'PONG') return;
      if (Date.now() > end) throw new Error(`redis-server did not answer on port ${port} in ${READY_WITHIN_MS} ms`);
      redis.disconnect();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  } finally {
    redis.disconnect();
  }
}
