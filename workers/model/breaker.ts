/** The breaker of a model as one of its processes uses it: who may ask the engine, and what came of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CotaError } from '../../shared/errors.ts';
import type { BreakerState, ModelGate } from '../../shared/model-gate.ts';
import { type Backend, BackendAway } from './backends/backend.ts';

const PROBE_MS = 10_000;
/** Steps that wait for the one on trial stay where they are for so long: sent back at once, they would go round and round. */
const HOLD_MS = 10_000;
const LOOK_MS = 500;
const BACK_MS = 1_000;

/** Leave for one request. */
export interface Pass {
  /** Called with each piece of the reply, where that is of use. */
  readonly onText: (() => void) | undefined;
  completed(): Promise<void>;
  failed(error: unknown): Promise<void>;
}

export interface Breaker {
  look(): Promise<BreakerState>;
  /** @param error what the engine was found away by */
  trip(error: unknown): Promise<void>;
  /** Asks the engine whether it is back, if no other process does. */
  probe(backend: Pick<Backend, 'check'>): Promise<void>;
  /** Asks for leave. @throws CotaError that spends no attempt when the engine is away, or tried by others */
  enter(signal: AbortSignal): Promise<Pass>;
}

const FREE: Pass = { onText: undefined, completed: async () => undefined, failed: async () => undefined };

export function openBreaker(model: string, gate: ModelGate): Breaker {
  /** As it was last seen. While all is well a step asks nobody: what others find shows at the next look. */
  let known: BreakerState['is'] | undefined;
  let asking: Promise<BreakerState> | undefined;

  // Steps that wait together ask together.
  const look = (): Promise<BreakerState> => {
    asking ??= gate
      .state()
      .then((state) => {
        known = state.is;
        return state;
      })
      .finally(() => {
        asking = undefined;
      });
    return asking;
  };

  const trip = async (error: unknown): Promise<void> => {
    known = 'open';
    await gate.trip(error instanceof BackendAway ? error.retryAfterMs : undefined);
  };

  const wait = (why: string, retryAfterMs: number): CotaError =>
    new CotaError('rate_limit_exceeded', `the engine of model "${model}" ${why}`, { retryAfterMs });

  const passOf = (alone: boolean): Pass => {
    let heard = !alone;
    return {
      onText() {
        if (heard) return;
        heard = true;
        // Should it fail, the others wait until this reply is complete.
        gate.trust().catch(() => undefined);
      },
      async completed() {
        try {
          // A reply that was long under way proves nothing if others found the engine away meanwhile.
          const { is } = await look();
          if (is !== 'trial' && is !== 'trusted') return;
          await gate.reset();
          known = 'closed';
        } catch {
          // The reply shall not be lost with it; the next one that is complete says so too.
        }
      },
      async failed(error) {
        // What found the engine away trips the breaker, and nobody else shall try it before.
        if (alone && !(error instanceof BackendAway)) await gate.endTrial().catch(() => undefined);
      },
    };
  };

  return {
    look,
    trip,
    async probe(backend) {
      if (!(await gate.mayProbe(PROBE_MS))) return;
      try {
        await backend.check(AbortSignal.timeout(PROBE_MS));
      } catch (error) {
        return trip(error);
      }
      await gate.halfOpen();
    },
    async enter(signal) {
      if (known === 'closed') return FREE;
      const until = performance.now() + HOLD_MS;
      for (;;) {
        const { is, forMs } = await look();
        if (is === 'closed') return FREE;
        if (is === 'open') throw wait('is away', Math.max(forMs, BACK_MS));
        if (is === 'trusted') return passOf(false);
        if (await gate.takeTrial()) return passOf(true);
        if (performance.now() > until) throw wait('was away; one request at a time tries it', BACK_MS);
        await sleep(LOOK_MS, undefined, { signal });
      }
    },
  };
}
