import { Worker } from 'node:worker_threads';
import { type WarmEngine, warmEngine } from './warm-engine.ts';

export interface WarmThreadOptions {
  /** Heap of the thread; going over it ends the thread, not the process. */
  readonly heapMb?: number;
}

/**
 * An engine in a thread, for code that is JavaScript alone: ending the thread is the only way to stop it from outside,
 * and leaves nothing of it over. Native code must not run here: a thread that is ended inside it takes the whole process
 * along. That is what `warmProcess` is for.
 * @param entry module that calls `serveEngine`
 */
export function warmThread(entry: URL, { heapMb }: WarmThreadOptions = {}): WarmEngine {
  return warmEngine(({ replied, lost }) => {
    const thread = new Worker(entry, { ...(heapMb && { resourceLimits: { maxOldGenerationSizeMb: heapMb } }) });
    thread.on('message', replied);
    thread.on('error', (error: NodeJS.ErrnoException) =>
      lost(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'crash', error.message),
    );
    thread.on('exit', (code) => lost('crash', `the thread ended with code ${code}`));
    return {
      post: (message) => thread.postMessage(message),
      end: () => thread.terminate(),
      hold: (busy) => (busy ? thread.ref() : thread.unref()),
    };
  });
}
