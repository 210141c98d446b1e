import { fork } from 'node:child_process';
import { type WarmEngine, type WarmOptions, warmEngine } from './warm-engine.ts';

/** An inference takes a second at most, ten on a busy machine; loading the weights anew costs about as much as one. */
const PATIENCE_MS = 10_000;

/**
 * An engine in a process of its own, for native code. Such code cannot be stopped inside a process: ending its thread
 * aborts the process, and so does the process' own exit while it is at work. A child can be killed at any moment, and
 * one that crashes or hangs costs its caller an error instead of fifteen neighbours their worker.
 * @param entry module that calls `serveEngine`
 * @param options.patienceMs an aborted request has this long to notice before the process is killed
 */
export function warmProcess(entry: URL, { patienceMs = PATIENCE_MS, inFlight }: WarmOptions = {}): WarmEngine {
  const launch: Parameters<typeof warmEngine>[0] = ({ replied, lost }) => {
    const child = fork(entry, [], { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const kill = (): void => void child.kill('SIGKILL');
    // A child whose parent is gone ends by itself once its event loop hears of it; this one may hang.
    process.once('exit', kill);
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const end = (how: string): void => {
      process.off('exit', kill);
      resolve();
      lost('crash', `the process ${how}`);
    };
    child.on('message', replied);
    child.on('exit', (code, signal) => end(`ended with ${signal ? `signal ${signal}` : `code ${code}`}`));
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
