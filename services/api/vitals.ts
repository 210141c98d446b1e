/** Signs of life that many requests ask for: looked at once a second at most, however many ask. */
import type { Redis } from 'ioredis';
import { CotaError } from '../../shared/errors.ts';
import type { ObjectStore } from '../../shared/object-store.ts';
import { memoryShare, requireNoEviction } from '../../shared/redis.ts';

/** Past this share of Redis' memory, new work is refused, so that what was accepted can be finished. */
export const MEMORY_LIMIT = 0.75;
const FRESH_MS = 1_000;
/** A store that takes longer than this to keep a few bytes is no store to send work to. */
const STORE_PATIENCE_MS = 5_000;

export interface Vitals {
  /** @throws CotaError `overloaded`, or a Redis error */
  assertRoom(): Promise<void>;
  /** Epoch milliseconds of Redis' clock as of the last `assertRoom`: deadlines are judged by it. */
  now(): number;
  /** @throws what is wrong with Redis or the store */
  assertReady(): Promise<void>;
}

export function openVitals(redis: Redis, objects: ObjectStore): Vitals {
  let aheadMs = 0;
  const share = atMostEvery(FRESH_MS, async () => {
    const [used, [seconds]] = await Promise.all([memoryShare(redis), redis.time()]);
    // Whole seconds would do for deadlines, but not be fair to short ones: a clock that is right within one is left alone.
    const difference = Number(seconds) * 1000 - Date.now();
    aheadMs = Math.abs(difference) > 1_500 ? difference : 0;
    return used;
  });
  const ready = atMostEvery(FRESH_MS, async () => {
    await requireNoEviction(redis);
    await within(STORE_PATIENCE_MS, objects.check());
  });
  return {
    async assertRoom() {
      if ((await share()) < MEMORY_LIMIT) return;
      throw new CotaError('overloaded', 'The cluster is full: Redis has no room for more runs. Try again shortly.', {
        retryAfterMs: 5_000,
      });
    },
    now: () => Date.now() + aheadMs,
    assertReady: () => ready(),
  };
}

/** Shares one look among all who ask within `ms`; a failed look is told to those who waited for it, then forgotten. */
function atMostEvery<T>(ms: number, look: () => Promise<T>): () => Promise<T> {
  let last: { readonly at: number; readonly result: Promise<T> } | undefined;
  return () => {
    if (last && performance.now() - last.at < ms) return last.result;
    const result = look();
    last = { at: performance.now(), result };
    result.catch(() => {
      if (last?.result === result) last = undefined;
    });
    return result;
  };
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new CotaError('store_away', `The object store did not answer within ${ms / 1000} s.`));
    }, ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
