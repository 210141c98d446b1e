import type { ObjectStore } from '../shared/object-store.ts';
import type { ToolServices } from '../workers/tools/context.ts';
import { openOriginals } from '../workers/tools/originals.ts';
import { ToolError } from '../workers/tools/tool.ts';

/** What stands behind tools in tests that have no model to ask, unless they bring one. */
export function toolServices(objects: ObjectStore, ask?: ToolServices['ask']): ToolServices {
  const nobody: ToolServices['ask'] = async () => {
    throw new ToolError('no_language_model', 'No language model can be asked here.');
  };
  return { objects, originals: openOriginals(objects), ask: ask ?? nobody };
}
