/**
 * Would a restart help? That alone is what /livez says. A Redis that is away is no reason: a new process would wait for
 * it just the same, and an orchestrator that restarts everything makes an outage longer. Two states are:
 *
 * - this process' connection is dead although Redis answers a new one, as after a fail-over whose old socket nobody closed;
 * - a queue of this process has steps waiting all the time, and this process, with nothing to do, takes none.
 *
 * Both must hold at every look for minutes, so that what mends itself is left alone.
 */
import type { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Env } from './env.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Queues } from './queues.ts';
import { answersAnew } from './redis.ts';
import type { Log } from './telemetry.ts';

export interface Liveness {
  /** Counts what a queue's processor takes. */
  counted<Args extends unknown[], Result>(
    queue: string,
    process: (...args: Args) => Promise<Result>,
  ): (...args: Args) => Promise<Result>;
  /** @returns the worker */
  watch<W extends Pick<Worker, 'isPaused'>>(queue: string, worker: W): W;
  /** Looks now and then until the process stops. */
  start(): void;
  look(): Promise<void>;
  /** Why a restart would help; undefined = it would not. */
  trouble(): string | undefined;
}

export interface LivenessParts {
  readonly env: Pick<Env, 'COTA_REDIS_URL'>;
  readonly redis: Redis;
  readonly queues: Queues;
  readonly lifecycle: Lifecycle;
  readonly log: Log;
}

/** Three minutes. */
const LOOKS = 12;
const LOOK_MS = 15_000;
const ANSWER_MS = 5_000;

interface Watched {
  readonly worker: Pick<Worker, 'isPaused'>;
  /** `taken` as of the last look. */
  seen: number;
  /** Looks in a row at which steps waited and none was taken. */
  deaf: number;
}

/**
 * @param options.looks looks in a row after which trouble is believed
 * @param options.answerMs how long Redis may take for an answer
 */
export function openLiveness(
  { env, redis, queues, lifecycle, log }: LivenessParts,
  { looks = LOOKS, answerMs = ANSWER_MS }: { readonly looks?: number; readonly answerMs?: number } = {},
): Liveness {
  const counts = new Map<string, { taken: number; active: number }>();
  const countsOf = (queue: string) => {
    const known = counts.get(queue) ?? { taken: 0, active: 0 };
    counts.set(queue, known);
    return known;
  };
  const watched = new Map<string, Watched>();
  let silent = 0;
  let told: string | undefined;

  /** Does nothing but wait: is it because there is nothing to do? */
  async function isDeaf(name: string, { worker, seen }: Watched): Promise<boolean> {
    const { taken, active } = countsOf(name);
    if (taken !== seen || active > 0 || worker.isPaused()) return false;
    return (await queues.waiting(name)) > 0 && !(await queues.get(name).isPaused());
  }

  async function look(): Promise<void> {
    if (!(await answers(redis, answerMs))) {
      silent = (await answersAnew(env.COTA_REDIS_URL, answerMs)) ? silent + 1 : 0;
      for (const one of watched.values()) one.deaf = 0;
      return;
    }
    silent = 0;
    for (const [name, one] of watched) {
      one.deaf = (await isDeaf(name, one)) ? one.deaf + 1 : 0;
      one.seen = countsOf(name).taken;
    }
  }

  function trouble(): string | undefined {
    if (lifecycle.stopping) return undefined;
    if (silent >= looks) return 'Redis answers, but not on the connection of this process';
    const deaf = [...watched].find(([, one]) => one.deaf >= looks)?.[0];
    return deaf === undefined ? undefined : `steps wait in ${deaf}, and this process takes none`;
  }

  return {
    counted: (queue, process) => {
      const count = countsOf(queue);
      const counting = async (...args: Parameters<typeof process>) => {
        count.taken += 1;
        count.active += 1;
        try {
          return await process(...args);
        } finally {
          count.active -= 1;
        }
      };
      // BullMQ gives an abort signal to processors that declare three parameters, and to no others.
      return Object.defineProperty(counting, 'length', { value: process.length });
    },
    watch(queue, worker) {
      watched.set(queue, { worker, seen: 0, deaf: 0 });
      return worker;
    },
    start() {
      let looking = false;
      const timer = setInterval(() => {
        if (looking) return;
        looking = true;
        // A look that hangs was caught by the very thing that it looks for: the next one will tell.
        const late = new Promise<void>((resolve) => setTimeout(resolve, LOOK_MS, undefined).unref());
        Promise.race([look(), late])
          .catch((error: unknown) => log.debug({ error }, 'cannot look after this process now'))
          .finally(() => {
            looking = false;
            const now = trouble();
            if (now !== undefined && now !== told) log.error({ trouble: now }, 'this process should be restarted');
            told = now;
          });
      }, LOOK_MS);
      timer.unref();
      lifecycle.onStop('liveness', () => clearInterval(timer));
    },
    look,
    trouble,
  };
}

async function answers(redis: Redis, withinMs: number): Promise<boolean> {
  // Otherwise the question would wait in the process for Redis to come back.
  if (redis.status !== 'ready') return false;
  const late = new Promise<false>((resolve) => setTimeout(resolve, withinMs, false).unref());
  const answer = redis.ping().then(
    () => true,
    () => false,
  );
  return Promise.race([answer, late]);
}
