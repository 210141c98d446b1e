/** Batches for tests and benches: files of requests, and what came of them. */
import { Readable } from 'node:stream';
import { type BatchStore, openBatchStore } from '../shared/batch/batch-store.ts';
import { type BatchState, isOver } from '../shared/batch/contract.ts';
import { newBatch } from '../shared/batch/create-batch.ts';
import type { ResultLine } from '../shared/batch/result-line.ts';
import { type Files, openFiles } from '../shared/files/files.ts';
import { readLines } from '../shared/files/jsonl.ts';
import { type Proc, startTestCluster, type TestCluster, type TestClusterOptions } from './harness.ts';

export interface BatchBench {
  readonly files: Files;
  readonly batches: BatchStore;
  /** Uploads the lines and makes a batch of them, as the API does. */
  create(lines: Iterable<object> | AsyncIterable<object>, options?: BatchOptions): Promise<BatchState>;
  over(batch: BatchState, withinMs: number, look?: (batch: BatchState) => void): Promise<BatchState>;
  results(batch: BatchState, kind: 'output' | 'errors'): AsyncGenerator<ResultLine>;
}

/** A cluster with a scheduler, a model worker and a tool worker, ready to take lines for `replayed`. */
export async function startBatchCluster(
  options: TestClusterOptions,
): Promise<{ readonly cluster: TestCluster; readonly bench: BatchBench; readonly scheduler: Proc }> {
  const cluster = await startTestCluster(options);
  const scheduler = cluster.start('services/scheduler/main.ts');
  for (const entry of ['workers/model/main.ts', 'workers/tools/main.ts']) cluster.start(entry);
  const { fleet } = cluster.shared;
  await cluster.until('workers', async () => {
    await fleet.refresh();
    return fleet.tools().length > 0 && fleet.concurrencyOf('replayed') > 0;
  });
  return { cluster, bench: openBatchBench(cluster), scheduler };
}

export interface BatchOptions {
  readonly tenant?: string;
  readonly endpoint?: BatchState['endpoint'];
  readonly completionWindow?: string;
  readonly dedupe?: boolean;
  /** From now; a completion window is at least a minute. */
  readonly expiresInS?: number;
}

export function openBatchBench({ shared, until }: TestCluster): BatchBench {
  const files = openFiles(shared);
  const batches = openBatchStore(shared);
  return {
    files,
    batches,
    async create(lines, options = {}) {
      const { tenant = 'default', endpoint = '/v1/responses', completionWindow = '24h', dedupe, expiresInS } = options;
      const about = { filename: 'lines.jsonl', purpose: 'batch', contentType: 'application/jsonl' } as const;
      const file = await files.create(tenant, about, Readable.from(asText(lines)), { maxBytes: 2 ** 40 });
      const request = {
        input_file_id: file.id,
        endpoint,
        completion_window: completionWindow,
        ...(dedupe ? { cota: { dedupe } } : {}),
      };
      const now = Math.floor(Date.now() / 1000);
      const made = newBatch(tenant, request, file, now);
      const batch = expiresInS === undefined ? made : { ...made, expiresAt: now + expiresInS };
      await batches.create(batch);
      return batch;
    },
    over: ({ tenant, id }, withinMs, look) =>
      until(
        `batch ${id} is over`,
        async () => {
          const batch = await batches.find(tenant, id);
          if (!batch) return undefined;
          look?.(batch);
          return isOver(batch.status) ? batch : undefined;
        },
        withinMs,
      ),
    async *results(batch, kind) {
      const id = kind === 'output' ? batch.outputFileId : batch.errorFileId;
      const file = id === null ? undefined : await files.get(batch.tenant, id);
      if (!file) return;
      for await (const { text } of readLines(await files.stream(file), { maxLineBytes: 2 ** 28 })) {
        yield JSON.parse(text ?? '') as ResultLine;
      }
    },
  };
}

async function* asText(lines: Iterable<object> | AsyncIterable<object>): AsyncGenerator<Buffer> {
  let part: string[] = [];
  for await (const line of lines) {
    part.push(JSON.stringify(line));
    if (part.length < 500) continue;
    yield Buffer.from(`${part.join('\n')}\n`);
    part = [];
  }
  if (part.length > 0) yield Buffer.from(`${part.join('\n')}\n`);
}

/** A request to answer a question. */
export const requestLine = (customId: string, body: object, url = '/v1/responses'): object => ({
  custom_id: customId,
  method: 'POST',
  url,
  body,
});
