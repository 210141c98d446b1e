import { globSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';

export interface SessionSettings {
  /** `cuda` falls back to the CPU, with a warning, where CUDA does not load. */
  readonly device: 'cpu' | 'cuda';
  /** CPU threads inside one inference. 1 gives the most work per core when several workers share a machine. */
  readonly threads: number;
}

const open = new Map<string, Promise<InferenceSession>>();
/** Why CUDA does not load: found out once, and told once. */
let cudaFailed: string | undefined;

/**
 * The session of a model file, loaded once per process (per thread, if threads load their own).
 * @param file path of an .onnx file
 * @throws Error that names the file, when it cannot be loaded
 */
export function onnxSession(file: string, settings: SessionSettings): Promise<InferenceSession> {
  const key = `${settings.device}:${settings.threads}:${file}`;
  let session = open.get(key);
  if (!session) {
    session = load(file, settings);
    open.set(key, session);
    // A failed load is tried again by the next caller: the file may have arrived by then.
    session.catch(() => open.delete(key));
  }
  return session;
}

async function load(file: string, { device, threads }: SessionSettings): Promise<InferenceSession> {
  if (device === 'cuda' && cudaFailed === undefined) {
    // The runtime fails hard when a provider's library is absent, even with 'cpu' listed behind it: so try in turn.
    try {
      if (!cudaLibrary()) throw new Error('its library is not installed: ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild');
      return await InferenceSession.create(file, { ...options(threads), executionProviders: ['cuda'] });
    } catch (error) {
      cudaFailed = messageOf(error);
      process.emitWarning(`CUDA does not load, so the CPU is used (${cudaFailed})`, 'CotaWarning');
    }
  }
  try {
    return await InferenceSession.create(file, { ...options(threads), executionProviders: ['cpu'] });
  } catch (error) {
    throw new Error(`The model file ${file} cannot be loaded: ${messageOf(error)}`);
  }
}

/** npm ships the runtime without the CUDA provider. Asked first, since a failed try writes to stderr. */
function cudaLibrary(): boolean {
  const home = dirname(dirname(createRequire(import.meta.url).resolve('onnxruntime-node')));
  const cwd = `${home}/bin`;
  return globSync(`*/${process.platform}/${process.arch}/*onnxruntime_providers_cuda*`, { cwd }).length > 0;
}

function options(threads: number): InferenceSession.SessionOptions {
  // The arena keeps the largest batch ever seen; with inputs of every size, giving memory back is worth more.
  return {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    enableCpuMemArena: false,
    enableMemPattern: false,
    logSeverityLevel: 4,
  };
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
