/** Where a tenant wants to hear of its events. Endpoints are documents of the store; each process keeps them for a moment. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { type Documents, openDocuments } from '../documents.ts';
import { CotaError } from '../errors.ts';
import { keys, paths } from '../keys.ts';
import { openDeliveries } from './deliveries.ts';
import { EVENT_TYPES } from './events.ts';
import type { WebhookParts } from './parts.ts';

export const eventFilter = z.enum(['*', ...EVENT_TYPES]);

const endpoint = z.object({
  id: z.string(),
  url: z.string(),
  events: z.array(eventFilter),
  description: z.string(),
  enabled: z.boolean(),
  /** Why it was disabled, where it was not its owner who did it. */
  disabledReason: z.string().optional(),
  /** Epoch milliseconds, here and below. */
  createdAt: z.number(),
  /** Newest first. Each signs until it expires. */
  secrets: z.array(z.object({ sealed: z.string(), createdAt: z.number(), expiresAt: z.number().optional() })),
});
export type Endpoint = z.infer<typeof endpoint>;

/** Each event of a tenant is handed to each of them, on the path of its runs. */
export const MOST_ENDPOINTS = 20;
/** How long a process may not know of a change. */
const FRESH_MS = 2_000;
/** Redis may lose the version with its last second: what is kept is read again after this in any case. */
const KEPT_MS = 60_000;
const LOCK_MS = 10_000;
const LOCK_PATIENCE_MS = 5_000;

export const endpointDocuments = (parts: WebhookParts): Documents<Endpoint> =>
  openDocuments(parts, 'webhook_endpoints', endpoint);

/** What the secrets of an endpoint are bound to. */
export const ownerOf = (tenant: string, id: string): string => `${tenant}/${id}`;

interface Kept {
  readonly endpoints: readonly Endpoint[];
  readonly version: string;
  readonly readAt: number;
  checkedAt: number;
}
/** By connection: tests have several clusters in a process. */
const kept = new WeakMap<Redis, LRUCache<string, Kept, WebhookParts>>();

/** The endpoints of a tenant, as of two seconds ago at most; those that are disabled too. */
export async function endpointsOf(parts: WebhookParts, tenant: string): Promise<readonly Endpoint[]> {
  return (await keptOf(parts, tenant))?.endpoints ?? [];
}

async function keptOf(parts: WebhookParts, tenant: string): Promise<Kept | undefined> {
  let cache = kept.get(parts.redis);
  if (!cache) {
    cache = new LRUCache<string, Kept, WebhookParts>({
      max: 10_000,
      // All who ask for a tenant meanwhile share one look.
      fetchMethod: (name, before, { context }) => look(context, name, before),
      allowStale: false,
      ignoreFetchAbort: true,
    });
    kept.set(parts.redis, cache);
  }
  const known = cache.get(tenant);
  if (known && performance.now() - known.checkedAt < FRESH_MS) return known;
  return cache.fetch(tenant, { context: parts, forceRefresh: true });
}

/** An endpoint that is unknown or disabled as of a moment ago is read anew: a new one must not be taken for a removed one. */
export async function findEndpoint(parts: WebhookParts, tenant: string, id: string): Promise<SeenEndpoint | undefined> {
  const all = await keptOf(parts, tenant);
  const known = all?.endpoints.find((one) => one.id === id);
  if (all && known?.enabled) return { endpoint: known, version: all.version };
  const version = await readVersion(parts, tenant);
  const endpoint = await endpointDocuments(parts).get(tenant, id);
  return endpoint && { endpoint, version };
}

export interface SeenEndpoint {
  readonly endpoint: Endpoint;
  /** Of all endpoints of its tenant: another one, and this may not be how it is. */
  readonly version: string;
}

const readVersion = async ({ redis }: WebhookParts, tenant: string): Promise<string> =>
  (await redis.get(keys.webhookVersion(tenant))) ?? '';

/** The endpoints of a tenant have changed: the next look reads them anew. */
export function forgetKept({ redis }: WebhookParts, tenant: string): void {
  kept.get(redis)?.delete(tenant);
}

async function look(parts: WebhookParts, tenant: string, before: Kept | undefined): Promise<Kept> {
  const now = performance.now();
  const version = await readVersion(parts, tenant);
  if (before && before.version === version && now - before.readAt < KEPT_MS) return { ...before, checkedAt: now };
  const { data } = await endpointDocuments(parts).list(tenant, { limit: MOST_ENDPOINTS, order: 'asc' });
  return { endpoints: data, version, readAt: now, checkedAt: now };
}

/** Tells all processes that a tenant's endpoints have changed. */
export async function announceChange(parts: WebhookParts, tenant: string): Promise<void> {
  await parts.redis.incr(keys.webhookVersion(tenant));
  forgetKept(parts, tenant);
}

/**
 * Reads, changes and writes an endpoint while nobody else does: an owner's change and a worker that disables it must
 * not undo each other.
 * @param change gives the endpoint as it is to be; undefined leaves it as it is
 * @returns the endpoint afterwards; undefined when the tenant has none of this id
 */
export async function changeEndpoint(
  parts: WebhookParts,
  tenant: string,
  id: string,
  change: (endpoint: Endpoint) => Endpoint | undefined,
): Promise<Endpoint | undefined> {
  const documents = endpointDocuments(parts);
  if (!(await documents.get(tenant, id))) return undefined;
  return locked(parts.redis, `${keys.webhooks(tenant, id)}lock`, async () => {
    const before = await documents.get(tenant, id);
    const after = before && change(before);
    if (!after) return before;
    await documents.put(tenant, after);
    await announceChange(parts, tenant);
    return after;
  });
}

/** Disables an endpoint for a reason that its owner is shown; what waits for it is kept until it is enabled again. */
export async function disableEndpoint(parts: WebhookParts, tenant: string, id: string, reason: string): Promise<void> {
  let was = true;
  await changeEndpoint(parts, tenant, id, (before) => {
    was = before.enabled;
    return was ? { ...before, enabled: false, disabledReason: reason } : undefined;
  });
  // Whoever disabled it may have died before it told the others: somebody here still thought that it is enabled.
  if (!was) await announceChange(parts, tenant);
}

/** Removes an endpoint, its deliveries and what was kept for it. */
export async function removeEndpoint(parts: WebhookParts, tenant: string, id: string): Promise<boolean> {
  const documents = endpointDocuments(parts);
  if (!(await documents.get(tenant, id))) return false;
  await documents.remove(tenant, id);
  await announceChange(parts, tenant);
  await forgetEndpoint(parts, tenant, id);
  return true;
}

/** Removes the deliveries of an endpoint that is gone. */
export async function forgetEndpoint(parts: WebhookParts, tenant: string, id: string): Promise<void> {
  await openDeliveries(parts).forget(tenant, id);
  await parts.objects.deletePrefix(paths.webhookSpill(tenant, id));
}

const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`;

async function locked<T>(redis: Redis, key: string, work: () => Promise<T>): Promise<T> {
  const mine = randomBytes(8).toString('hex');
  const end = performance.now() + LOCK_PATIENCE_MS;
  while ((await redis.set(key, mine, 'PX', LOCK_MS, 'NX')) === null) {
    if (performance.now() > end) {
      throw new CotaError('overloaded', 'This endpoint is being changed by another request: try again.', {
        retryAfterMs: 1_000,
      });
    }
    await sleep(50);
  }
  try {
    return await work();
  } finally {
    await redis.eval(RELEASE, 1, key, mine);
  }
}
