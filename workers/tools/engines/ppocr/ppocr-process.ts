import type { SessionSettings } from '../onnx-session.ts';
import { serveEngine } from '../serve-engine.ts';
import { loadNetworks, type ReadOptions, readPage } from './read-page.ts';

export type OcrRequest =
  | { readonly load: SessionSettings }
  | { readonly bytes: Uint8Array; readonly options: ReadOptions };

serveEngine(async (request, signal) => {
  const asked = request as OcrRequest;
  if ('bytes' in asked) return readPage(asked.bytes, asked.options, signal);
  await loadNetworks(asked.load);
  return undefined;
});
