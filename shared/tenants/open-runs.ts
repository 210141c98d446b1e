/**
 * The runs that a tenant has open, those of batches aside: a set of ids, so that entering and leaving may be repeated.
 * A run enters before it is created; what a process that died in between has left, the scheduler finds.
 */
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import type { Run } from '../contract.ts';
import { CotaError } from '../errors.ts';
import { keys } from '../keys.ts';
import type { Tenants } from './tenants.ts';

export interface OpenRuns {
  /** @throws CotaError `too_many_open_runs`, or one that says why the tenant can make no runs at all just now */
  enter(tenant: string, runId: string): Promise<void>;
  leave(run: Pick<Run, 'tenant' | 'id'>): Promise<void>;
  count(tenant: string): Promise<number>;
  /** Lets go of runs that are closed or gone; yields after each thousand. */
  reconcile(tenant: string, olderThanMs: number): AsyncGenerator<void>;
}

const PAGE = 1_000;
/** Runs last seconds to minutes: asking more often is of no use. */
const RETRY_MS = 5_000;

export const tooManyOpenRuns = (places: number): CotaError =>
  new CotaError(
    'too_many_open_runs',
    `This tenant has ${places.toLocaleString('en')} runs open, which is its quota: wait for some to end, or send them as a batch, whose lines do not count.`,
    { retryAfterMs: RETRY_MS },
  );

export const erasing = (): CotaError =>
  new CotaError('tenant_erasing', 'All data of this tenant is being deleted: try again when that is done.', {
    retryAfterMs: 30_000,
  });

export function openOpenRuns(redis: Redis, tenants: Tenants): OpenRuns {
  const lua = readFileSync(new URL('../lua/open-run.lua', import.meta.url), 'utf8');
  redis.defineCommand('cotaOpenRun', { numberOfKeys: 1, lua });
  const script = redis as unknown as { cotaOpenRun(key: string, runId: string, places: number): Promise<number> };
  return {
    async enter(tenant, runId) {
      const entry = await tenants.known(tenant);
      if (!entry || entry.erasing) throw erasing();
      const { openRuns: places } = tenants.quotasOf(entry);
      const got = await script.cotaOpenRun(keys.openRuns(tenant), runId, places);
      if (got === 0) throw tooManyOpenRuns(places);
    },
    async leave({ tenant, id }) {
      await redis.zrem(keys.openRuns(tenant), id);
    },
    count: (tenant) => redis.zcard(keys.openRuns(tenant)),
    async *reconcile(tenant, olderThanMs) {
      const key = keys.openRuns(tenant);
      const [seconds] = await redis.time();
      const before = Number(seconds) * 1000 - olderThanMs;
      let passed = 0;
      for (;;) {
        const ids = await redis.zrangebyscore(key, '-inf', String(before), 'LIMIT', passed, PAGE);
        if (ids.length === 0) return;
        const pipeline = redis.pipeline();
        for (const id of ids) pipeline.hget(keys.run(id), 'status');
        const replies = (await pipeline.exec()) ?? [];
        const over = ids.filter((_, index) => {
          const [error, status] = replies[index] ?? [new Error('no reply')];
          if (error) throw error;
          return status === null || status === 'closed';
        });
        if (over.length > 0) await redis.zrem(key, ...over);
        passed += ids.length - over.length;
        yield;
      }
    },
  };
}
