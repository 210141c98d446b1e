/**
 * Data jobs: a document in the store for ever, and a state in Redis while they live. The record is the truth, queues only
 * carry hints. A job whose state Redis has lost begins anew when somebody asks for it: shards that lie whole in the store
 * are not made a second time.
 */
import type { Redis } from 'ioredis';
import { openBatchStore } from '../batch/batch-store.ts';
import { type Documents, openDocuments } from '../documents.ts';
import { keys, paths } from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
import { emit, eventIdOf } from '../webhooks/emit.ts';
import { type DataJob, dataJob, isDataJobOver } from './job.ts';
import { openDataQueue } from './job-queue.ts';
import { type DataJobState, type LiveDataJob, openDataJobState } from './job-state.ts';

export interface DataJobStore {
  readonly state: DataJobState;
  /** Makes the job known to scheduler and workers. May be repeated. */
  create(job: DataJob): Promise<void>;
  /** @returns undefined where the tenant has none of this id */
  find(tenant: string, id: string): Promise<DataJob | undefined>;
  /** Like `find`, for whoever only looks: nothing is made anew. */
  look(tenant: string, id: string): Promise<DataJob | undefined>;
  list: Documents<DataJob>['list'];
  /** Jobs that are not over, or whose end has not been written down yet; oldest first. */
  open(): Promise<readonly { readonly tenant: string; readonly id: string; readonly since: number }[]>;
  /** Hands out what may be handed out. @param window shards of it in hand at a time; left out: as was last said */
  feed(id: string, window?: number): Promise<void>;
  /** Hints that were lost are given again. */
  lookAfter(id: string): Promise<void>;
  /** Ends it, if it is not over. @returns the job as it is now */
  end(
    tenant: string,
    id: string,
    status: 'failed' | 'cancelled',
    error?: DataJob['error'],
  ): Promise<DataJob | undefined>;
  /** Writes the end of a job down and tells of it. May be repeated; does nothing while it is not over. */
  conclude(tenant: string, id: string): Promise<void>;
  /** A job that is not over and needs this file, or this earlier job. */
  userOf(tenant: string, what: string): Promise<string | undefined>;
  /** Takes a job away that is over, with all that it made. @returns bytes that were let go */
  remove(tenant: string, id: string): Promise<number>;
  /** Of one that was announced and never made. */
  leave(tenant: string, id: string): Promise<void>;
  close(): Promise<void>;
}

/** How long the state of a job that is over stays in Redis. */
const OVER_TTL_S = 3_600;
export const DATA_JOBS = 'data_jobs';

