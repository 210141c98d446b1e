/**
 * Fine-tuning jobs: a document in the store for ever, and a state in Redis while they live. The record is the truth, the
 * queue only carries hints. A job whose state Redis has lost begins anew from its document; what it trains goes on from
 * the last checkpoint in the store.
 */
import type { Redis } from 'ioredis';
import { type Documents, openDocuments } from '../documents.ts';
import { CotaError } from '../errors.ts';
import { keys, paths } from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
import { emit, eventIdOf } from '../webhooks/emit.ts';
import { eventsInStore, keepEvents } from './events.ts';
import { isTrainJobOver, type TrainError, type TrainJob, type TrainResult, trainJob } from './job.ts';
import { openTrainQueue, type TrainQueue } from './job-queue.ts';
import { type LiveTrainJob, openTrainJobState, type TrainJobState } from './job-state.ts';

export interface TrainJobStore {
  readonly state: TrainJobState;
  readonly queue: TrainQueue;
  /** Makes the job known to the scheduler. May be repeated. */
  create(job: TrainJob): Promise<void>;
  /**
   * The same, where the tenant has fewer than `most` that are not over: of several at a time, no more than there is room
   * for. May be repeated; the job that is there already is no other one.
   * @returns whether there was room
   */
  createWithin(most: number, job: TrainJob): Promise<boolean>;
  /** @returns undefined where the tenant has none of this id */
  find(tenant: string, id: string): Promise<TrainJob | undefined>;
  list: Documents<TrainJob>['list'];
  /** Jobs that are not over, or whose end has not been written down yet; oldest first. */
  open(): Promise<readonly { readonly tenant: string; readonly id: string; readonly since: number }[]>;
  /** Ends it, if it is not over. @param token where only whoever has it in hand may @returns the job as it is now */
  end(
    tenant: string,
    id: string,
    status: 'failed' | 'cancelled',
    error?: TrainError,
    token?: string,
  ): Promise<TrainJob | undefined>;
  /** @throws CotaError where it is over */
  pause(tenant: string, id: string): Promise<TrainJob | undefined>;
  /** @throws CotaError where it is not paused */
  resume(tenant: string, id: string): Promise<TrainJob | undefined>;
  /** Says what it has made; written before the record says that it has succeeded. */
  putResult(tenant: string, id: string, result: TrainResult): Promise<void>;
  /** Writes the end of a job down and tells of it. May be repeated; does nothing while it is not over. */
  conclude(tenant: string, id: string): Promise<void>;
  /** A job that is not over and needs this file, or this data job. */
  userOf(tenant: string, source: string): Promise<string | undefined>;
  /** Takes a job away that is over, with all that it kept; not the model that it made. @returns bytes that were let go */
  remove(tenant: string, id: string): Promise<number>;
  leave(tenant: string, id: string): Promise<void>;
  close(): Promise<void>;
}

/** KEYS: open jobs. ARGV: tenant, id, when it was made, most of them. Announces a job if there is room: 1, 2 = it was announced. */
const ANNOUNCE = `
local member, own, open = ARGV[1] .. ' ' .. ARGV[2], ARGV[1] .. ' ', 0
if redis.call('ZSCORE', KEYS[1], member) then return 2 end
for _, one in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if string.sub(one, 1, #own) == own then open = open + 1 end
end
if open >= tonumber(ARGV[4]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[3], member)
return 1`;

/** How long the state of a job that is over stays in Redis. */
const OVER_TTL_S = 3_600;
export const TRAIN_JOBS = 'fine_tuning_jobs';

