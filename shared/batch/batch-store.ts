/**
 * Batches: their state in Redis while they live, changed only by compare-and-set; a document in the store for ever.
 * What is left of Redis after a disaster is enough: a batch whose state is lost is taken up again from its document.
 */
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { type Documents, openDocuments } from '../documents.ts';
import { keys } from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
import { type BatchEvent, nextBatch } from './batch-machine.ts';
import { type BatchState, batchState, isOver } from './contract.ts';

/** A batch, and the version of its state that was read. */
export interface SeenBatch {
  readonly batch: BatchState;
  readonly version: number;
}

export interface LiveCounts {
  readonly completed: number;
  readonly failed: number;
}

export interface BatchStore {
  /** Makes the batch known to the scheduler. May be repeated. */
  create(batch: BatchState): Promise<void>;
  /** The state of a living batch. */
  read(id: string): Promise<SeenBatch | undefined>;
  /** Living or over. @returns undefined where the tenant has none of this id */
  find(tenant: string, id: string): Promise<BatchState | undefined>;
  list: Documents<BatchState>['list'];
  /**
   * Applies an event to what was read.
   * @returns the batch as it is now; undefined where somebody else changed it first: read it again
   */
  apply(seen: SeenBatch, event: BatchEvent): Promise<SeenBatch | undefined>;
  /** Applies an event to whatever the batch is now. */
  change(tenant: string, id: string, event: BatchEvent): Promise<BatchState | undefined>;
  /** Lines that have ended, those of open windows included. */
  counts(batch: BatchState): Promise<LiveCounts>;
  /** Bits of a window: lines whose runs have ended. */
  ended(id: string, window: number): Promise<LiveCounts>;
  forgetWindow(id: string, window: number): Promise<void>;
  /** Batches that are not over, oldest first. */
  active(): Promise<readonly { readonly tenant: string; readonly id: string; readonly since: number }[]>;
  /** The living batch that reads this file, if there is one. */
  readerOf(tenant: string, fileId: string): Promise<string | undefined>;
  /** Why a living batch does not go on; '' = it does. Without a text: what was said last. */
  notice(id: string, text?: string): Promise<string>;
  /** Of a batch that is over: nobody looks after it any more. */
  leave(tenant: string, id: string): Promise<void>;
}

/** How long the state of a batch that is over stays in Redis. */
const OVER_TTL_S = 3_600;
const script = readFileSync(new URL('../lua/batch.lua', import.meta.url), 'utf8');

export function openBatchStore(parts: { readonly redis: Redis; readonly objects: ObjectStore }): BatchStore {
  const { redis } = parts;
  redis.defineCommand('cotaBatch', { numberOfKeys: 1, lua: script });
  const write = (redis as unknown as { cotaBatch: (...args: (string | number)[]) => Promise<number> }).cotaBatch.bind(
    redis,
  );
  const documents = openDocuments(parts, 'batches', batchState);

  const member = (tenant: string, id: string): string => `${tenant} ${id}`;

  async function read(id: string): Promise<SeenBatch | undefined> {
    const [version, state] = await redis.hmget(keys.batch(id), 'version', 'state');
    if (version == null || state == null) return undefined;
    return { batch: batchState.parse(JSON.parse(state)), version: Number(version) };
  }

  async function create(batch: BatchState): Promise<void> {
    // First that it is looked for, then what it is, last the document: a batch that was answered for is never overlooked.
    await redis.zadd(keys.activeBatches, 'NX', String(batch.createdAt), member(batch.tenant, batch.id));
    await write(keys.batch(batch.id), 0, JSON.stringify(batch));
    await documents.put(batch.tenant, batch);
  }

  async function apply(seen: SeenBatch, event: BatchEvent): Promise<SeenBatch | undefined> {
    const batch = nextBatch(seen.batch, event);
    if (batch === seen.batch) return seen;
    // The document first: once Redis says that a batch is over, nobody writes it any more.
    if (isOver(batch.status)) await documents.put(batch.tenant, batch);
    const written = await write(keys.batch(batch.id), seen.version, JSON.stringify(batch));
    return written === 1 ? { batch, version: seen.version + 1 } : undefined;
  }

  async function find(tenant: string, id: string): Promise<BatchState | undefined> {
    const living = await read(id);
    if (living) return living.batch.tenant === tenant ? living.batch : undefined;
    const kept = await documents.get(tenant, id);
    if (!kept || isOver(kept.status)) return kept;
    // Redis has lost its state. It begins anew; windows that lie whole in the store are not run a second time.
    await create(kept.status === 'cancelling' ? kept : { ...kept, status: 'validating', next: 0, open: [] });
    return (await read(id))?.batch;
  }

  async function ended(id: string, window: number): Promise<LiveCounts> {
    const [completed, failed] = await Promise.all([
      redis.bitcount(keys.windowOk(id, window)),
      redis.bitcount(keys.windowBad(id, window)),
    ]);
    return { completed, failed };
  }

  async function active() {
    const found = await redis.zrange(keys.activeBatches, '0', '-1', 'WITHSCORES');
    const batches: { tenant: string; id: string; since: number }[] = [];
    for (let at = 0; at < found.length; at += 2) {
      const [tenant = '', id = ''] = (found[at] ?? '').split(' ');
      batches.push({ tenant, id, since: Number(found[at + 1]) });
    }
    return batches;
  }

  return {
    create,
    read,
    active,
    async readerOf(tenant, fileId) {
      for (const one of await active()) {
        if (one.tenant !== tenant) continue;
        const seen = await read(one.id);
        if (seen?.batch.inputFileId === fileId && !isOver(seen.batch.status)) return one.id;
      }
      return undefined;
    },
    find,
    async list(tenant, listing) {
      const { data, hasMore } = await documents.list(tenant, listing);
      const living = await Promise.all(data.map(async (kept) => (await read(kept.id))?.batch ?? kept));
      return { data: living, hasMore };
    },
    apply,
    async change(tenant, id, event) {
      for (;;) {
        if (!(await find(tenant, id))) return undefined;
        const seen = await read(id);
        if (!seen) return find(tenant, id);
        const after = await apply(seen, event);
        if (!after) continue;
        // So that it stays cancelled even if Redis is lost; if the store is away, it is cancelled all the same.
        if (after !== seen) await documents.put(tenant, after.batch).catch(() => undefined);
        return after.batch;
      }
    },
    async counts(batch) {
      let { completed, failed } = batch.counts;
      for (const window of batch.open) {
        const bits = await ended(batch.id, window.number);
        completed += bits.completed;
        failed += bits.failed + window.refused;
      }
      return { completed, failed };
    },
    ended,
    forgetWindow: async (id, window) => void (await redis.del(keys.windowOk(id, window), keys.windowBad(id, window))),
    async notice(id, text) {
      if (text === undefined) return (await redis.hget(keys.batch(id), 'notice')) ?? '';
      // Only where there is a state: a notice alone would look like one.
      if ((await redis.exists(keys.batch(id))) === 1) await redis.hset(keys.batch(id), 'notice', text);
      return text;
    },
    async leave(tenant, id) {
      await redis.expire(keys.batch(id), OVER_TTL_S);
      await redis.zrem(keys.activeBatches, member(tenant, id));
    },
  };
}
