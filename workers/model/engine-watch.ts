import type { Cluster } from '../../shared/cluster.ts';
import type { ModelGate } from '../../shared/model-gate.ts';
import type { StepWorkers } from '../../shared/worker.ts';
import { type Backend, BackendAway } from './backends/backend.ts';

const LOOK_MS = 1_000;
const PROBE_MS = 10_000;

/**
 * Keeps the queue of a model closed while its engine is away. All processes of the model see the same breaker; one of
 * them at a time asks the engine, and its answer opens the queues of all.
 */
export function watchEngine(
  { log, lifecycle }: Cluster,
  modelId: string,
  backend: Backend,
  gate: ModelGate,
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
    const trips = await gate.trips();
    if (trips > 0 && !paused) await pause();
    if (!paused) return;
    if (trips === 0) {
      paused = false;
      log.info({ model: modelId }, 'the engine is back');
      tell(undefined);
      await workers().resume();
      return;
    }
    if ((await gate.openForMs()) > 0 || !(await gate.mayProbe(PROBE_MS))) return;
    try {
      await backend.check(AbortSignal.timeout(PROBE_MS));
      await gate.reset();
    } catch (error) {
      await gate.trip(error instanceof BackendAway ? error.retryAfterMs : undefined);
    }
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
      await gate.trip(error instanceof BackendAway ? error.retryAfterMs : undefined);
      await pause();
    },
  };
}
