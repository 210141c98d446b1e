import type { Redis } from 'ioredis';
import { keys } from '../../shared/keys.ts';

/**
 * One scheduler acts at a time. The token rises with every change of hands and tells, in logs, whose term it was; writes
 * need none, since each script compares the record before it changes it.
 */
export interface Lease {
  /** Takes or renews the lease. @returns the token while this process holds it, undefined otherwise */
  hold(): Promise<number | undefined>;
  release(): Promise<void>;
}

const RENEW = `
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return tonumber(redis.call('GET', KEYS[2]) or 0)
end
if redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') then
  return redis.call('INCR', KEYS[2])
end
return -1`;

const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0`;

/** @param forMs how long the lease lasts without renewal */
export function openLease(redis: Redis, name: string, holder: string, forMs: number): Lease {
  return {
    async hold() {
      const token = Number(await redis.eval(RENEW, 2, keys.lease(name), keys.leaseToken(name), holder, forMs));
      return token < 0 ? undefined : token;
    },
    async release() {
      await redis.eval(RELEASE, 1, keys.lease(name), holder);
    },
  };
}
