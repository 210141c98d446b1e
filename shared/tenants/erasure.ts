/**
 * Delete-now: everything of a tenant, out of Redis and the store, and at last the tenant itself where that was asked
 * for. Ordered through the tenant's document, so that its requests are refused from then on; carried out by the
 * scheduler. Each part may be repeated: whoever takes over after a crash starts from the front and finds less.
 */
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { CotaError } from '../errors.ts';
import { keys, paths } from '../keys.ts';
import type { TrainedModels } from '../models/trained.ts';
import type { ObjectStore, PutsUnderWay } from '../object-store.ts';
import type { Queues } from '../queues.ts';
import type { Admission } from '../run/admission.ts';
import type { RunStore } from '../run/run-store.ts';
import { eraseFromRedis } from './erase-redis.ts';
import type { Tenancy } from './tenancy.ts';
import { DEFAULT_TENANT, TENANT_FRESH_MS, type Tenant } from './tenants.ts';

export interface ErasureParts {
  readonly redis: Redis;
  readonly objects: ObjectStore;
  /** Of the scheduler's own process, where batches are worked on: a step of one may write for long. */
  readonly puts: PutsUnderWay;
  readonly runs: RunStore;
  readonly admission: Admission;
  readonly queues: Queues;
  readonly tenancy: Tenancy;
  readonly trained: Pick<TrainedModels, 'removeAll'>;
}

/** How far it has come. Times are Unix seconds. */
export const erasure = z.object({
  state: z.enum(['waiting', 'running', 'done']),
  requestedAt: z.coerce.number().int(),
  startedAt: z.coerce.number().int().nullable().default(null),
  finishedAt: z.coerce.number().int().nullable().default(null),
  /** Runs that were ended or whose records were removed from Redis. */
  runs: z.coerce.number().int().default(0),
  objects: z.coerce.number().int().default(0),
  bytes: z.coerce.number().int().default(0),
});
export type Erasure = z.infer<typeof erasure>;

/** A report that nobody asks for any more. */
const REPORT_TTL_S = 30 * 86_400;
const AT_ONCE = 16;
/** Objects between two looks at whether to go on. */
const PORTION = 500;
/** Requests that were let in before the order was known to all have ended by then. */
const SETTLED_MS = TENANT_FRESH_MS + 2_000;
/** Between two looks for what came in late. */
const QUIET_MS = 1_000;

/**
 * Orders it. The tenant's requests are refused from then on, by all API processes within two seconds.
 * @param remove the tenant and its keys go too
 * @throws CotaError for the tenant that cannot be removed
 */
export async function orderErasure(
  { redis, tenancy }: Pick<ErasureParts, 'redis' | 'tenancy'>,
  tenant: Tenant,
  remove: boolean,
): Promise<Erasure> {
  if (remove && tenant.id === DEFAULT_TENANT) {
    throw new CotaError(
      'invalid_value',
      `The tenant "${DEFAULT_TENANT}" belongs to the cluster's own key and stays; DELETE /v1/tenants/${DEFAULT_TENANT}/data deletes all that it has.`,
    );
  }
  const requestedAt = tenant.erasing?.requestedAt ?? now();
  if (!tenant.erasing) {
    await redis.del(keys.erasure(tenant.id));
    await redis.hset(keys.erasure(tenant.id), { state: 'waiting', requestedAt });
  }
  await tenancy.tenants.change(tenant.id, (latest) => ({
    ...latest,
    erasing: {
      requestedAt: latest.erasing?.requestedAt ?? requestedAt,
      remove: remove || (latest.erasing?.remove ?? false),
    },
  }));
  return (await readErasure(redis, tenant.id)) ?? erasure.parse({ state: 'waiting', requestedAt });
}

/** The one that is under way, or the last one. */
export async function readErasure(redis: Redis, tenant: string): Promise<Erasure | undefined> {
  const fields = await redis.hgetall(keys.erasure(tenant));
  return Object.keys(fields).length === 0 ? undefined : erasure.parse({ state: 'waiting', requestedAt: 0, ...fields });
}

