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

/**
 * closed: all is well. open: the engine is away, nobody asks it. trial: it answers its probe, which proves little, so
 * that one request at a time tries it. trusted: one of those brought text, so that all may go; that the engine was away
 * is remembered until a reply was complete.
 */
export interface BreakerState {
  readonly is: 'closed' | 'open' | 'trial' | 'trusted';
  /** Milliseconds until the engine may be asked whether it is back, while it is open. */
  readonly forMs: number;
  /** How often the engine was found away since it last completed a reply. */
  readonly trips: number;
}

export interface ModelGate {
  state(): Promise<BreakerState>;
  /** The engine was found away: all processes of this model stop taking work. Once per pause, however many find it. */
  trip(retryAfterMs: number | undefined): Promise<void>;
  /** One process at a time asks the engine whether it is back. @returns true for that process */
  mayProbe(forMs: number): Promise<boolean>;
  /** The engine answered its probe: requests may try it. */
  halfOpen(): Promise<void>;
  /** @returns true for the one request that may try the engine; by and by further ones, should it not say how it went */
  takeTrial(): Promise<boolean>;
  /** That request ended and says nothing of the engine: another one tries. */
  endTrial(): Promise<void>;
  /** That request is being answered: all may go. */
  trust(): Promise<void>;
  /** The engine completed a reply: it was never away. */
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
/** Trips are remembered after their pause for longer than a request on trial takes to find the engine away again. */
const REMEMBER_MS = 900_000;
const TRIAL_MS = 30_000;
const script = readFileSync(new URL('./lua/limit.lua', import.meta.url), 'utf8');
const tripScript = readFileSync(new URL('./lua/trip.lua', import.meta.url), 'utf8');

export function openModelGate(redis: Redis, modelId: string, limits: ModelLimits): ModelGate {
  const slug = slugOf(modelId);
  redis.defineCommand('cotaLimit', { numberOfKeys: 2, lua: script });
  redis.defineCommand('cotaTrip', { numberOfKeys: 5, lua: tripScript });
  type Script = (...args: (string | number)[]) => Promise<number>;
  const scripts = redis as unknown as { readonly cotaLimit: Script; readonly cotaTrip: Script };
  const openKey = keys.breaker(slug);
  const probeKey = keys.breakerProbe(slug);
  const tripsKey = `${openKey}:trips`;
  const halfKey = `${openKey}:half`;
  const trialKey = `${openKey}:trial`;
  const limited = limits.concurrency !== undefined || limits.tokensPerMinute !== undefined;
  const call = (mode: string, lease: string, tokens: number, leaseMs: number): Promise<number> =>
    scripts.cotaLimit(
      ...[keys.limitSlots(slug), keys.limitTokens(slug), mode, lease],
      ...[limits.concurrency ?? 0, limits.tokensPerMinute ?? 0, Math.ceil(tokens), leaseMs],
    );
  return {
    async state() {
      const [open, trips, tried] = (await redis.pipeline().pttl(openKey).get(tripsKey).get(halfKey).exec()) ?? [];
      const failed = open?.[0] ?? trips?.[0] ?? tried?.[0];
      if (failed) throw failed;
      const known = Number(trips?.[1] ?? 0);
      const forMs = Math.max(0, Number(open?.[1] ?? 0));
      // A probe that was good just when a request found the engine away does not cut the pause.
      const half = forMs === 0 && (tried?.[1] === 'trusted' || tried?.[1] === 'trial') ? tried[1] : 'open';
      return { is: known === 0 ? 'closed' : half, forMs, trips: known };
    },
    async trip(retryAfterMs) {
      await scripts.cotaTrip(
        ...[openKey, tripsKey, probeKey, halfKey, trialKey],
        ...[retryAfterMs ?? '', TRIP_BASE_MS, TRIP_MOST_MS, ASKED_MOST_MS, REMEMBER_MS],
      );
    },
    mayProbe: async (forMs) => (await redis.set(probeKey, '1', 'PX', forMs, 'NX')) === 'OK',
    async halfOpen() {
      await redis.pipeline().set(halfKey, 'trial', 'PX', REMEMBER_MS).del(probeKey).exec();
    },
    takeTrial: async () => (await redis.set(trialKey, '1', 'PX', TRIAL_MS, 'NX')) === 'OK',
    endTrial: async () => void (await redis.del(trialKey)),
    // Not where it was found away again meanwhile.
    trust: async () => void (await redis.set(halfKey, 'trusted', 'PX', REMEMBER_MS, 'XX')),
    async reset() {
      await redis.del(openKey, tripsKey, probeKey, halfKey, trialKey);
    },
    acquire: async (lease, tokens, leaseMs) => (limited ? call('acquire', lease, tokens, leaseMs) : 0),
    async release(lease, estimatedTokens, usedTokens) {
      if (limited) await call('release', lease, usedTokens - estimatedTokens, 0);
    },
  };
}
