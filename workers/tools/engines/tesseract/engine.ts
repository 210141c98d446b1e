import type { Page } from '../ocr-page/page.ts';
import { UnreadablePicture } from '../vision.ts';
import { type CallOptions, EngineError } from '../warm-engine.ts';
import { warmProcess } from '../warm-process.ts';
import type { TesseractRequest } from './tesseract-process.ts';

/** WebAssembly and 3 MB of data: a second, on a busy machine much longer. */
const LOAD_LIMIT_MS = 60_000;

/** A page takes a second; a process that is ended costs the next one a second more. */
const engine = warmProcess(new URL('./tesseract-process.ts', import.meta.url), { patienceMs: 2_000 });

/**
 * Reads all text of a picture with Tesseract, in a process of its own.
 * @param bytes an encoded picture
 * @throws UnreadablePicture; EngineEnded when the time is up; the signal's reason
 */
export async function readWithTesseract(bytes: Uint8Array, limits: CallOptions): Promise<Page> {
  try {
    return (await call({ bytes }, limits)) as Page;
  } catch (error) {
    if (error instanceof EngineError && error.fault.name === 'PictureError') throw new UnreadablePicture(error.message);
    throw error;
  }
}

/** Starts the process and loads the data. */
export async function warmUpTesseract(): Promise<void> {
  await call({ load: true }, { timeLimitMs: LOAD_LIMIT_MS });
}

export const closeTesseract = (): Promise<void> => engine.close();

const call = (request: TesseractRequest, limits: CallOptions) => engine.call(request, limits);
