import { fork } from 'node:child_process';
import { inheritedFlags } from '../../../shared/node-flags.ts';
import { type WarmEngine, type WarmOptions, warmEngine } from './warm-engine.ts';

/** An inference takes a second at most, ten on a busy machine; loading the weights anew costs about as much as one. */
const PATIENCE_MS = 10_000;

export interface ProcessOptions extends WarmOptions {
  /** Heap of the process, megabytes: going over it ends the process with the reason `memory`. */
  readonly heapMb?: number;
}

/**
 * An engine in a process of its own. Native code cannot be stopped inside a process: ending its thread aborts the
 * process, and so does the process' own exit while it is at work. Nor does a thread's heap limit hold: where memory is
 * taken fast enough, V8 ends the whole process. A child can be killed at any moment, and one that crashes or hangs costs
 * its caller an error instead of fifteen neighbours their worker.
 * @param entry module that calls `serveEngine`
 * @param options.patienceMs an aborted request has this long to notice before the process is killed
 */
export function warmProcess(
  entry: URL,
  { patienceMs = PATIENCE_MS, inFlight, heapMb }: ProcessOptions = {},
): WarmEngine {
  const launch: Parameters<typeof warmEngine>[0] = ({ replied, lost }) => {
    const child = fork(entry, [], {
      serialization: 'advanced',
      // What V8 prints when its heap is full is of no use to anybody.
      stdio: ['ignore', 'inherit', heapMb === undefined ? 'inherit' : 'ignore', 'ipc'],
      execArgv: [...inheritedFlags(), ...(heapMb === undefined ? [] : [`--max-old-space-size=${heapMb}`])],
    });
    const kill = (): void => void child.kill('SIGKILL');
    // A child whose parent is gone ends by itself once its event loop hears of it; this one may hang.
    process.once('exit', kill);
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const end = (how: string, reason: 'crash' | 'memory' = 'crash'): void => {
      process.off('exit', kill);
      resolve();
      lost(reason, `the process ${how}`);
    };
    child.on('message', replied);
    child.on('exit', (code, signal) => {
      const full = heapMb !== undefined && (signal === 'SIGABRT' || code === 134);
      end(`ended with ${signal ? `signal ${signal}` : `code ${code}`}`, full ? 'memory' : 'crash');
    });
    child.on('error', ({ message }) => end(`could not be started: ${message}`));
    return {
      // What cannot be sent was meant for a child that has ended, and `lost` says so.
      post: (message) => void child.send(message, () => undefined),
      end() {
        // Whoever waits for the end of an idle engine must live to hear of it.
        child.ref();
        kill();
        return ended;
      },
      hold(busy) {
        for (const handle of [child, child.channel]) busy ? handle?.ref() : handle?.unref();
      },
    };
  };
  return warmEngine(launch, { patienceMs, inFlight });
}
