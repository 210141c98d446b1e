import { serveEngine } from '../serve-engine.ts';
import { loadedTesseract, readPage } from './read-page.ts';

export type TesseractRequest = { readonly load: true } | { readonly bytes: Uint8Array };

serveEngine(async (message, signal) => {
  const request = message as TesseractRequest;
  if ('bytes' in request) return readPage(request.bytes, signal);
  await loadedTesseract();
  return null;
});
