/**
 * Waits for runs, for requests that hold the line: for their end, or for each change of theirs. One loop per process
 * asks for all of them in one round trip: each run the less often the longer nothing has changed in it, so that a change
 * is noticed within 15 % of the time it took and half a second at most. A Redis that is away for a while only makes it
 * later.
 */
import type { Redis } from 'ioredis';
import { keys } from '../keys.ts';

export interface RunWaits {
  /** Resolves when the run is closed or gone, `ms` have passed, the signal is aborted, or `release` is called. */
  closed(runId: string, ms: number, signal: AbortSignal): Promise<void>;
  /**
   * Rings at the first look, whenever the run has moved since the look before, when it is gone, and on `release`.
   * @returns what ends it
   */
  watch(runId: string, ring: () => void): () => void;
  /** Ends all waits at once, and those to come: the process is about to stop. */
  release(): void;
  readonly released: boolean;
}

const SHARE = 0.15;
const LEAST_MS = 20;
const MOST_MS = 500;

interface Wait {
  readonly runId: string;
  /** When something last changed, as far as is known here. */
  since: number;
  next: number;
  /** @returns true when something has changed */
  readonly seen: (status: string | null, seq: string | null) => boolean;
  readonly released: () => void;
}

export function openRunWaits(redis: Redis): RunWaits {
  const waits = new Set<Wait>();
  let timer: NodeJS.Timeout | undefined;
  let asking = false;
  let released = false;

  const pause = (wait: Wait, now: number): number => Math.min(MOST_MS, Math.max(LEAST_MS, (now - wait.since) * SHARE));

  function schedule(): void {
    if (asking || waits.size === 0) return;
    clearTimeout(timer);
    let next = Number.POSITIVE_INFINITY;
    for (const wait of waits) next = Math.min(next, wait.next);
    timer = setTimeout(round, Math.max(1, next - performance.now()));
  }

  async function round(): Promise<void> {
    asking = true;
    // Those that are due soon are asked for along with those that are due.
    const due = [...waits].filter((wait) => wait.next <= performance.now() + LEAST_MS / 2);
    try {
      const pipeline = redis.pipeline();
      for (const wait of due) pipeline.hmget(keys.run(wait.runId), 'status', 'seq');
      const replies = (await pipeline.exec()) ?? [];
      for (const [index, wait] of due.entries()) {
        const [error, values] = replies[index] ?? [new Error('no reply')];
        const now = performance.now();
        if (error) {
          wait.next = now + MOST_MS;
          continue;
        }
        const [status = null, seq = null] = values as (string | null)[];
        if (wait.seen(status, seq)) wait.since = now;
        wait.next = now + pause(wait, now);
      }
    } catch {
      for (const wait of due) wait.next = performance.now() + MOST_MS;
    }
    asking = false;
    schedule();
  }

  function add(runId: string, seen: Wait['seen'], onRelease: () => void): () => void {
    const since = performance.now();
    const wait: Wait = { runId, since, next: since + LEAST_MS, seen, released: onRelease };
    waits.add(wait);
    schedule();
    return () => void waits.delete(wait);
  }

  return {
    closed(runId, ms, signal) {
      if (released || signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const done = (): void => {
          stop();
          clearTimeout(limit);
          signal.removeEventListener('abort', done);
          resolve();
        };
        const over = (status: string | null): boolean => {
          if (status !== null && status !== 'closed') return false;
          done();
          return true;
        };
        const stop = add(runId, over, done);
        const limit = setTimeout(done, ms);
        signal.addEventListener('abort', done, { once: true });
      });
    },
    watch(runId, ring) {
      if (released) return () => undefined;
      let known: string | null | undefined;
      const moved = (_status: string | null, seq: string | null): boolean => {
        if (seq === known) return false;
        known = seq;
        ring();
        return true;
      };
      return add(runId, moved, ring);
    },
    release() {
      released = true;
      clearTimeout(timer);
      for (const wait of [...waits]) wait.released();
      waits.clear();
    },
    get released() {
      return released;
    },
  };
}
