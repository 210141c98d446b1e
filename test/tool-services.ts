import type { ObjectStore } from '../shared/object-store.ts';
import type { ToolServices } from '../workers/tools/context.ts';
import { openOriginals } from '../workers/tools/originals.ts';
import { type ToolContext, ToolError } from '../workers/tools/tool.ts';

/** What stands behind tools in tests that have no model to ask, unless they bring one. */
export function toolServices(objects: ObjectStore, ask?: ToolServices['ask']): ToolServices {
  const nobody: ToolServices['ask'] = async () => {
    throw new ToolError('no_language_model', 'No language model can be asked here.');
  };
  return { objects, originals: openOriginals(objects), ask: ask ?? nobody };
}

/** A context with one picture, under whatever name; nobody to ask. @param keepImage gives the name of a picture made */
export function pictureContext(
  bytes: Buffer,
  keepImage: (made: Buffer) => string,
  signal = new AbortController().signal,
): ToolContext {
  const ref = { name: 'image-0', sha256: '', contentType: 'image/png', width: 1, height: 1, bytes: 0, key: '' };
  return {
    signal,
    image: async () => ({ ref, bytes }),
    ask: () => Promise.reject(new Error('nobody to ask')),
    keepImage: async (made) => keepImage(made),
  };
}
