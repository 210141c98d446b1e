/** The ONNX engine of a model: a thread that serves many turns at a time, and what its owner knows of it. */
import { Worker } from 'node:worker_threads';
import { exitGuard, stopAtExit } from './exit-guard.ts';
import type { EngineOptions, EngineRequest, FromThread, Opened, Said, ToThread } from './messages.ts';
import type { EngineStats } from './scheduler.ts';

export interface Engine extends Opened {
  /**
   * Says a turn after `prompt`, together with all other turns that are asked for meanwhile. `prompt` must be shorter
   * than `longest`.
   * @param onToken called with each token as it comes; where several branches are weighed, with none
   * @throws what `signal` was aborted with; Error when the engine failed
   */
  generate(
    request: Omit<EngineRequest, 'tell'>,
    signal: AbortSignal,
    onToken?: ((token: number) => void) | undefined,
  ): Promise<Said>;
  close(): Promise<void>;
}

interface Call {
  resolve(result: Said): void;
  reject(error: unknown): void;
  readonly onToken: ((token: number) => void) | undefined;
}

/** A thread with its weights. */
interface Live {
  readonly opened: Opened;
  readonly calls: Map<number, Call>;
  say(message: ToThread): void;
  /** A thread with nothing to do does not keep its process alive. */
  hold(on: boolean): void;
  readonly exited: Promise<void>;
  hasEnded(): boolean;
}

async function start(options: EngineOptions, onStats: ((stats: EngineStats) => void) | undefined): Promise<Live> {
  const guard = exitGuard();
  const atExit = (): void => stopAtExit(guard);
  process.on('exit', atExit);
  const thread = new Worker(new URL('./thread.ts', import.meta.url), { workerData: { options, guard } });
  const calls = new Map<number, Call>();
  let ended = false;
  const exited = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
  void exited.then(() => process.off('exit', atExit));
  const opened = await new Promise<Opened>((resolve, reject) => {
    const end = (error: Error): void => {
      ended = true;
      reject(error);
      for (const call of calls.values()) call.reject(error);
      calls.clear();
    };
    thread.on('error', (error: Error) => end(new Error(`the engine failed: ${error.message}`, { cause: error })));
    thread.once('exit', () => end(new Error('the engine ended before its work was done')));
    thread.on('message', (message: FromThread) => {
      switch (message.type) {
        case 'opened':
          return resolve(message.opened);
        case 'unopened':
          return reject(new Error(message.message));
        case 'tokens':
          for (let at = 0; at < message.pairs.length; at += 2)
            calls.get(message.pairs[at] as number)?.onToken?.(message.pairs[at + 1] as number);
          return;
        case 'done':
          return calls.get(message.id)?.resolve(message.result);
        case 'failed':
          return calls.get(message.id)?.reject(new Error(`the engine failed: ${message.message}`));
        case 'stats':
          onStats?.(message.stats);
      }
    });
  });
  return {
    ...{ opened, calls, exited },
    say: (message) => thread.postMessage(message),
    hold: (on) => (on ? thread.ref() : thread.unref()),
    hasEnded: () => ended,
  };
}

/**
 * Opens the weights in a thread of their own, since onnxruntime-node computes in the thread that calls it and locks are
 * renewed in this one. A thread that ended by itself, out of memory say, takes its turns along, and the next turn opens
 * another one.
 * @param onStats hears the figures since the thread was opened, from time to time and when nothing is left to do
 * @throws Error that names the file which is missing or wrong, and what to do
 */
export async function openEngine(options: EngineOptions, onStats?: (stats: EngineStats) => void): Promise<Engine> {
  let thread = start(options, onStats);
  const first = await thread;
  first.hold(false);
  let closed = false;
  let ids = 0;

  async function living(): Promise<Live> {
    if (closed) throw new Error('the engine is closed');
    const before = thread;
    const live = await before.catch(() => undefined);
    if (live && !live.hasEnded()) return live;
    // The first that notices opens another one; the others wait for it.
    if (thread === before) thread = start(options, onStats);
    return thread;
  }

  return {
    ...first.opened,
    async generate(request, signal, onToken) {
      signal.throwIfAborted();
      const { calls, say, hold } = await living();
      signal.throwIfAborted();
      const id = ids++;
      const cancel = (): void => {
        calls.get(id)?.reject(signal.reason);
        calls.delete(id);
        say({ type: 'cancel', id });
      };
      hold(true);
      try {
        return await new Promise<Said>((resolve, reject) => {
          calls.set(id, { resolve, reject, onToken });
          signal.addEventListener('abort', cancel, { once: true });
          say({ type: 'generate', id, request: { ...request, tell: onToken !== undefined } });
        });
      } finally {
        signal.removeEventListener('abort', cancel);
        calls.delete(id);
        if (calls.size === 0) hold(false);
      }
    },
    async close() {
      closed = true;
      const live = await thread.catch(() => undefined);
      if (live && !live.hasEnded()) {
        live.hold(true);
        live.say({ type: 'close' });
      }
      await live?.exited;
    },
  };
}
