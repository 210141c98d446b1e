/**
 * A whole cluster for tests: a real Redis server, a real store and real processes, so that they can really be killed.
 * Timings are short; `npm run chaos` runs the same with the production values.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cluster, openCluster } from '../shared/cluster.ts';
import type { Run, RunConfig } from '../shared/contract.ts';
import { type Env, readEnv } from '../shared/env.ts';
import { newRunId, paths } from '../shared/keys.ts';
import type { Trace } from '../shared/run/trace.ts';
import { cleanEnv } from './child-env.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

const ROOT = new URL('..', import.meta.url).pathname;

/** Stall and sweep times for tests: a dead worker's step is taken up again within about two seconds. */
export const QUICK: Readonly<Record<string, string>> = {
  COTA_LOCK_MS: '1500',
  COTA_STALLED_CHECK_MS: '500',
  COTA_DUE_MS: '2000',
  COTA_SWEEP_MS: '300',
  COTA_HEARTBEAT_MS: '500',
  COTA_GRACE_MS: '3000',
  COTA_RETRY_MS: '100',
  COTA_LOG_LEVEL: 'warn',
  // The networks of the vision pool take a second to load, and these tests look at the steps, not at pictures.
  COTA_POOLS: 'cpu',
};

/** The timings of production, for chaos and benches: locks and looks cost then what they cost there. */
export const PRODUCTION: Readonly<Record<string, string>> = {
  COTA_LOCK_MS: '30000',
  COTA_STALLED_CHECK_MS: '30000',
  COTA_DUE_MS: '60000',
  COTA_SWEEP_MS: '2000',
  COTA_HEARTBEAT_MS: '2000',
  COTA_GRACE_MS: '20000',
  COTA_RETRY_MS: '1000',
};

export interface Proc {
  readonly name: string;
  readonly pid: number;
  readonly child: ChildProcess;
  kill(signal: NodeJS.Signals): void;
  /** Resolves with the exit code, or the signal's name. */
  readonly exited: Promise<number | string>;
}

export interface TestCluster {
  readonly dir: string;
  readonly redis: RedisServer;
  /** Starts Redis again on its port and its data, killed first if it still runs. */
  restartRedis(): Promise<void>;
  readonly env: Env;
  readonly shared: Cluster;
  readonly procs: Proc[];
  start(entry: string, env?: Readonly<Record<string, string>>): Proc;
  /** Creates and admits a run, as the API does. */
  submit(change: Partial<RunConfig>, options?: { readonly tenant?: string }): Promise<string>;
  closed(runId: string, withinMs?: number): Promise<Run>;
  until<T>(what: string, look: () => Promise<T | undefined | false>, withinMs?: number): Promise<T>;
  trace(runId: string): Promise<Trace>;
  stop(): Promise<void>;
}

export interface TestClusterOptions {
  /** models.yaml as text. */
  readonly models: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly appendonly?: boolean;
}

