import type { SessionSettings } from '../onnx-session.ts';
import { serveThread } from '../serve-thread.ts';
import { loadNetworks, type ReadOptions, readPage } from './read-page.ts';

export type OcrRequest =
  | { readonly load: SessionSettings }
  | { readonly bytes: Uint8Array; readonly options: ReadOptions };

serveThread(async (request) => {
  const asked = request as OcrRequest;
  if ('bytes' in asked) return readPage(asked.bytes, asked.options);
  await loadNetworks(asked.load);
  return undefined;
});
