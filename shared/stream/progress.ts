/**
 * What a model says, while it says it: told over Redis' pub/sub by the worker to whoever listens just then, and kept
 * nowhere. A turn that is repeated may say it differently, so nothing of this is part of a run's events; what counts is
 * the finished step. Each message holds the whole of the turn so far, so that one that was missed, or that a slow client
 * had no time for, does no harm.
 */
import type { Redis } from 'ioredis';
import type { Run } from '../contract.ts';
import { keys } from '../keys.ts';

export interface Progress {
  /** Of the turn that is under way. */
  readonly step: number;
  /** What it says so far, as it comes: still in the dialect of the model. */
  readonly text: string;
}

/** Of all pieces that come in this time, one message is made. */
const EVERY_MS = 100;

/** Takes the pieces of one turn. */
export interface ProgressTeller {
  say(piece: string): void;
  /** Nothing more is told: the turn has been said or given up. */
  end(): void;
}

/** @returns undefined for a run whose request did not ask for it */
export function tellProgress(redis: Redis, run: Pick<Run, 'id' | 'step' | 'config'>): ProgressTeller | undefined {
  if (run.config.progress !== true) return undefined;
  const channel = keys.progressChannel(run.id);
  let text = '';
  let timer: NodeJS.Timeout | undefined;
  let last = Number.NEGATIVE_INFINITY;
  const tell = (): void => {
    timer = undefined;
    last = performance.now();
    const message: Progress = { step: run.step, text };
    // Nobody may be there to hear it, and a Redis that is away is not worth a word: the step itself will tell.
    if (redis.status === 'ready') redis.publish(channel, JSON.stringify(message)).catch(() => undefined);
  };
  return {
    say(piece) {
      text += piece;
      timer ??= setTimeout(tell, Math.max(0, last + EVERY_MS - performance.now()));
    },
    end() {
      clearTimeout(timer);
    },
  };
}

export interface ProgressEar {
  /** Hears what is said from now on. @returns what ends it */
  listen(runId: string, hear: (progress: Progress) => void): () => void;
  close(): void;
}

/** @param connect opens a connection of its own, that waits for a Redis that is away: opened with the first listener */
export function openProgressEar(connect: () => Redis): ProgressEar {
  const listeners = new Map<string, Set<(progress: Progress) => void>>();
  let redis: Redis | undefined;

  function open(): Redis {
    const opened = connect();
    opened.on('message', (channel, message) => {
      const heard = listeners.get(channel);
      if (!heard) return;
      const progress = JSON.parse(message) as Progress;
      for (const hear of heard) hear(progress);
    });
    return opened;
  }

  return {
    listen(runId, hear) {
      redis ??= open();
      const channel = keys.progressChannel(runId);
      const heard = listeners.get(channel) ?? new Set();
      if (heard.size === 0) redis.subscribe(channel).catch(() => undefined);
      listeners.set(channel, heard.add(hear));
      return () => {
        heard.delete(hear);
        if (heard.size > 0 || listeners.get(channel) !== heard) return;
        listeners.delete(channel);
        redis?.unsubscribe(channel).catch(() => undefined);
      };
    },
    close: () => redis?.disconnect(),
  };
}
