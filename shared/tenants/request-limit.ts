/** Requests of a tenant per minute, over all API processes: a bucket in Redis that refills evenly. */
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { keys } from '../keys.ts';

export interface RequestToken {
  readonly taken: boolean;
  readonly remaining: number;
  /** Until there is a token again. */
  readonly nextMs: number;
  /** Until the bucket is full. */
  readonly fullMs: number;
  /** Runs that the tenant has open, lines of batches aside. */
  readonly openRuns: number;
}

/** @returns takes a token of the tenant, in one call of Redis */
export function openRequestLimit(redis: Redis): (tenant: string, perMinute: number) => Promise<RequestToken> {
  const lua = readFileSync(new URL('../lua/request-limit.lua', import.meta.url), 'utf8');
  redis.defineCommand('cotaRequest', { numberOfKeys: 2, lua });
  const script = redis as unknown as {
    cotaRequest(bucket: string, open: string, perMinute: number): Promise<[number, number, number, number, number]>;
  };
  return async (tenant, perMinute) => {
    const reply = await script.cotaRequest(keys.requests(tenant), keys.openRuns(tenant), perMinute);
    const [taken, remaining, nextMs, fullMs, openRuns] = reply;
    return { taken: taken === 1, remaining, nextMs, fullMs, openRuns };
  };
}
