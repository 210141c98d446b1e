import { EngineEnded, EngineError, type WarmEngine } from '../engines/warm-engine.ts';
import { warmProcess } from '../engines/warm-process.ts';
import { semaphore } from '../semaphore.ts';
import type { SymbolicRequest } from './symbolic.ts';

/** For one request: what nerdamer can do at all takes it a tenth of that. */
const TIME_LIMIT_MS = 2_500;
const LOAD_LIMIT_MS = 20_000;
const HEAP_MB = 96;
/** Processes at work at a time. */
const PROCESSES = 2;

const inTurn = semaphore(PROCESSES);
let spare: WarmEngine | undefined;

function loadedProcess(): WarmEngine {
  const engine = warmProcess(new URL('./nerdamer-process.ts', import.meta.url), { heapMb: HEAP_MB, patienceMs: 0 });
  // Whoever takes it waits behind this; where it fails, his own request says so.
  engine.call('load', { timeLimitMs: LOAD_LIMIT_MS }).catch(() => undefined);
  return engine;
}

/** Has a process loaded before the first request comes. */
export function warmUpNerdamer(): void {
  spare ??= loadedProcess();
}

/**
 * Asks nerdamer, in a process that has answered nothing before and ends after this: a request that fails leaves the
 * library broken for all that follow.
 * @returns null where it has no answer, or none in its time
 * @throws the signal's reason; EngineEnded when no process can be started
 */
export async function askNerdamer(request: SymbolicRequest, signal: AbortSignal): Promise<string | null> {
  return inTurn(async () => {
    const engine = spare ?? loadedProcess();
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

/** Ends the spare process. */
export async function closeNerdamer(): Promise<void> {
  const old = spare;
  spare = undefined;
  await old?.close();
}