export function openTrainJobs(parts: { readonly redis: Redis; readonly objects: ObjectStore }): TrainJobStore {
  const { redis, objects } = parts;
  const state = openTrainJobState(redis);
  const queue = openTrainQueue(redis);
  const documents = openDocuments(parts, TRAIN_JOBS, trainJob);
  const member = (tenant: string, id: string): string => `${tenant} ${id}`;

  async function create(job: TrainJob): Promise<void> {
    // The document first: whoever gets a hint reads it.
    await documents.put(job.tenant, job);
    await announce(job);
  }

  async function announce(job: TrainJob): Promise<void> {
    await redis.zadd(keys.openTrainJobs, 'NX', String(job.createdAt), member(job.tenant, job.id));
    await state.create(job, await eventsInStore(objects, job));
  }

  async function createWithin(most: number, job: TrainJob): Promise<boolean> {
    const { tenant, id, createdAt } = job;
    const is = await redis.eval(ANNOUNCE, 1, keys.openTrainJobs, tenant, id, String(createdAt), String(most));
    if (is === 0) return false;
    try {
      await documents.put(tenant, job);
    } catch (error) {
      // What could not be made takes no room, unless another request with the same key has made it.
      if (is === 1 && !(await state.read(id))) await leave(tenant, id);
      throw error;
    }
    await announce(job);
    return true;
  }

  /** The result is written before the record says that there is one: a document that was read before may lack it. */
  async function joined(kept: TrainJob, live: LiveTrainJob): Promise<TrainJob> {
    const isLate = live.status === 'succeeded' && kept.result === undefined;
    const now = isLate ? await documents.get(kept.tenant, kept.id) : kept;
    return withLive(now ?? kept, live);
  }

  async function find(tenant: string, id: string): Promise<TrainJob | undefined> {
    const kept = await documents.get(tenant, id);
    if (!kept || isTrainJobOver(kept)) return kept;
    const live = await state.read(id);
    if (live) return live.tenant === tenant ? joined(kept, live) : undefined;
    // It may have been concluded between the two looks.
    const again = await documents.get(tenant, id);
    if (again && !isTrainJobOver(again)) await create(again);
    return again;
  }

  async function leave(tenant: string, id: string): Promise<void> {
    await redis.zrem(keys.openTrainJobs, member(tenant, id));
  }

  async function conclude(tenant: string, id: string): Promise<void> {
    // In this order: where the record says that it has succeeded, the document has the result.
    const live = await state.read(id);
    const kept = await documents.get(tenant, id);
    if (!kept) return leave(tenant, id);
    if (!isTrainJobOver(kept)) {
      if (!live || !isTrainJobOver(live)) return;
      await keepEvents(objects, state, { tenant, id }, true);
      await documents.put(tenant, { ...withLive(kept, live), events: live.events });
    }
    const { status, endedAt = Date.now() } = isTrainJobOver(kept) ? kept : withLive(kept, live as LiveTrainJob);
    if (status === 'succeeded' || status === 'failed' || status === 'cancelled') {
      const type = `fine_tuning.job.${status}` as const;
      await emit(parts, tenant, { id: eventIdOf(id, type), type, createdAt: endedAt, data: { id } });
    }
    await state.forget(id, OVER_TTL_S);
    await leave(tenant, id);
  }

  const open: TrainJobStore['open'] = async () => {
    const found = await redis.zrange(keys.openTrainJobs, '0', '-1', 'WITHSCORES');
    return Array.from({ length: found.length / 2 }, (_, at) => {
      const [tenant = '', id = ''] = (found[at * 2] ?? '').split(' ');
      return { tenant, id, since: Number(found[at * 2 + 1]) };
    });
  };

  return {
    ...{ state, queue, create, createWithin, find, open, conclude, leave },
    async list(tenant, listing) {
      const { data, hasMore } = await documents.list(tenant, listing);
      const living = await Promise.all(
        data.map(async (kept) => {
          const live = isTrainJobOver(kept) ? undefined : await state.read(kept.id);
          return live ? joined(kept, live) : kept;
        }),
      );
      return { data: living, hasMore };
    },
    async end(tenant, id, status, error, token) {
      if (!(await find(tenant, id))) return undefined;
      const message = status === 'failed' ? `The job failed: ${error?.message ?? ''}` : 'The job was cancelled.';
      const level = status === 'failed' ? 'error' : 'info';
      if (await state.end(id, status, { level, type: 'message', message }, error, token)) {
        await redis.publish(keys.cancelChannel, id);
      }
      await conclude(tenant, id);
      return find(tenant, id);
    },
    async pause(tenant, id) {
      if (!(await find(tenant, id))) return undefined;
      const is = await state.pause(id, { level: 'info', type: 'message', message: 'The job is paused.' });
      if (is !== 'ok' && is !== 'paused') {
        throw new CotaError(
          'invalid_request',
          `The fine-tuning job is ${is}: only one that is not over can be paused.`,
        );
      }
      await redis.publish(keys.cancelChannel, id);
      return find(tenant, id);
    },
    async resume(tenant, id) {
      if (!(await find(tenant, id))) return undefined;
      const is = await state.resume(id, { level: 'info', type: 'message', message: 'The job goes on.' });
      if (is !== 'ok') {
        throw new CotaError('invalid_request', `The fine-tuning job is ${is}: only one that is paused can be resumed.`);
      }
      return find(tenant, id);
    },
    async putResult(tenant, id, result) {
      const kept = await documents.get(tenant, id);
      if (kept && !isTrainJobOver(kept)) await documents.put(tenant, { ...kept, result });
    },
    conclude,
    async userOf(tenant, source) {
      for (const one of await open()) {
        if (one.tenant !== tenant) continue;
        const job = await find(tenant, one.id);
        if (!job || isTrainJobOver(job)) continue;
        if (job.training.id === source || job.validation?.id === source) return job.id;
      }
      return undefined;
    },
    async remove(tenant, id) {
      // Whoever else is about to write its end down finds that this is done, and does not bring its document back.
      await conclude(tenant, id);
      let bytes = 0;
      for await (const { size } of objects.list(paths.trainJob(tenant, id))) bytes += size;
      await objects.deletePrefix(paths.trainJob(tenant, id));
      await documents.remove(tenant, id);
      await state.forget(id, 0);
      await leave(tenant, id);
      return bytes;
    },
    close: () => queue.close(),
  };
}

function withLive(kept: TrainJob, { status, progress, error, note, startedAt, endedAt }: LiveTrainJob): TrainJob {
  return {
    ...kept,
    ...{ status, progress },
    ...(error === undefined ? {} : { error }),
    ...(note === undefined ? {} : { note }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
  };
}
