/** Follows a run from any process to its end: what it has to say beyond a number, and signs of life in between. */
import { codeOf, ruleOf } from '../errors.ts';
import { type RunView, statusOf } from '../response.ts';
import { type FindParts, findRun } from '../run/find-run.ts';
import type { RunWaits } from '../run/run-waits.ts';
import type { Progress, ProgressEar } from './progress.ts';

export interface FollowParts extends FindParts {
  readonly waits: RunWaits;
  readonly progress: ProgressEar;
}

export type Followed<Event> =
  | { readonly is: 'event'; readonly event: Event }
  | { readonly is: 'progress'; readonly progress: Progress }
  /** Nothing has happened for `WAITING_MS`. */
  | { readonly is: 'waiting' }
  /** The last one: all has been said. */
  | { readonly is: 'ended'; readonly run: RunView }
  /** The last one: the run was deleted. */
  | { readonly is: 'gone' }
  /** The last one: this process stops; another one goes on from where the client is. */
  | { readonly is: 'stopping' };

/** Proxies close connections that say nothing for a minute, some for half of one. */
const WAITING_MS = 15_000;
/** A Redis or store that is away is asked again after this. */
const AGAIN_MS = 500;

export interface Following<Event> {
  readonly tenant: string;
  readonly runId: string;
  /** How many events of the run are left out: those that the client has. */
  readonly skip: number;
  /** All events of a run as it is; those of an earlier time are the first ones of a later one. */
  readonly eventsOf: (run: RunView) => readonly Event[];
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
  /** Milliseconds without a word after which it says that it waits. */
  readonly waitingMs?: number;
}

/**
 * Reads no further than it is asked to: a client that is slow is told the same, later, and costs no memory meanwhile.
 * @throws an error that waiting does not mend
 */
export async function* follow<Event>(
  parts: FollowParts,
  { tenant, runId, skip, eventsOf, signal, waitingMs = WAITING_MS }: Following<Event>,
): AsyncGenerator<Followed<Event>, void, undefined> {
  const bell = openBell();
  const unsaid: Progress[] = [];
  let told = skip;
  let quietSince = performance.now();
  let look = true;
  /** Steps whose events have been told: what is said of them comes too late. */
  let finished = 0;
  let away = false;
  const stopWatching = parts.waits.watch(runId, bell.ring);
  let stopListening: (() => void) | undefined;
  signal.addEventListener('abort', bell.ring, { once: true });
  try {
    while (!signal.aborted) {
      if (parts.waits.released) {
        yield { is: 'stopping' };
        return;
      }
      if (look) {
        const run = await findPatiently(parts, tenant, runId);
        look = false;
        away = run === 'away';
        if (run === undefined) {
          yield { is: 'gone' };
          return;
        }
        if (run !== 'away') {
          const events = eventsOf(run);
          for (; told < events.length; told++) {
            const event = events[told];
            if (event !== undefined) yield { is: 'event', event };
            quietSince = performance.now();
          }
          finished = run.steps.length;
          if (hasEnded(run)) {
            yield { is: 'ended', run };
            return;
          }
          if (run.config.progress === true) {
            stopListening ??= parts.progress.listen(runId, (progress) => {
              // The last one says all of them: whoever has no time for each of them misses none of the words.
              unsaid[0] = progress;
              bell.touch();
            });
          }
        }
      }
      for (let progress = unsaid.pop(); progress !== undefined; progress = unsaid.pop()) {
        if (progress.step < finished) continue;
        yield { is: 'progress', progress };
        quietSince = performance.now();
      }
      const quiet = performance.now() - quietSince;
      const why = await bell.rung(away ? AGAIN_MS : Math.max(1, waitingMs - quiet));
      look = away || why === 'rung';
      if (performance.now() - quietSince >= waitingMs) {
        yield { is: 'waiting' };
        quietSince = performance.now();
      }
    }
  } finally {
    stopWatching();
    stopListening?.();
    signal.removeEventListener('abort', bell.ring);
  }
}

const hasEnded = (run: RunView): boolean => !['queued', 'in_progress'].includes(statusOf(run));

/** @returns 'away' when Redis or the store cannot be asked now */
async function findPatiently(parts: FindParts, tenant: string, runId: string): Promise<RunView | 'away' | undefined> {
  try {
    return await findRun(parts, tenant, runId);
  } catch (error) {
    if (ruleOf(codeOf(error)).run === 'wait') return 'away';
    throw error;
  }
}

interface Bell {
  /** Something has changed: it is to be looked at. Remembered until somebody waits. */
  readonly ring: () => void;
  /** Wakes whoever waits, and is forgotten. */
  readonly touch: () => void;
  rung(withinMs: number): Promise<'rung' | 'touched' | 'late'>;
}

function openBell(): Bell {
  let rung = false;
  let wake: ((why: 'rung' | 'touched' | 'late') => void) | undefined;
  return {
    ring() {
      rung = true;
      wake?.('rung');
    },
    touch: () => wake?.('touched'),
    rung(withinMs) {
      return new Promise((resolve) => {
        const timer = setTimeout(() => wake?.('late'), rung ? 0 : withinMs);
        wake = (why) => {
          clearTimeout(timer);
          wake = undefined;
          const was = rung;
          rung = false;
          resolve(was ? 'rung' : why);
        };
      });
    },
  };
}
