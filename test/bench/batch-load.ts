/** A cluster with its API, a file of lines on the disk, and a batch of it over HTTP: what the batch benches share. */
import { createWriteStream, openAsBlob, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { BatchObject } from '../../shared/batch/batch-object.ts';
import type { ResultLine } from '../../shared/batch/result-line.ts';
import { readLines } from '../../shared/files/jsonl.ts';
import { redisInfo } from '../../shared/redis.ts';
import { PRODUCTION, type Proc, startTestCluster, type TestCluster } from '../harness.ts';
import { freePort } from '../redis-server.ts';

export const KEY = 'bench-key-0123456789abcdef';

export interface LoadCluster {
  readonly cluster: TestCluster;
  readonly base: string;
  /** Kind -> its processes; a bench that kills one puts its successor in its place. */
  readonly procs: { kind: Kind; proc: Proc }[];
  start(kind: Kind): Proc;
  /** Asks until the API answers: 503s and a dead process are waited for. */
  ask<T>(path: string, init?: RequestInit): Promise<T>;
}

const ENTRIES = {
  scheduler: 'services/scheduler/main.ts',
  api: 'services/api/main.ts',
  model: 'workers/model/main.ts',
  tools: 'workers/tools/main.ts',
  witness: 'test/promises/workers/witness-tools.ts',
} as const;
export type Kind = keyof typeof ENTRIES;

export async function startLoadCluster(
  models: string,
  kinds: readonly Kind[],
  env: Readonly<Record<string, string>> = {},
): Promise<LoadCluster> {
  const port = await freePort();
  const cluster = await startTestCluster({
    models,
    env: {
      ...PRODUCTION,
      COTA_MAX_IN_FLIGHT: '0',
      COTA_CONCURRENCY: '64',
      COTA_BATCH_LINES: '2000000',
      COTA_FILE_BYTES: String(4 * 2 ** 30),
      COTA_QUOTA_STORED_BYTES: '0',
      COTA_PORT: String(port),
      COTA_API_KEY: KEY,
      ...env,
    },
  });
  const start = (kind: Kind): Proc => cluster.start(ENTRIES[kind]);
  const procs = kinds.map((kind) => ({ kind, proc: start(kind) }));
  const base = `http://127.0.0.1:${port}`;
  const ask: LoadCluster['ask'] = async (path, init = {}) => {
    for (;;) {
      try {
        const headers = { authorization: `Bearer ${KEY}`, ...(init.headers as Record<string, string>) };
        const response = await fetch(base + path, { ...init, headers });
        const body = (await response.json()) as never;
        if (response.ok) return body;
        if (response.status < 500 && response.status !== 429) throw new Refused(JSON.stringify(body));
      } catch (error) {
        if (error instanceof Refused) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  };
  await cluster.until('the API', async () => (await fetch(`${base}/readyz`).catch(() => undefined))?.ok, 60_000);
  const served = async () => {
    const { data } = await ask<{ data: { served: boolean }[] }>('/v1/tools');
    return data.length > 0 && data.every((tool) => tool.served);
  };
  await cluster.until('its tools', served, 60_000);
  return { cluster, base, procs, start, ask };
}

class Refused extends Error {}

/** Uploads lines as a file, streamed from the disk, and makes a batch of it. */
export async function submitBatch(load: LoadCluster, lines: Iterable<object>, headers = {}): Promise<BatchObject> {
  const path = join(load.cluster.dir, 'lines.jsonl');
  const text = function* () {
    for (const line of lines) yield `${JSON.stringify(line)}\n`;
  };
  await pipeline(Readable.from(text()), createWriteStream(path));
  const form = new FormData();
  form.append('purpose', 'batch');
  form.append('file', await openAsBlob(path), 'lines.jsonl');
  const file = await load.ask<{ id: string }>('/v1/files', { method: 'POST', body: form, headers });
  return load.ask<BatchObject>('/v1/batches', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': file.id, ...headers },
    body: JSON.stringify({ input_file_id: file.id, endpoint: '/v1/responses', completion_window: '24h' }),
  });
}

export interface Sample {
  readonly seconds: number;
  readonly done: number;
  readonly redisMb: number;
  /** Kind -> resident MB of its largest process. */
  readonly rssMb: Readonly<Record<string, number>>;
}

export async function sample(load: LoadCluster, started: number, done: number): Promise<Sample> {
  const memory = await redisInfo(load.cluster.shared.redis, 'memory');
  const rssMb: Record<string, number> = {};
  for (const { kind, proc } of load.procs) rssMb[kind] = Math.max(rssMb[kind] ?? 0, residentMb(proc.pid));
  return {
    seconds: (performance.now() - started) / 1000,
    done,
    redisMb: Number(memory.get('used_memory')) / 1024 / 1024,
    rssMb,
  };
}

function residentMb(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    // Just killed.
    return 0;
  }
}

/** Lines of a file of results. */
export async function* resultLines(load: LoadCluster, fileId: string | null): AsyncGenerator<ResultLine> {
  if (fileId === null) return;
  const headers = { authorization: `Bearer ${KEY}` };
  const response = await fetch(`${load.base}/v1/files/${fileId}/content`, { headers });
  if (!response.ok || !response.body) throw new Error(`cannot read ${fileId}: ${response.status}`);
  for await (const { text } of readLines(response.body, { maxLineBytes: 2 ** 26 })) {
    yield JSON.parse(text ?? '') as ResultLine;
  }
}
