/** The hands of a data worker: processes that are kept, given one order at a time, and replaced when they end. */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { childEnv } from '../../../shared/env.ts';
import { inheritedFlags } from '../../../shared/node-flags.ts';
import type { Log } from '../../../shared/telemetry.ts';
import type { FromHand, Order, Outcome, ToHand } from './messages.ts';

export interface PoolOptions {
  /** The file that a hand is started from. */
  readonly entry: string;
  readonly heapMb: number;
  readonly workerId: string;
  readonly log: Log;
}

export interface Doing {
  /** Aborted: the hand is told to stop, and ended where it does not within a moment. */
  readonly signal: AbortSignal;
  readonly onProgress: (share: number) => void;
}

export type Worked = Outcome | { readonly is: 'crashed'; readonly how: string };

/** A hand that nobody else has now. */
export interface FreeHand {
  /** Names of the stages that it can do, in order. */
  readonly stages: readonly string[];
  /** @returns `crashed` where the hand ended in the middle of it, `stopped` where it ended before it had begun */
  work(order: Order, doing: Doing): Promise<Worked>;
  /** It may have the next order. */
  release(): void;
}

export interface HandPool {
  /** @returns one that is idle, or a new one; undefined where none can be started now */
  take(): Promise<FreeHand | undefined>;
  close(): Promise<void>;
}

/** Time for a shard to notice that it is to stop; its process is ended then. */
const STOP_MS = 2_000;
/** A hand that cannot open the cluster for so long is ended; the order goes back. */
const READY_MS = 60_000;

const LAST_WORDS_MS = 300;

/**
 * V8 lets the space for new objects grow with the machine's memory, to hundreds of megabytes that are nearly all garbage.
 * More than this gains a hand no time that could be measured: 32 takes 160 MB more for two, at the same speed.
 */
const SEMI_SPACE_MB = 8;

/** Flags of Node for a process that makes shards. @param heapMb most that its objects may take */
export const handFlags = (heapMb: number): string[] => [
  ...inheritedFlags(),
  `--max-old-space-size=${heapMb}`,
  `--max-semi-space-size=${SEMI_SPACE_MB}`,
];

interface Hand {
  readonly child: ChildProcess;
  /** Its stages; undefined where it does not come up. */
  readonly ready: Promise<readonly string[] | undefined>;
  /** How it ended. */
  readonly ended: Promise<string>;
}

export function openHands({ entry, heapMb, workerId, log }: PoolOptions): HandPool {
  const idle: Hand[] = [];
  const all = new Set<Hand>();
  const waiting: ((hand: Hand | undefined) => void)[] = [];
  let starting = 0;
  let number = 0;
  let closed = false;

  function start(): Hand {
    number += 1;
    const child = fork(entry, [], {
      env: childEnv({ COTA_WORKER_ID: `${workerId}-hand-${number}`, COTA_HEALTH_PORT: '0' }),
      execArgv: handFlags(heapMb),
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const ended = new Promise<string>((resolve) => {
      const end = (code: number | null, signal: string | null): void =>
        resolve(signal ? `signal ${signal}` : `exit code ${code}`);
      child.once('close', end);
      // Its last words come before 'close', which does not come at all where this process has hung up first.
      child.once('exit', (code, signal) => setTimeout(end, LAST_WORDS_MS, code, signal));
      child.once('error', (error) => {
        log.warn({ error }, 'a hand of this worker has trouble');
        if (child.pid === undefined) resolve('it could not be started');
      });
    });
    const ready = Promise.race([
      once(child, 'message').then(([message]) => (message as Extract<FromHand, { type: 'ready' }>).stages),
      ended.then(() => undefined),
      sleep(READY_MS, undefined, { ref: false }),
    ]).catch(() => undefined);
    const hand = { child, ready, ended };
    all.add(hand);
    void ended.then(() => {
      all.delete(hand);
      const at = idle.indexOf(hand);
      if (at >= 0) idle.splice(at, 1);
    });
    return hand;
  }

  /** To whoever has waited longest, else it waits itself. */
  function offer(hand: Hand): void {
    if (closed || !hand.child.connected || !all.has(hand)) return;
    const next = waiting.shift();
    if (next) next(hand);
    else idle.push(hand);
  }

  /** One that is free first: a new one takes seconds to come up, and another may be done before. */
  function free(): Promise<Hand | undefined> {
    const hand = idle.pop();
    if (hand) return Promise.resolve(hand);
    const found = new Promise<Hand | undefined>((resolve) => waiting.push(resolve));
    if (starting < waiting.length) void comeUp();
    return found;
  }

  async function comeUp(): Promise<void> {
    starting += 1;
    const hand = start();
    const up = (await hand.ready) !== undefined && all.has(hand);
    starting -= 1;
    if (up) return offer(hand);
    hand.child.kill('SIGKILL');
    waiting.shift()?.(undefined);
  }

  const tell = (hand: Hand, message: ToHand): void => {
    // One that is gone tells so by its end.
    if (hand.child.connected) hand.child.send(message, () => undefined);
  };

  async function work(hand: Hand, order: Order, { signal, onProgress }: Doing): Promise<Worked> {
    const outcome = Promise.withResolvers<Outcome>();
    let begun = false;
    const listen = (message: FromHand): void => {
      if (message.type === 'begun') begun = true;
      if (message.type === 'progress') onProgress(message.share);
      if (message.type === 'ended') outcome.resolve(message.outcome);
    };
    let kill: NodeJS.Timeout | undefined;
    const stop = (): void => {
      tell(hand, { type: 'stop' });
      kill = setTimeout(() => hand.child.kill('SIGKILL'), STOP_MS);
    };
    hand.child.on('message', listen);
    signal.addEventListener('abort', stop, { once: true });
    tell(hand, { type: 'work', order });
    if (signal.aborted) stop();
    const ended = hand.ended.then(
      (how): Worked => (signal.aborted || !begun ? { is: 'stopped' } : { is: 'crashed', how }),
    );
    const result = await Promise.race([outcome.promise, ended]);
    clearTimeout(kill);
    signal.removeEventListener('abort', stop);
    hand.child.off('message', listen);
    return result;
  }

  return {
    async take() {
      const hand = await free();
      const stages = await hand?.ready;
      if (!hand || !stages) return undefined;
      return { stages, work: (order, doing) => work(hand, order, doing), release: () => offer(hand) };
    },
    async close() {
      closed = true;
      const left = [...all];
      // A hand ends when its worker hangs up.
      for (const { child } of left) if (child.connected) child.disconnect();
      const late = setTimeout(() => {
        for (const { child } of left) child.kill('SIGKILL');
      }, STOP_MS);
      await Promise.all(left.map(({ ended }) => ended));
      clearTimeout(late);
    },
  };
}
