/**
 * Waits for runs to be closed, for requests that hold the line. One loop per process asks for all of them in one
 * round trip: each run the less often the longer it has been waited for, so that an end is noticed within 15 % of
 * the time it took and half a second at most. A Redis that is away for a while only makes it later.
 */
import type { Redis } from 'ioredis';
import { keys } from '../keys.ts';

export interface RunWaits {
  /** Resolves when the run is closed or gone, `ms` have passed, the signal is aborted, or `release` is called. */
  closed(runId: string, ms: number, signal: AbortSignal): Promise<void>;
  /** Ends all waits at once, and those to come: the process is about to stop. */
  release(): void;
}

const SHARE = 0.15;
const LEAST_MS = 20;
const MOST_MS = 500;

interface Wait {
  readonly runId: string;
  readonly since: number;
  next: number;
  readonly done: () => void;
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
    const next = Math.min(...[...waits].map((wait) => wait.next));
    timer = setTimeout(round, Math.max(1, next - performance.now()));
  }

  async function round(): Promise<void> {
    asking = true;
    // Those that are due soon are asked for along with those that are due.
    const due = [...waits].filter((wait) => wait.next <= performance.now() + LEAST_MS / 2);
    try {
      const pipeline = redis.pipeline();
      for (const wait of due) pipeline.hget(keys.run(wait.runId), 'status');
      const replies = (await pipeline.exec()) ?? [];
      for (const [index, wait] of due.entries()) {
        const [error, status] = replies[index] ?? [new Error('no reply')];
        if (!error && (status === null || status === 'closed')) wait.done();
        else wait.next = performance.now() + (error ? MOST_MS : pause(wait, performance.now()));
      }
    } catch {
      for (const wait of due) wait.next = performance.now() + MOST_MS;
    }
    asking = false;
    schedule();
  }

  return {
    closed(runId, ms, signal) {
      if (released || signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const since = performance.now();
        const done = (): void => {
          waits.delete(wait);
          clearTimeout(limit);
          signal.removeEventListener('abort', done);
          resolve();
        };
        const wait: Wait = { runId, since, next: since + LEAST_MS, done };
        const limit = setTimeout(done, ms);
        signal.addEventListener('abort', done, { once: true });
        waits.add(wait);
        schedule();
      });
    },
    release() {
      released = true;
      clearTimeout(timer);
      for (const wait of [...waits]) wait.done();
    },
  };
}
