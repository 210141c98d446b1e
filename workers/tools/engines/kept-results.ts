import { LRUCache } from 'lru-cache';

export interface KeptResults<Result extends object> {
  /**
   * @param compute is given a signal that is aborted once nobody waits for the result any more
   * @throws what `compute` throws; the caller's signal's reason, at once
   */
  get(key: string, compute: (signal: AbortSignal) => Promise<Result>, signal?: AbortSignal): Promise<Result>;
  clear(): void;
}

interface Shared<Result> {
  readonly result: Promise<Result>;
  readonly control: AbortController;
  callers: number;
}

/**
 * Results that cost seconds and are asked for again: the last of them, within a number of bytes. What is being computed
 * is shared too: two that ask at the same time wait for one computation, and one that leaves does not spoil it.
 * @param sizeOf bytes of a result
 */
export function keptResults<Result extends object>(
  mostBytes: number,
  sizeOf: (result: Result) => number,
): KeptResults<Result> {
  const kept = new LRUCache<string, Result>({
    maxSize: mostBytes,
    // Keys may hold all that was asked for.
    sizeCalculation: (result, key) => sizeOf(result) + key.length + 200,
  });
  const running = new Map<string, Shared<Result>>();

  function start(key: string, compute: (signal: AbortSignal) => Promise<Result>): Shared<Result> {
    const control = new AbortController();
    const result = compute(control.signal).then((done) => {
      kept.set(key, done);
      return done;
    });
    const shared = { result, control, callers: 0 };
    const over = (): void => {
      if (running.get(key) === shared) running.delete(key);
    };
    result.then(over, over);
    running.set(key, shared);
    return shared;
  }

  return {
    async get(key, compute, signal) {
      signal?.throwIfAborted();
      const known = kept.get(key);
      if (known) return known;
      const shared = running.get(key) ?? start(key, compute);
      shared.callers++;
      const { promise: left, reject } = Promise.withResolvers<never>();
      const leave = (): void => reject(signal?.reason);
      signal?.addEventListener('abort', leave, { once: true });
      try {
        return await Promise.race([shared.result, left]);
      } finally {
        signal?.removeEventListener('abort', leave);
        shared.callers--;
        if (shared.callers === 0 && running.get(key) === shared) {
          // Whoever asks from now on starts anew.
          running.delete(key);
          shared.control.abort(signal?.reason);
        }
      }
    },
    clear: () => kept.clear(),
  };
}