/** @param dueMs after which somebody looks whether a hint is still there */
export function openDataJobs(
  parts: { readonly redis: Redis; readonly objects: ObjectStore },
  dueMs: number,
): DataJobStore {
  const { redis, objects } = parts;
  const state = openDataJobState(redis);
  const queue = openDataQueue(redis);
  const documents = openDocuments(parts, DATA_JOBS, dataJob);
  const batches = openBatchStore(parts);
  const member = (tenant: string, id: string): string => `${tenant} ${id}`;

  async function create(job: DataJob): Promise<void> {
    // The document first: whoever gets a hint reads it.
    await documents.put(job.tenant, job);
    await redis.zadd(keys.openDataJobs, 'NX', String(job.createdAt), member(job.tenant, job.id));
    await state.create(job);
    await feed(job.id);
  }

  async function feed(id: string, window?: number): Promise<void> {
    await queue.add(await state.take(id, dueMs, window));
  }

  async function find(tenant: string, id: string): Promise<DataJob | undefined> {
    const kept = await documents.get(tenant, id);
    if (!kept || isDataJobOver(kept)) return kept;
    const live = await state.read(id);
    if (live) return live.tenant === tenant ? withLive(kept, live) : undefined;
    // It may have been concluded between the two looks.
    const again = await documents.get(tenant, id);
    if (again && !isDataJobOver(again)) await create(again);
    return again;
  }

  async function look(tenant: string, id: string): Promise<DataJob | undefined> {
    const kept = await documents.get(tenant, id);
    if (!kept || isDataJobOver(kept)) return kept;
    const live = await state.read(id);
    return live?.tenant === tenant ? withLive(kept, live) : documents.get(tenant, id);
  }

  async function leave(tenant: string, id: string): Promise<void> {
    await redis.zrem(keys.openDataJobs, member(tenant, id));
  }

  async function conclude(tenant: string, id: string): Promise<void> {
    const kept = await documents.get(tenant, id);
    const live = await state.read(id);
    if (!kept) return leave(tenant, id);
    if (!isDataJobOver(kept)) {
      if (!live || !isDataJobOver(live)) return;
      await documents.put(tenant, withLive(kept, live));
    }
    const { status, endedAt = Date.now() } = isDataJobOver(kept) ? kept : withLive(kept, live as LiveDataJob);
    // Nobody waits for their answers any more.
    for (const batch of await state.batches(id)) {
      await batches.change(tenant, batch, { type: 'cancel', now: Math.floor(Date.now() / 1000) });
    }
    if (status === 'completed' || status === 'failed' || status === 'cancelled') {
      const type = `data_job.${status}` as const;
      await emit(parts, tenant, { id: eventIdOf(id, type), type, createdAt: endedAt, data: { id } });
    }
    await state.forget(id, OVER_TTL_S);
    await leave(tenant, id);
  }

  const open: DataJobStore['open'] = async () => {
    const found = await redis.zrange(keys.openDataJobs, '0', '-1', 'WITHSCORES');
    return Array.from({ length: found.length / 2 }, (_, at) => {
      const [tenant = '', id = ''] = (found[at * 2] ?? '').split(' ');
      return { tenant, id, since: Number(found[at * 2 + 1]) };
    });
  };

  return {
    ...{ state, create, feed, find, look, open, conclude, leave },
    async list(tenant, listing) {
      const { data, hasMore } = await documents.list(tenant, listing);
      const living = await Promise.all(
        data.map(async (kept) => {
          const live = isDataJobOver(kept) ? undefined : await state.read(kept.id);
          return live ? withLive(kept, live) : kept;
        }),
      );
      return { data: living, hasMore };
    },
    async lookAfter(id) {
      for (const hint of await state.overdue(id)) await state.lookedAfter(hint, (await queue.holds(hint)) ? dueMs : 0);
    },
    async end(tenant, id, status, error) {
      if (!(await find(tenant, id))) return undefined;
      if (await state.end(id, status, error)) await redis.publish(keys.cancelChannel, id);
      await conclude(tenant, id);
      return find(tenant, id);
    },
    async userOf(tenant, what) {
      for (const one of await open()) {
        if (one.tenant !== tenant || one.id === what) continue;
        const job = await find(tenant, one.id);
        if (!job || isDataJobOver(job)) continue;
        if (what in job.inputs || job.recipe.sources.some(({ dataset }) => dataset === what)) return job.id;
      }
      return undefined;
    },
    async remove(tenant, id) {
      // Whoever else is about to write its end down finds that this is done, and does not bring its document back.
      await conclude(tenant, id);
      let bytes = 0;
      const images = paths.dataImage(tenant, id, '');
      for await (const { key, size } of objects.list(paths.dataJob(tenant, id))) {
        bytes += size;
        // Of pictures that requests could name by their hash, as long as the job had them.
        if (key.startsWith(images)) await objects.delete(paths.artifact(tenant, key.slice(images.length), id));
      }
      await objects.deletePrefix(paths.dataJob(tenant, id));
      await documents.remove(tenant, id);
      await state.forget(id, 0);
      await leave(tenant, id);
      return bytes;
    },
    close: () => queue.close(),
  };
}

function withLive(kept: DataJob, { tenant: _, ...live }: LiveDataJob): DataJob {
  return { ...kept, ...live };
}
