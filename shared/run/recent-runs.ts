/**
 * The newest runs of a tenant that were made one by one, for lists. Only so many are remembered, so that an index of
 * runs costs Redis the same whatever is submitted: older ones are found by their id, and those of a batch through it.
 */
import type { Redis } from 'ioredis';
import { keys } from '../keys.ts';

/** About 100 kB of Redis for a tenant. */
export const MOST_RECENT = 1_000;

/** Runs in the order of the times in their ids, whatever their shard: `<ulid> <id>`. */
const member = (runId: string): string => `${runId.slice(6, 32)} ${runId}`;

/** Before the run is created, so that none is missing; may be repeated. */
export async function rememberRun(redis: Redis, tenant: string, runId: string): Promise<void> {
  const key = keys.recentRuns(tenant);
  await Promise.all([redis.zadd(key, '0', member(runId)), redis.zremrangebyrank(key, '0', String(-1 - MOST_RECENT))]);
}

export async function forgetRuns(redis: Redis, tenant: string, runIds: readonly string[]): Promise<void> {
  if (runIds.length > 0) await redis.zrem(keys.recentRuns(tenant), ...runIds.map(member));
}

/**
 * @param after the last run of the page before; it need not be there any more
 * @returns ids, the newest first; of runs that may have been deleted meanwhile
 */
export async function recentRuns(
  redis: Redis,
  tenant: string,
  { limit, after }: { readonly limit: number; readonly after: string | undefined },
): Promise<string[]> {
  const from = after === undefined ? '+' : `(${member(after)}`;
  const members = await redis.zrevrangebylex(keys.recentRuns(tenant), from, '-', 'LIMIT', 0, limit);
  return members.map((one) => one.slice(one.indexOf(' ') + 1));
}
