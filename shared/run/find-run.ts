/** Finds a run of a tenant: its record while Redis has it, then its trace in the store. Both give the same view. */
import type { Redis } from 'ioredis';
import { keys, paths } from '../keys.ts';
import { ObjectMissing, type ObjectStore } from '../object-store.ts';
import { type RunView, viewOfTrace } from '../response.ts';
import type { RunStore } from './run-store.ts';
import { readTrace } from './trace.ts';

export interface FindParts {
  readonly redis: Redis;
  readonly runs: RunStore;
  readonly objects: ObjectStore;
}

/** @returns undefined when the tenant has no such run, or has deleted it */
export async function findRun(parts: FindParts, tenant: string, runId: string): Promise<RunView | undefined> {
  const run = await parts.runs.read(runId);
  // A run of another tenant takes the same way, and the same time, as one that does not exist.
  if (run?.tenant === tenant) return run;
  if (await wasDeleted(parts.redis, runId)) return undefined;
  try {
    const { bytes } = await parts.objects.get(paths.trace(tenant, runId));
    return viewOfTrace(readTrace(bytes.toString()));
  } catch (error) {
    if (error instanceof ObjectMissing) return undefined;
    throw error;
  }
}

export async function wasDeleted(redis: Redis, runId: string): Promise<boolean> {
  return (await redis.exists(keys.deleted(runId))) === 1;
}