/**
 * Carries an order out; yields between portions.
 * @param tombstoneS how long nothing that is still under way can bring a run back
 * @throws StoreAway or a Redis error: begin again later
 */
export async function* erase(parts: ErasureParts, tenant: Tenant, tombstoneS: number): AsyncGenerator<void> {
  const { redis, objects, tenancy } = parts;
  if (!tenant.erasing) return;
  const { requestedAt } = tenant.erasing;
  yield* pause(requestedAt * 1000 + SETTLED_MS - Date.now());
  const report = keys.erasure(tenant.id);
  await redis.hset(report, { state: 'running', requestedAt });
  await redis.hsetnx(report, 'startedAt', now());
  // What was being written when its run was taken away may come in behind the first pass: it is over when a pass finds
  // nothing a while after another that found nothing.
  for (let empty = 0; empty < 2; ) {
    let found = parts.puts.underWay(paths.tenant(tenant.id));
    // Their records lie with those of all tenants; their weights go with the folder.
    found += await parts.trained.removeAll(tenant.id);
    for await (const { runs, others } of eraseFromRedis(parts, tenant.id, tombstoneS)) {
      found += runs + others;
      if (runs > 0) await redis.hincrby(report, 'runs', runs);
      yield;
    }
    for await (const { count, bytes } of eraseFromStore(objects, tenant.id)) {
      found += count;
      await redis.hincrby(report, 'objects', count);
      await redis.hincrby(report, 'bytes', bytes);
      yield;
    }
    empty = found === 0 ? empty + 1 : 0;
    if (empty < 2) yield* pause(QUIET_MS);
  }
  // What was ordered in the meantime counts: that the tenant itself is to go may have come later.
  const left = await tenancy.tenants.change(tenant.id, (latest) =>
    latest.erasing?.remove ? latest : { ...latest, erasing: null },
  );
  const remove = !left || left.erasing !== null;
  if (remove) {
    await tenancy.apiKeys.removeAll(tenant.id);
    await tenancy.tenants.remove(tenant.id);
  }
  await redis.hset(report, { state: 'done', finishedAt: now() });
  await redis.expire(report, REPORT_TTL_S);
  const done = await readErasure(redis, tenant.id);
  await tenancy.audit.write({
    ...{ action: remove ? 'tenant.deleted' : 'tenant.data_deleted', actor: 'scheduler', actorTenant: '' },
    ...{ target: tenant.id, ip: '', requestId: '', outcome: 'ok' },
    details: { runs: done?.runs ?? 0, objects: done?.objects ?? 0, bytes: done?.bytes ?? 0 },
  });
}

/** Lets others work meanwhile. */
async function* pause(ms: number): AsyncGenerator<void> {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    yield;
    await new Promise((resolve) => setTimeout(resolve, Math.min(200, ms)));
  }
}

const now = (): number => Math.floor(Date.now() / 1000);

async function* eraseFromStore(
  objects: ObjectStore,
  tenant: string,
): AsyncGenerator<{ readonly count: number; readonly bytes: number }> {
  const folder = paths.tenant(tenant);
  let portion: { key: string; size: number }[] = [];
  const take = async (): Promise<{ count: number; bytes: number }> => {
    const left = portion.values();
    const done = { count: portion.length, bytes: portion.reduce((sum, { size }) => sum + size, 0) };
    const work = async (): Promise<void> => {
      for (const { key } of left) await objects.delete(key);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    portion = [];
    return done;
  };
  for await (const object of objects.list(folder)) {
    portion.push(object);
    if (portion.length >= PORTION) yield await take();
  }
  if (portion.length > 0) yield await take();
  // Also what no list shows, such as the empty folders of a file store.
  await objects.deletePrefix(folder);
}
