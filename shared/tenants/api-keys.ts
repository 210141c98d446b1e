/** API keys of tenants: made, found by their hash, listed, revoked. */
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { keys } from '../keys.ts';
import { hashOf, isApiKey, mintApiKey, prefixOf } from './api-key.ts';
import { openRegistry, type RegistryParts } from './registry.ts';
import { SCOPES, type Scope } from './scopes.ts';

export const apiKey = z.object({
  id: z.string(),
  tenant: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  /** Unix seconds, as all times here. */
  createdAt: z.int(),
  expiresAt: z.int().nullable(),
  revokedAt: z.int().nullable(),
  /** Id of the key that made it; `root` for that of the settings. */
  createdBy: z.string(),
});
export type ApiKey = z.infer<typeof apiKey>;
export type ListedKey = ApiKey & { readonly prefix: string; readonly lastUsedAt: number | null };

export interface NewKey {
  readonly tenant: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: number | null;
  readonly createdBy: string;
}

/** Why a key opens nothing; `unknown` also for what can be no key. */
export type Refused = 'unknown' | 'expired' | 'revoked';

export interface ApiKeys {
  /** @returns the entry, and the key itself, which cannot be had again */
  create(wanted: NewKey): Promise<{ readonly entry: ListedKey; readonly key: string }>;
  /** Asks Redis each time, so that a revoked key is refused from the next request on, everywhere. */
  find(key: string): Promise<ApiKey | Refused>;
  get(id: string): Promise<ListedKey | undefined>;
  /** Newest first. */
  list(tenant?: string): Promise<readonly ListedKey[]>;
  /** Takes effect at once. May be repeated. @returns undefined when there is no such key */
  revoke(id: string): Promise<ListedKey | undefined>;
  /** Removes revoked and living keys of a tenant that is no more. */
  removeAll(tenant: string): Promise<void>;
}

/** `last_used_at` is this coarse: a key that is used all the time is written down once in this time by each process. */
const USE_EVERY_S = 60;

export function openApiKeys(parts: RegistryParts): ApiKeys {
  const { redis } = parts;
  const registry = openRegistry(parts, 'keys', apiKey);
  const noted = new LRUCache<string, number>({ max: 10_000 });
  const now = (): number => Math.floor(Date.now() / 1000);

  const listed = (entry: ApiKey, used: string | null | undefined): ListedKey => ({
    ...entry,
    prefix: prefixOf(entry.id),
    lastUsedAt: used ? Number(used) : null,
  });

  function noteUse(id: string): void {
    if (now() - (noted.get(id) ?? 0) < USE_EVERY_S) return;
    noted.set(id, now());
    // For people only: not worth failing or delaying a request.
    redis.hset(keys.apiKeyUse, id, now()).catch(() => noted.delete(id));
  }

  async function byId(id: string): Promise<readonly [hash: string, entry: ApiKey] | undefined> {
    return (await registry.all()).find(([, entry]) => entry.id === id);
  }

  return {
    async create({ tenant, name, scopes, expiresAt, createdBy }) {
      const { id, key, hash } = mintApiKey();
      const entry: ApiKey = {
        ...{ id, tenant, name, scopes: [...scopes], createdAt: now() },
        ...{ expiresAt, revokedAt: null, createdBy },
      };
      await registry.put(hash, entry);
      return { entry: listed(entry, null), key };
    },
    async find(key) {
      if (!isApiKey(key)) return 'unknown';
      const entry = await registry.get(hashOf(key));
      if (!entry) return 'unknown';
      if (entry.revokedAt !== null) return 'revoked';
      if (entry.expiresAt !== null && entry.expiresAt <= now()) return 'expired';
      noteUse(entry.id);
      return entry;
    },
    async get(id) {
      const found = await byId(id);
      return found && listed(found[1], await redis.hget(keys.apiKeyUse, id));
    },
    async list(tenant) {
      const entries = (await registry.all()).map(([, entry]) => entry);
      const used = await redis.hgetall(keys.apiKeyUse);
      return entries
        .filter((entry) => tenant === undefined || entry.tenant === tenant)
        .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1))
        .map((entry) => listed(entry, used[entry.id]));
    },
    async revoke(id) {
      const found = await byId(id);
      if (!found) return undefined;
      const [hash, entry] = found;
      const revoked = { ...entry, revokedAt: entry.revokedAt ?? now() };
      await registry.override(hash, revoked);
      return listed(revoked, await redis.hget(keys.apiKeyUse, id));
    },
    async removeAll(tenant) {
      for (const [hash, entry] of await registry.all()) {
        if (entry.tenant !== tenant) continue;
        await registry.remove(hash);
        await redis.hdel(keys.apiKeyUse, entry.id);
      }
    },
  };
}
