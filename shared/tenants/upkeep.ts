/**
 * A tenant's part of the store, gone through from time to time: what is older than the tenant's retention is deleted,
 * everything else is counted, and that count is what the quota is held against from then on. One listing serves both, so
 * nothing but the store itself has to say what there is, and Redis keeps no index of it.
 */

import type { Redis } from 'ioredis';
import { decodeTime } from 'ulid';
import { resultFileId } from '../batch/result-file.ts';
import { isRunId, keys, paths } from '../keys.ts';
import { ObjectMissing, type ObjectStore } from '../object-store.ts';
import type { Log } from '../telemetry.ts';
import { type BatchFacts, batchFacts, isOver, openInUse } from './in-use.ts';
import type { RetentionDays, Tenant, Tenants } from './tenants.ts';

export interface UpkeepParts {
  readonly redis: Redis;
  readonly objects: ObjectStore;
  readonly tenants: Tenants;
  readonly log: Log;
}

/** A tenant that was never gone through, or not for long, or whose retention was changed. */
export async function isUpkeepDue(redis: Redis, tenant: string): Promise<boolean> {
  return (await redis.exists(keys.counted(tenant))) === 0;
}

/** Has it gone through as soon as may be. */
export async function upkeepSoon(redis: Redis, tenant: string): Promise<void> {
  await redis.del(keys.counted(tenant));
}

/** To what an object belongs: the age of a thing is in its id. */
interface Thing {
  readonly kind: 'run' | 'batch' | 'file';
  readonly id: string;
}
/** Lies in the folder of a batch and is the content of a file, which may be younger than the batch: it goes with it. */
interface Content {
  readonly kind: 'content';
  /** Of the batch. */
  readonly id: string;
  readonly of: 'input' | 'output' | 'errors';
}
type Owner = Thing | Content | { readonly kind: 'cache' };

const DAY_MS = 86_400_000;
/** Objects between two looks at whether to go on. */
const PORTION = 200;

/**
 * Yields after each portion; may be stopped and begun again at any time.
 * @param everyMs when it is due again
 * @param now epoch milliseconds; ids have their times from clocks of API processes
 * @throws StoreAway or a Redis error
 */
export async function* upkeep(
  parts: UpkeepParts,
  tenant: Tenant,
  everyMs: number,
  now: number = Date.now(),
): AsyncGenerator<void> {
  const { redis, objects, tenants, log } = parts;
  const days = tenants.retentionOf(tenant);
  const folder = paths.tenant(tenant.id);
  const countedBefore = Number((await redis.get(keys.stored(tenant.id))) ?? 0);
  const judge = openJudge(parts, tenant.id, now);
  let kept = 0;
  let deleted = 0;
  let seen = 0;
  for await (const { key, size } of objects.list(folder)) {
    const owner = ownerOf(key.slice(folder.length));
    const age = owner ? mostDays(owner, days) : 0;
    if (owner && age > 0 && (await judge(owner, key, now - age * DAY_MS))) {
      await objects.delete(key);
      if (owner.kind !== 'cache' && owner.kind !== 'content') await forget(redis, tenant.id, owner);
      deleted += 1;
    } else {
      kept += size;
    }
    seen += 1;
    if (seen % PORTION === 0) yield;
  }
  // What others added or took away meanwhile stays in the sum; what of it the listing saw too is right the next time.
  await redis.incrby(keys.stored(tenant.id), kept - countedBefore);
  await redis.set(keys.counted(tenant.id), '1', 'PX', everyMs);
  if (deleted > 0) log.info({ tenant: tenant.id, objects: deleted }, 'deleted what was older than its retention');
}

/** After how many days an object goes; 0 = never. */
const mostDays = ({ kind }: Owner, days: RetentionDays): number =>
  kind === 'file' || kind === 'content' ? days.files : days.runs;

/** Of which thing is this object? undefined for what has no age, such as webhook endpoints. */
function ownerOf(path: string): Owner | undefined {
  const [kind = '', name = '', ...rest] = path.split('/');
  switch (kind) {
    case 'runs':
      return { kind: 'run', id: name };
    case 'artifacts': {
      const id = (rest[0] ?? '').replace(/\.json$/, '');
      // The others are data jobs', which have no age.
      return isRunId(id) ? { kind: 'run', id } : undefined;
    }
    case 'batches': {
      const id = name.replace(/\.json$/, '');
      if (rest[0] === 'output' || rest[0] === 'errors') return { kind: 'content', id, of: rest[0] };
      return rest[0] === 'input.jsonl' ? { kind: 'content', id, of: 'input' } : { kind: 'batch', id };
    }
    case 'files':
      return { kind: 'file', id: name.replace(/\.json$/, '') };
    case 'content':
      return { kind: 'file', id: name };
    case 'cache':
      return { kind: 'cache' };
    default:
      return undefined;
  }
}

