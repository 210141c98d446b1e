/**
 * Counts what a tenant has in the store, as a number in Redis that is set right by the scheduler's upkeep, which lists
 * the store. Between two of those it may be off by what a killed process was writing.
 */
import type { Redis } from 'ioredis';
import type { ImageRef } from '../contract.ts';
import { CotaError } from '../errors.ts';
import { keys } from '../keys.ts';
import type { StorageMeter } from './meter.ts';
import { erasing } from './open-runs.ts';
import type { Tenants } from './tenants.ts';

export interface TenantStorage extends StorageMeter {
  used(tenant: string): Promise<number>;
}

export function openStorageMeter(redis: Redis, tenants: Tenants): TenantStorage {
  const used = async (tenant: string): Promise<number> =>
    Math.max(0, Number((await redis.get(keys.stored(tenant))) ?? 0));
  return {
    used,
    async assertRoom(tenant, more) {
      const entry = await tenants.known(tenant);
      if (!entry || entry.erasing) throw erasing();
      const { storedBytes } = tenants.quotasOf(entry);
      if (storedBytes === 0) return;
      const kept = await used(tenant);
      if (kept + more <= storedBytes) return;
      const [has, may] = [kept, storedBytes].map((bytes) => bytes.toLocaleString('en'));
      throw new CotaError(
        'insufficient_quota',
        `This tenant has ${has} bytes stored and may have ${may}: delete files or responses, or ask the operator for more.`,
        { retryAfterMs: 60_000 },
      );
    },
    async add(tenant, bytes) {
      if (bytes !== 0) await redis.incrby(keys.stored(tenant), bytes);
    },
  };
}

/** Bytes of a run's images; one that stands under two names lies in the store once. */
export function imageBytes(images: readonly ImageRef[]): number {
  return [...new Map(images.map(({ key, bytes }) => [key, bytes])).values()].reduce((sum, bytes) => sum + bytes, 0);
}
