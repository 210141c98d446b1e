import { EngineEnded, EngineError, type WarmEngine } from '../engines/warm-engine.ts';
import { warmThread } from '../engines/warm-thread.ts';
import { semaphore } from '../semaphore.ts';
import type { SymbolicRequest } from './symbolic.ts';

/** For one request: what nerdamer can do at all takes it a tenth of that. */
const TIME_LIMIT_MS = 2_500;
const LOAD_LIMIT_MS = 20_000;
const HEAP_MB = 96;
/** Threads at work at a time. */
const THREADS = 2;

const inThreads = semaphore(THREADS);
let spare: WarmEngine | undefined;

function loadedThread(): WarmEngine {
  const engine = warmThread(new URL('./nerdamer-thread.ts', import.meta.url), { heapMb: HEAP_MB });
  // Whoever takes it waits behind this; where it fails, his own request says so.
  engine.call('load', { timeLimitMs: LOAD_LIMIT_MS }).catch(() => undefined);
  return engine;
}

/** Has a thread loaded before the first request comes. */
export function warmUpNerdamer(): void {
  spare ??= loadedThread();
}

/**
 * Asks nerdamer, in a thread that has answered nothing before and ends after this: a request that fails leaves the
 * library broken for all that follow.
 * @returns null where it has no answer, or none in its time
 * @throws the signal's reason; EngineEnded when no thread can be started
 */
export async function askNerdamer(request: SymbolicRequest, signal: AbortSignal): Promise<string | null> {
  return inThreads(async () => {
    const engine = spare ?? loadedThread();
    spare = undefined;
    try {
      return (await engine.call(request, { timeLimitMs: TIME_LIMIT_MS, signal })) as string;
    } catch (error) {
      if (error instanceof EngineError) return null;
      if (error instanceof EngineEnded && (error.reason === 'time' || error.reason === 'memory')) return null;
      throw error;
    } finally {
      await engine.close();
      warmUpNerdamer();
    }
  }, signal);
}

/** Ends the spare thread. */
export async function closeNerdamer(): Promise<void> {
  const old = spare;
  spare = undefined;
  await old?.close();
}
