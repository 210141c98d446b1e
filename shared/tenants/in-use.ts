/** What batches that are not over still work with: it is never too old. */
import { z } from 'zod';
import { openBatchStore } from '../batch/batch-store.ts';
import { type DocumentsParts, openDocuments } from '../documents.ts';
import { keys } from '../keys.ts';

/**
 * The little that retention must know of a batch. Whatever else a document has or lacks, it stops nobody's upkeep.
 */
export const batchFacts = z.object({
  id: z.string().catch(''),
  status: z.string().catch(''),
  inputFileId: z.string().catch(''),
  errorFileId: z.string().nullable().catch(null),
  retryOf: z.string().nullable().catch(null),
  /** Unix seconds. */
  createdAt: z.int().catch(0),
});
export type BatchFacts = z.infer<typeof batchFacts>;

/** As little of a data job: the files that it reads are the names of its inputs. */
const dataJobFacts = z.object({ id: z.string().catch(''), inputs: z.record(z.string(), z.string()).catch({}) });
const source = z
  .object({ id: z.string().catch('') })
  .optional()
  .catch(undefined);
const trainJobFacts = z.object({ id: z.string().catch(''), training: source, validation: source });

const OVER = new Set(['completed', 'failed', 'expired', 'cancelled']);
export const isOver = ({ status }: BatchFacts): boolean => OVER.has(status);

interface Needs {
  readonly files: ReadonlySet<string>;
  readonly batches: ReadonlySet<string>;
  /** Epoch milliseconds that stand in the ids of their lines' runs. */
  readonly runTimes: ReadonlySet<number>;
}

export interface InUse {
  hasFile(id: string): Promise<boolean>;
  hasBatch(id: string): Promise<boolean>;
  /** @param time in the run's id: lines' runs have that of their batch, to the second */
  hasRunOf(time: number): Promise<boolean>;
}

/** A batch may be made of an old file while its tenant's things are gone through. */
const FRESH_MS = 5_000;
/** Longer than any completion window, with what a batch takes to end after it. */
const LONGEST_MS = 16 * 86_400_000;
const PAGE = 100;

/** @param now epoch milliseconds */
export function openInUse(parts: DocumentsParts, tenant: string, now: number): InUse {
  const { redis } = parts;
  const batches = openBatchStore(parts);
  const documents = openDocuments(parts, 'batches', batchFacts);
  const dataJobs = openDocuments(parts, 'data_jobs', dataJobFacts);
  const trainJobs = openDocuments(parts, 'fine_tuning_jobs', trainJobFacts);
  let needs: Needs | undefined;
  let readAt = 0;
  let lost: readonly BatchFacts[] | undefined;

  /** Those that Redis knows to be alive. */
  async function living(): Promise<BatchFacts[]> {
    const found: BatchFacts[] = [];
    for (const { tenant: owner, id } of await batches.active()) {
      if (owner !== tenant) continue;
      const state = await redis.hget(keys.batch(id), 'state');
      const facts = state ? batchFacts.parse(JSON.parse(state)) : await documents.get(tenant, id);
      if (facts && !isOver(facts)) found.push(facts);
    }
    return found;
  }

  /** Those that only their documents know of: Redis has lost them, and they go on when somebody asks for them. */
  async function documented(): Promise<BatchFacts[]> {
    const found: BatchFacts[] = [];
    for (let after: string | undefined; ; ) {
      const page = await documents.list(tenant, { limit: PAGE, after, order: 'desc' });
      const young = page.data.filter(({ createdAt }) => createdAt * 1000 >= now - LONGEST_MS);
      for (const one of young) {
        if (!isOver(one) && !(await redis.exists(keys.batch(one.id)))) found.push(one);
      }
      after = page.data.at(-1)?.id;
      if (!page.hasMore || young.length === 0 || !after) return found;
    }
  }

  async function read(): Promise<Needs> {
    if (needs && performance.now() - readAt < FRESH_MS) return needs;
    readAt = performance.now();
    lost ??= await documented();
    const all = [...(await living()), ...lost];
    const files = new Set(all.map(({ inputFileId }) => inputFileId));
    const used = new Set<string>();
    for (const { retryOf, status } of all) {
      // Its input is made of the earlier batch's errors, and of its input.
      const earlier = retryOf !== null && status === 'validating' ? await documents.get(tenant, retryOf) : undefined;
      if (!earlier) continue;
      used.add(earlier.id);
      files.add(earlier.inputFileId);
      if (earlier.errorFileId !== null) files.add(earlier.errorFileId);
    }
    needs = { files, batches: used, runTimes: new Set(all.map(({ createdAt }) => createdAt * 1000)) };
    return needs;
  }

  let data: { readonly at: number; readonly files: ReadonlySet<string> } | undefined;
  /** What data jobs and fine-tuning jobs that are not over read. */
  async function dataFiles(): Promise<ReadonlySet<string>> {
    if (data && performance.now() - data.at < FRESH_MS) return data.files;
    const files = new Set<string>();
    for (const member of await redis.zrange(keys.openDataJobs, '0', '-1')) {
      const [owner = '', id = ''] = member.split(' ');
      const job = owner === tenant ? await dataJobs.get(tenant, id) : undefined;
      for (const input of Object.keys(job?.inputs ?? {})) files.add(input);
    }
    for (const member of await redis.zrange(keys.openTrainJobs, '0', '-1')) {
      const [owner = '', id = ''] = member.split(' ');
      const job = owner === tenant ? await trainJobs.get(tenant, id) : undefined;
      for (const one of [job?.training, job?.validation]) if (one) files.add(one.id);
    }
    data = { at: performance.now(), files };
    return files;
  }

  return {
    hasFile: async (id) => (await read()).files.has(id) || (await dataFiles()).has(id),
    hasBatch: async (id) => (await read()).batches.has(id),
    hasRunOf: async (time) => (await read()).runTimes.has(time),
  };
}
