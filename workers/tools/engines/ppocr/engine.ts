import type { SessionSettings } from '../onnx-session.ts';
import { type CallOptions, ThreadError, warmThread } from '../warm-thread.ts';
import type { Page } from './page.ts';
import type { OcrRequest } from './ppocr-thread.ts';
import type { ReadOptions } from './read-page.ts';

/** Loading 16 MB of weights takes half a second; a cold disk and a busy machine take much longer. */
const LOAD_LIMIT_MS = 60_000;

const thread = warmThread(new URL('./ppocr-thread.ts', import.meta.url));

/** Thrown when the picture itself is at fault; the message is fit for the model. */
export class UnreadablePicture extends Error {
  override readonly name = 'UnreadablePicture';
}

/**
 * Reads all text of a picture, in a thread of its own: a page is about a second of work.
 * @param bytes an encoded picture
 * @param limits milliseconds and signal after which the thread is ended
 * @throws UnreadablePicture; ThreadEnded when the time is up
 */
export async function readText(bytes: Uint8Array, options: ReadOptions, limits: CallOptions): Promise<Page> {
  try {
    return (await call({ bytes, options }, limits)) as Page;
  } catch (error) {
    if (error instanceof ThreadError && error.fault.name === 'PictureError') throw new UnreadablePicture(error.message);
    throw error;
  }
}

/** Starts the thread and loads the weights. @throws Error when a model file or the device cannot be used */
export async function warmUpOcr(settings: SessionSettings): Promise<void> {
  await call({ load: settings }, { timeLimitMs: LOAD_LIMIT_MS });
}

export const closeOcr = (): Promise<void> => thread.close();

const call = (request: OcrRequest, limits: CallOptions) => thread.call(request, limits);
