import type { Page } from '../ocr-page/page.ts';
import type { SessionSettings } from '../onnx-session.ts';
import { UnreadablePicture } from '../vision.ts';
import { type CallOptions, EngineError } from '../warm-engine.ts';
import { warmProcess } from '../warm-process.ts';
import type { OcrRequest } from './ppocr-process.ts';
import type { ReadOptions } from './read-page.ts';

/** Loading 16 MB of weights takes half a second; a cold disk and a busy machine take much longer. */
const LOAD_LIMIT_MS = 60_000;

const engine = warmProcess(new URL('./ppocr-process.ts', import.meta.url));

/**
 * Reads all text of a picture, in a process of its own: a page is about a second of work in native code.
 * @param bytes an encoded picture
 * @param limits milliseconds after which the process is killed, and the signal of the caller
 * @throws UnreadablePicture; EngineEnded when the time is up; the signal's reason
 */
export async function readText(bytes: Uint8Array, options: ReadOptions, limits: CallOptions): Promise<Page> {
  try {
    return (await call({ bytes, options }, limits)) as Page;
  } catch (error) {
    if (error instanceof EngineError && error.fault.name === 'PictureError') throw new UnreadablePicture(error.message);
    throw error;
  }
}

/** Starts the process and loads the weights. @throws Error when a model file or the device cannot be used */
export async function warmUpOcr(settings: SessionSettings): Promise<void> {
  await call({ load: settings }, { timeLimitMs: LOAD_LIMIT_MS });
}

export const closeOcr = (): Promise<void> => engine.close();

const call = (request: OcrRequest, limits: CallOptions) => engine.call(request, limits);