/** Epoch milliseconds; undefined where the id is none of ours. */
export function timeOfId(id: string): number | undefined {
  const [, run, document] = /^(?:run_[0-9a-f]{2}([0-9a-z]{26})[0-9a-f]{6}|[a-z]+[-_]([0-9a-z]{26}))$/.exec(id) ?? [];
  const part = run ?? document;
  if (part === undefined) return undefined;
  try {
    return decodeTime(part.toUpperCase());
  } catch {
    return undefined;
  }
}

type Judge = (owner: Owner, key: string, oldest: number) => Promise<boolean>;

/** Is it too old, and over? What is asked about one thing is remembered for its other objects. */
function openJudge(parts: UpkeepParts, tenant: string, now: number): Judge {
  const { redis, objects } = parts;
  const inUse = openInUse(parts, tenant, now);
  const batches = new Map<string, BatchFacts | undefined>();
  const judged = new Map<string, boolean>();

  async function batchOf(id: string): Promise<BatchFacts | undefined> {
    if (!batches.has(id)) {
      const text = await textOf(objects, paths.document(tenant, 'batches', id));
      batches.set(id, text === undefined ? undefined : batchFacts.parse(JSON.parse(text)));
    }
    return batches.get(id);
  }

  /** Epoch milliseconds; undefined where there is no such file. */
  async function madeAt(fileId: string): Promise<number | undefined> {
    const text = await textOf(objects, paths.document(tenant, 'files', fileId));
    if (text === undefined) return undefined;
    const { createdAt } = JSON.parse(text) as { createdAt?: unknown };
    // Files of batches are named after them, and are made when they end.
    return typeof createdAt === 'number' ? createdAt * 1000 : timeOfId(fileId);
  }

  async function isFileOver(id: string, oldest: number): Promise<boolean> {
    if (await inUse.hasFile(id)) return false;
    const time = await madeAt(id);
    return time === undefined || time < oldest;
  }

  async function isOwnerOver(owner: Thing | Content, time: number, oldest: number): Promise<boolean> {
    if (owner.kind === 'file') return isFileOver(owner.id, oldest);
    if (owner.kind === 'run') {
      const status = await redis.hget(keys.run(owner.id), 'status');
      return (status === null || status === 'closed') && !(await inUse.hasRunOf(time));
    }
    const batch = await batchOf(owner.id);
    if (batch && !isOver(batch)) return false;
    if (owner.kind !== 'content') {
      if (await inUse.hasBatch(owner.id)) return false;
      // A retry says whose content its input is, and stays as long as that.
      return !batch || batch.retryOf === null || (await madeAt(batch.inputFileId)) === undefined;
    }
    const file = owner.of === 'input' ? batch?.inputFileId : resultFileId(owner.id, owner.of);
    return file === undefined || isFileOver(file, oldest);
  }

  return async (owner, key, oldest) => {
    if (owner.kind === 'cache') {
      const text = await textOf(objects, key);
      const at = text === undefined ? 0 : (JSON.parse(text) as { at?: unknown }).at;
      return typeof at !== 'number' || at < oldest;
    }
    const time = timeOfId(owner.id);
    if (time === undefined || time >= oldest) return false;
    const name = `${owner.kind} ${owner.kind === 'content' ? owner.of : ''} ${owner.id}`;
    const known = judged.get(name);
    if (known !== undefined) return known;
    // Only for a while: a store may hold more things than memory.
    if (judged.size > 10_000) judged.clear();
    if (batches.size > 1_000) batches.clear();
    const answer = await isOwnerOver(owner, time, oldest);
    judged.set(name, answer);
    return answer;
  };
}

async function textOf(objects: ObjectStore, key: string): Promise<string | undefined> {
  try {
    return (await objects.get(key)).bytes.toString();
  } catch (error) {
    if (error instanceof ObjectMissing) return undefined;
    throw error;
  }
}

/** The little that Redis knows of a thing that has just gone. */
async function forget(redis: Redis, tenant: string, owner: Thing): Promise<void> {
  if (owner.kind === 'run') {
    await redis.del(keys.run(owner.id), keys.events(owner.id));
    return;
  }
  const ulid = owner.id.slice(-26);
  await redis.zrem(keys.documents(tenant, owner.kind === 'file' ? 'files' : 'batches'), `${ulid} ${owner.id}`);
  if (owner.kind === 'file') await redis.zrem(keys.filesDue, `${tenant} ${owner.id}`);
  else await redis.del(keys.batch(owner.id));
}
