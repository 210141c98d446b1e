/** An engine of pulled weights in a process of its own, as the worker sees it. */
import type { NetworkPlace, PulledNetwork } from './pulled-network.ts';
import { UnreadablePicture } from './vision.ts';
import { type CallOptions, EngineError, type WarmEngine } from './warm-engine.ts';
import { warmProcess } from './warm-process.ts';

/** Hundreds of megabytes from a cold disk, on a busy machine. */
const LOAD_LIMIT_MS = 300_000;

/** What every such process is asked: which weights, and to load them or to work. */
export type PulledRequest<Work> = { readonly place: NetworkPlace } & (
  | { readonly load: true }
  | { readonly work: Work }
);

export interface PulledEngine<Work> {
  /** @throws UnreadablePicture; EngineEnded; the signal's reason; Error when the weights cannot be loaded */
  call(work: Work, limits: CallOptions): Promise<unknown>;
  /** Of the weights as they are now: for keys of caches. */
  hash(): string;
  /** Starts the process and loads the weights. */
  warmUp(): Promise<void>;
  close(): Promise<void>;
}

interface Host {
  readonly hash: string;
  readonly engine: WarmEngine;
  readonly loaded: Promise<unknown>;
  calls: number;
}

/**
 * Weights that are pulled anew while the worker runs get a process of their own: the old one ends with its last call.
 * @param entry module that serves `PulledRequest<Work>`
 * @param inFlight requests that the process is given at a time
 */
export function pulledEngine<Work>(entry: URL, network: PulledNetwork, inFlight = 1): PulledEngine<Work> {
  let host: Host | undefined;

  function hostOf(place: NetworkPlace): Host {
    if (host?.hash === place.hash) return host;
    const old = host;
    const engine = warmProcess(entry, { inFlight });
    // Loading is no part of a picture's time.
    const loaded = engine.call({ place, load: true }, { timeLimitMs: LOAD_LIMIT_MS });
    const started: Host = { hash: place.hash, engine, loaded, calls: 0 };
    host = started;
    loaded.catch(() => {
      if (host === started) host = undefined;
      void engine.close();
    });
    if (old?.calls === 0) void old.engine.close();
    return started;
  }

  async function call(request: (place: NetworkPlace) => PulledRequest<Work>, limits: CallOptions): Promise<unknown> {
    const place = network.place();
    const at = hostOf(place);
    at.calls++;
    try {
      await Promise.race([at.loaded, aborted(limits.signal)]);
      return await at.engine.call(request(place), limits);
    } catch (error) {
      if (error instanceof EngineError && error.fault.name === 'PictureError')
        throw new UnreadablePicture(error.message);
      throw error;
    } finally {
      at.calls--;
      if (at.calls === 0 && host !== at) void at.engine.close();
    }
  }

  return {
    call: (work, limits) => call((place) => ({ place, work }), limits),
    hash: () => network.place().hash,
    async warmUp() {
      await hostOf(network.place()).loaded;
    },
    async close() {
      const old = host;
      host = undefined;
      await old?.engine.close();
    },
  };
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  return promise;
}
