/** Tenants: who they are, what they may use, and how long what is theirs is kept. */
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { Env } from '../env.ts';
import { codeOf } from '../errors.ts';
import { openRegistry, type RegistryParts } from './registry.ts';

/** The tenant of the key in the settings; it is there without having been made. */
export const DEFAULT_TENANT = 'default';

/** Ids are part of store paths and Redis keys: nothing else may ever stand in them. */
export const TENANT_ID = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

const limit = z.int().nonnegative().nullable();

export const tenant = z.object({
  id: z.string().regex(TENANT_ID),
  name: z.string(),
  /** null = that of the cluster's settings, 0 = any. */
  quotas: z.object({ requestsPerMinute: limit, openRuns: limit, storedBytes: limit }),
  /** null = that of the cluster's settings, 0 = for ever. */
  retentionDays: z.object({ runs: limit, files: limit }),
  /** Unix seconds. */
  createdAt: z.int(),
  disabled: z.boolean(),
  /** All that it has is being deleted, and with `remove` the tenant itself. */
  erasing: z.object({ requestedAt: z.int(), remove: z.boolean() }).nullable(),
});
export type Tenant = z.infer<typeof tenant>;

export interface Quotas {
  readonly requestsPerMinute: number;
  readonly openRuns: number;
  readonly storedBytes: number;
}

export interface RetentionDays {
  readonly runs: number;
  readonly files: number;
}

export interface Tenants {
  /** As it was at most two seconds ago: for requests. */
  known(id: string): Promise<Tenant | undefined>;
  get(id: string): Promise<Tenant | undefined>;
  /** By id. */
  all(): Promise<readonly Tenant[]>;
  /** Writes it, whatever there was: for what nobody else changes at the same time. */
  put(entry: Tenant): Promise<void>;
  /** @returns false where there is one of this id already: it is left alone */
  create(entry: Tenant): Promise<boolean>;
  /**
   * Makes of a tenant what `next` says of it; asked again where others have changed it meanwhile.
   * @returns the tenant as it is now; undefined where there is none, which `next` is not asked about
   */
  change(id: string, next: (now: Tenant) => Tenant): Promise<Tenant | undefined>;
  remove(id: string): Promise<void>;
  /** What holds, with the cluster's values where the tenant has none. 0 = any. */
  quotasOf(entry: Tenant): Quotas;
  /** 0 = for ever. */
  retentionOf(entry: Tenant): RetentionDays;
}

/** How long an API process goes on with what it knows of a tenant. */
export const TENANT_FRESH_MS = 2_000;

export function newTenant(id: string, createdAt: number): Tenant {
  return {
    ...{ id, name: id, createdAt, disabled: false, erasing: null },
    quotas: { requestsPerMinute: null, openRuns: null, storedBytes: null },
    retentionDays: { runs: null, files: null },
  };
}

export function openTenants(parts: RegistryParts, env: Env): Tenants {
  const registry = openRegistry(parts, 'tenants', tenant);
  const fresh = new LRUCache<string, { readonly entry: Tenant | undefined }>({ max: 10_000, ttl: TENANT_FRESH_MS });
  const implied = newTenant(DEFAULT_TENANT, 0);

  async function get(id: string): Promise<Tenant | undefined> {
    return (await registry.get(id)) ?? (id === DEFAULT_TENANT ? implied : undefined);
  }

  return {
    get,
    async known(id) {
      const seen = fresh.get(id);
      if (seen) return seen.entry;
      try {
        const entry = await get(id);
        fresh.set(id, { entry });
        return entry;
      } catch (error) {
        // The cluster's own tenant works with the settings' values, rather than not at all.
        if (id === DEFAULT_TENANT && codeOf(error) === 'store_away') return implied;
        throw error;
      }
    },
    async all() {
      const entries = (await registry.all()).map(([, entry]) => entry);
      if (!entries.some((entry) => entry.id === DEFAULT_TENANT)) entries.push(implied);
      return entries.sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    async put(entry) {
      await registry.put(entry.id, tenant.parse(entry));
      fresh.delete(entry.id);
    },
    async create(entry) {
      const checked = tenant.parse(entry);
      let fits = false;
      await registry.change(entry.id, (now) => {
        fits = now === undefined && entry.id !== DEFAULT_TENANT;
        return fits ? checked : undefined;
      });
      fresh.delete(entry.id);
      return fits;
    },
    async change(id, next) {
      const changed = await registry.change(id, (stored) => {
        const now = stored ?? (id === DEFAULT_TENANT ? implied : undefined);
        return now && tenant.parse(next(now));
      });
      fresh.delete(id);
      return changed;
    },
    async remove(id) {
      await registry.remove(id);
      fresh.delete(id);
    },
    quotasOf: ({ quotas }) => ({
      requestsPerMinute: quotas.requestsPerMinute ?? env.COTA_QUOTA_REQUESTS_PER_MINUTE,
      openRuns: quotas.openRuns ?? env.COTA_QUOTA_OPEN_RUNS,
      storedBytes: quotas.storedBytes ?? env.COTA_QUOTA_STORED_BYTES,
    }),
    retentionOf: ({ retentionDays }) => ({
      runs: retentionDays.runs ?? env.COTA_RETENTION_RUNS_DAYS,
      files: retentionDays.files ?? env.COTA_RETENTION_FILES_DAYS,
    }),
  };
}