export async function startTestCluster(options: TestClusterOptions): Promise<TestCluster> {
  const dir = await mkdtemp(join(tmpdir(), 'cota-test-'));
  const durable = { dir: join(dir, 'redis'), appendonly: options.appendonly ?? true };
  let redis = await startRedis(durable);
  const modelsPath = join(dir, 'models.yaml');
  await writeFile(modelsPath, options.models);
  const settings: Record<string, string> = {
    ...QUICK,
    COTA_REDIS_URL: redis.url,
    COTA_STORE: 'fs',
    COTA_STORE_ROOT: join(dir, 'store'),
    COTA_MODELS: modelsPath,
    COTA_API_KEY: 'test-key-0123456789abcdef',
    COTA_MAX_IN_FLIGHT: '500',
    ...options.env,
  };
  const env = readEnv({ ...settings, COTA_LOG_LEVEL: 'silent' });
  const shared = await openCluster('test', env);
  const procs: Proc[] = [];
  let number = 0;

  const start = (entry: string, more: Readonly<Record<string, string>> = {}): Proc => {
    number += 1;
    const name = `${entry.replace(/[^a-z]+/g, '-')}-${number}`;
    const log = openSync(join(dir, `${name}.log`), 'a');
    const child = spawn(process.execPath, [join(ROOT, entry)], {
      env: { ...cleanEnv(), ...settings, COTA_WORKER_ID: name, ...more },
      stdio: ['ignore', log, log],
    });
    if (child.pid === undefined) throw new Error(`cannot start ${entry}`);
    const exited = new Promise<number | string>((resolve) =>
      child.on('exit', (code, signal) => resolve(code ?? signal ?? 0)),
    );
    const proc: Proc = { name, pid: child.pid, child, exited, kill: (signal) => void child.kill(signal) };
    procs.push(proc);
    return proc;
  };

  const until: TestCluster['until'] = async (what, look, withinMs = 45_000) => {
    const end = Date.now() + withinMs;
    for (;;) {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      if (Date.now() > end) throw new Error(`${what}: not within ${withinMs} ms (logs in ${dir})`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  };

  return {
    dir,
    get redis() {
      return redis;
    },
    async restartRedis() {
      await redis.kill();
      redis = await startRedis({ ...durable, port: redis.port });
    },
    env,
    shared,
    procs,
    start,
    until,
    async submit(change, { tenant = 'default' } = {}) {
      const id = newRunId();
      const config = testConfig(change);
      await shared.runs.create({ id, tenant, config });
      await shared.admission.enter({ id, tenant, config });
      return id;
    },
    async closed(runId, withinMs) {
      return until(
        `run ${runId} closed`,
        async () => {
          const run = await shared.runs.read(runId);
          return run?.status === 'closed' ? run : undefined;
        },
        withinMs,
      );
    },
    async trace(runId) {
      const { bytes } = await shared.objects.get(paths.trace('default', runId));
      return JSON.parse(bytes.toString()) as Trace;
    },
    async stop() {
      for (const proc of procs) {
        proc.kill('SIGCONT');
        proc.kill('SIGKILL');
      }
      await Promise.all(procs.map((proc) => proc.exited));
      await shared.lifecycle.stop('test is over');
      await redis.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** A run of the model `replayed` that may use Calculate. */
export function testConfig(change: Partial<RunConfig>): RunConfig {
  return {
    model: 'replayed',
    modelVersion: 'test',
    dialect: 'taco',
    prompt: 'short',
    promptVersion: 'test',
    question: 'What is 1 + 1?',
    sources: [],
    tools: [
      {
        name: 'Calculate',
        version: '1',
        description: 'Computes.',
        parameters: {},
        returns: 'result',
        example: { expression: '1+1' },
        pool: 'cpu',
      },
    ],
    budgets: { replies: 10, turnTokens: 500 },
    temperature: 0,
    priority: 'interactive',
    metadata: {},
    echo: {},
    ...change,
  };
}

/** models.yaml with one model that gives these turns to every run: `Calculate` turns, then the answer. */
export function replayModels(
  options: { readonly turns?: number; readonly delayMs?: number; readonly concurrency?: number } = {},
): string {
  const { turns = 3, delayMs = 0, concurrency = 16 } = options;
  const texts = Array.from({ length: turns }, (_, index) =>
    index + 1 < turns
      ? { thought: `Step ${index}.`, actions: [{ name: 'Calculate', arguments: { expression: `${index} + 1` } }] }
      : { thought: 'Done.', actions: [{ name: 'Terminate', arguments: { answer: '2' } }] },
  );
  return JSON.stringify({
    default: 'replayed',
    models: {
      replayed: {
        backend: 'replay',
        dialect: 'taco',
        prompt: 'short',
        concurrency,
        turns: texts.map((text) => ({ text: JSON.stringify(text), delay_ms: delayMs })),
      },
    },
  });
}
