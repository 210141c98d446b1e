/** One process of the stack, kept alive: started again with growing pauses when it dies, ended in order at the end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { killGroup } from './identity.ts';
import { lastLines } from './logs.ts';

export interface ProcessSpec {
  /** `model-1`; also the name of its log file. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** How long it may take to end after SIGTERM, milliseconds. */
  readonly stopWithinMs: number;
}

export type ProcessEvent =
  | { readonly is: 'started'; readonly name: string; readonly pid: number }
  | {
      readonly is: 'ended';
      readonly name: string;
      readonly how: string;
      /** When it is started again; undefined where it was stopped. */
      readonly againInMs: number | undefined;
    }
  | {
      /** It died `deaths` times in a row soon after its start: trying again will hardly help. */
      readonly is: 'crash-loop';
      readonly name: string;
      readonly how: string;
      readonly deaths: number;
      /** The end of its log. */
      readonly lines: readonly string[];
      readonly logFile: string;
    };

export interface Supervised {
  readonly spec: ProcessSpec;
  /** Undefined while it waits to be started again, and after `stop`. */
  readonly pid: number | undefined;
  readonly restarts: number;
  /** SIGTERM, then SIGKILL after `stopWithinMs`; resolves when nothing of it is left. */
  stop(): Promise<void>;
  /** Ends a stop that takes too long for whoever waits. */
  hurry(): void;
}

export interface Timing {
  readonly firstPauseMs: number;
  readonly mostPauseMs: number;
  /** A process that lived this long was well: the next death counts as its first. */
  readonly healthyMs: number;
  /** Deaths in a row that make a crash loop. */
  readonly loopAt: number;
}

export const TIMING: Timing = { firstPauseMs: 250, mostPauseMs: 15_000, healthyMs: 10_000, loopAt: 3 };
/** Exit code of a process whose settings are wrong: it has said what to do, and a second start will say the same. */
const SETTINGS_WRONG = 2;

/**
 * Starts the process in a group of its own, so that Ctrl-C in the terminal reaches the stack and not its workers: they
 * are ended in order, after what they depend on them for.
 */
export function supervise(
  spec: ProcessSpec,
  onEvent: (event: ProcessEvent) => void,
  timing: Timing = TIMING,
): Supervised {
  let child: ChildProcess | undefined;
  let stopping = false;
  let restarts = 0;
  let deaths = 0;
  let pause: NodeJS.Timeout | undefined;
  let allGone = Promise.resolve();
  const { name, logFile } = spec;

  function start(): void {
    const log = openSync(logFile, 'a', 0o600);
    const startedAt = performance.now();
    const started = spawn(spec.command, spec.args, { env: spec.env, stdio: ['ignore', log, log], detached: true });
    closeSync(log);
    child = started;
    allGone = new Promise((resolve) => {
      started.once('error', (error) => {
        // It could not be started at all; no exit follows.
        if (started.pid !== undefined) return;
        ended(`cannot be started: ${error.message}`, 0, false);
        resolve();
      });
      started.once('exit', (code, signal) => {
        // Children of its own, such as a quarantined step, must not outlive it.
        if (started.pid !== undefined) killGroup(started.pid, 'SIGKILL');
        const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
        ended(how, performance.now() - startedAt, code === SETTINGS_WRONG);
        resolve();
      });
    });
    if (started.pid !== undefined) onEvent({ is: 'started', name, pid: started.pid });
  }

  function ended(how: string, livedMs: number, hopeless: boolean): void {
    child = undefined;
    if (stopping) {
      onEvent({ is: 'ended', name, how, againInMs: undefined });
      return;
    }
    deaths = livedMs >= timing.healthyMs ? 1 : deaths + 1;
    const againInMs = Math.min(timing.mostPauseMs, timing.firstPauseMs * 2 ** (deaths - 1));
    if (deaths === (hopeless ? 1 : timing.loopAt)) {
      onEvent({ is: 'crash-loop', name, how, deaths, lines: lastLines(logFile, 12), logFile });
    }
    onEvent({ is: 'ended', name, how, againInMs });
    if (stopping) return;
    pause = setTimeout(() => {
      restarts += 1;
      start();
    }, againInMs);
  }

  start();
  return {
    spec,
    get pid() {
      return child?.pid;
    },
    get restarts() {
      return restarts;
    },
    async stop() {
      stopping = true;
      clearTimeout(pause);
      const late = setTimeout(() => {
        if (child?.pid !== undefined) killGroup(child.pid, 'SIGKILL');
      }, spec.stopWithinMs);
      child?.kill('SIGTERM');
      await allGone;
      clearTimeout(late);
    },
    hurry() {
      if (stopping && child?.pid !== undefined) killGroup(child.pid, 'SIGKILL');
    },
  };
}
