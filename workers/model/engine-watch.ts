import type { Cluster } from '../../shared/cluster.ts';
import type { StepWorkers } from '../../shared/worker.ts';
import type { Backend } from './backends/backend.ts';
import type { Breaker } from './breaker.ts';

const LOOK_MS = 1_000;

/**
 * Keeps the queue of a model closed while its engine is away. All processes of the model see the same breaker; one of
 * them at a time asks the engine, and its answer opens the queues of all. What comes out of them then is let through by
 * the breaker one at a time, until the engine has shown that it also completes what it is asked.
 */
export function watchEngine(
  { log, lifecycle }: Cluster,
  modelId: string,
  backend: Pick<Backend, 'check'>,
  breaker: Breaker,
  workers: () => StepWorkers,
  /** Told when the queue is closed, with the reason, and when it is open again. */
  tell: (reason: string | undefined) => void,
): { readonly away: (error: unknown) => Promise<void> } {
  let paused = false;
  const pause = async (): Promise<void> => {
    if (paused) return;
    // Asked for first: while the process still starts there are none, and the next look must try again.
    const open = workers();
    paused = true;
    log.warn({ model: modelId }, 'the engine is away; runs wait in their queue');
    tell(`the engine of ${modelId} is away`);
    await open.pause();
  };
  const look = async (): Promise<void> => {
    let state = await breaker.look();
    if (state.is === 'open') {
      await pause();
      if (state.forMs > 0) return;
      await breaker.probe(backend);
      state = await breaker.look();
    }
    if (!paused || state.is === 'open') return;
    paused = false;
    log.info({ model: modelId, breaker: state.is, trips: state.trips }, 'the engine answers again');
    tell(undefined);
    await workers().resume();
  };
  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    look()
      .catch((error: unknown) => log.warn({ model: modelId, error }, 'cannot read the breaker'))
      .finally(() => {
        looking = false;
      });
  }, LOOK_MS);
  lifecycle.onStop(`engine watch ${modelId}`, () => clearInterval(timer));
  return {
    async away(error) {
      await breaker.trip(error);
      await pause();
    },
  };
}
