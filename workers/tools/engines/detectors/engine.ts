import { toolSettings } from '../../settings.ts';
import { keptResults } from '../kept-results.ts';
import { type EnginePicture, UnreadablePicture } from '../vision.ts';
import { type CallOptions, EngineError } from '../warm-engine.ts';
import { warmProcess } from '../warm-process.ts';
import type { Scored } from './boxes.ts';
import type { DetectorsRequest } from './detectors-process.ts';

/** Loading 5 MB of weights takes a tenth of a second; a cold disk and a busy machine take much longer. */
const LOAD_LIMIT_MS = 60_000;

const engine = warmProcess(new URL('./detectors-process.ts', import.meta.url));

/** Boxes of thousands of pictures: the second question about one costs no process and no network. */
const kept = keptResults<{ readonly found: readonly Scored[] }>(4 * 2 ** 20, ({ found }) => 100 + found.length * 200);

type Task = { readonly task: 'objects'; readonly threshold: number } | { readonly task: 'faces' };

/**
 * What one of the embedded networks finds, in a process of its own.
 * @returns boxes as fractions of the upright picture, surest first
 * @throws UnreadablePicture; EngineEnded when the time is up; the signal's reason
 */
export async function find(
  task: Task,
  { sha256, bytes }: EnginePicture,
  { timeLimitMs, signal }: CallOptions,
): Promise<readonly Scored[]> {
  const { session } = toolSettings();
  const key = JSON.stringify([task, sha256, session]);
  const compute = async (alone: AbortSignal) => {
    const found = await call({ ...task, bytes, session }, { timeLimitMs, signal: alone });
    return { found: found as Scored[] };
  };
  try {
    return (await kept.get(key, compute, signal)).found;
  } catch (error) {
    if (error instanceof EngineError && error.fault.name === 'PictureError') throw new UnreadablePicture(error.message);
    throw error;
  }
}

/** Starts the process and loads both networks. @throws Error when a model file or the device cannot be used */
export async function warmUpDetectors(): Promise<void> {
  await call({ load: toolSettings().session }, { timeLimitMs: LOAD_LIMIT_MS });
}

/** Ends the process and forgets what it found. */
export async function closeDetectors(): Promise<void> {
  kept.clear();
  await engine.close();
}

const call = (request: DetectorsRequest, limits: CallOptions) => engine.call(request, limits);
