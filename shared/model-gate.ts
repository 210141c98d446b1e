/**
 * What all processes that serve one model share: a breaker (the engine is away: runs wait, nobody spends an attempt)
 * and a limiter (requests at a time, tokens per minute). Both live in Redis, under the model's own hash tag.
 */
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { keys, slugOf } from './keys.ts';

export interface ModelLimits {
  readonly concurrency?: number | undefined;
  readonly tokensPerMinute?: number | undefined;
}

export interface ModelGate {
  /** Milliseconds until the engine may be tried again; 0 = it is not known to be away. */
  openForMs(): Promise<number>;
  /** How often it was found away since it last answered; 0 = all is well. Forgotten two minutes after the pause. */
  trips(): Promise<number>;
  /** The engine was found away: all processes of this model stop taking work. Once per pause, however many find it. */
  trip(retryAfterMs: number | undefined): Promise<void>;
  /** One process at a time asks the engine whether it is back. @returns true for that process */
  mayProbe(forMs: number): Promise<boolean>;
  /** The engine answered: everybody goes on. */
  reset(): Promise<void>;
  /**
   * Takes a slot and tokens for one request.
   * @param lease a name of this request; the slot falls free by itself after `leaseMs` if the process dies
   * @returns 0 when taken, else milliseconds to wait before asking again
   */
  acquire(lease: string, tokens: number, leaseMs: number): Promise<number>;
  /** Gives the slot back and settles the estimate. */
  release(lease: string, estimatedTokens: number, usedTokens: number): Promise<void>;
}

const TRIP_BASE_MS = 1_000;
const TRIP_MOST_MS = 30_000;
/** An engine may ask for a longer pause than ours, up to this. */
const ASKED_MOST_MS = 600_000;
const REMEMBER_MS = 120_000;
const script = readFileSync(new URL('./lua/limit.lua', import.meta.url), 'utf8');
const tripScript = readFileSync(new URL('./lua/trip.lua', import.meta.url), 'utf8');

export function openModelGate(redis: Redis, modelId: string, limits: ModelLimits): ModelGate {
  const slug = slugOf(modelId);
  redis.defineCommand('cotaLimit', { numberOfKeys: 2, lua: script });
  redis.defineCommand('cotaTrip', { numberOfKeys: 3, lua: tripScript });
  type Script = (...args: (string | number)[]) => Promise<number>;
  const scripts = redis as unknown as { readonly cotaLimit: Script; readonly cotaTrip: Script };
  const tripsKey = `${keys.breaker(slug)}:trips`;
  const limited = limits.concurrency !== undefined || limits.tokensPerMinute !== undefined;
  const call = (mode: string, lease: string, tokens: number, leaseMs: number): Promise<number> =>
    scripts.cotaLimit(
      ...[keys.limitSlots(slug), keys.limitTokens(slug), mode, lease],
      ...[limits.concurrency ?? 0, limits.tokensPerMinute ?? 0, Math.ceil(tokens), leaseMs],
    );
  return {
    async openForMs() {
      return Math.max(0, await redis.pttl(keys.breaker(slug)));
    },
    async trips() {
      return Number((await redis.get(tripsKey)) ?? 0);
    },
    async trip(retryAfterMs) {
      await scripts.cotaTrip(
        ...[keys.breaker(slug), tripsKey, keys.breakerProbe(slug)],
        ...[retryAfterMs ?? '', TRIP_BASE_MS, TRIP_MOST_MS, ASKED_MOST_MS, REMEMBER_MS],
      );
    },
    mayProbe: async (forMs) => (await redis.set(keys.breakerProbe(slug), '1', 'PX', forMs, 'NX')) === 'OK',
    async reset() {
      await redis.del(keys.breaker(slug), tripsKey, keys.breakerProbe(slug));
    },
    acquire: async (lease, tokens, leaseMs) => (limited ? call('acquire', lease, tokens, leaseMs) : 0),
    async release(lease, estimatedTokens, usedTokens) {
      if (limited) await call('release', lease, usedTokens - estimatedTokens, 0);
    },
  };
}
