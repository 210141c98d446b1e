/** `cota models`: the models that are served, and the weights of the tools' engines. */
import type { CommandGroup } from './command.ts';
import { servedModels } from './lists.ts';
import { remove, verify } from './models/keep.ts';
import { list } from './models/list.ts';
import { pull } from './models/pull.ts';

export const models: CommandGroup = {
  name: 'models',
  summary: "List the models that are served; list, pull, verify and remove weights of the tools' engines.",
  about: [
    'Two things go by this name. The models of models.yaml answer runs: `cota models` alone asks the API for them.',
    'The tools that see (detection, depth, similarity) have weights, which are pulled into a folder of this machine:',
    'the commands below work on that, and need no running Cota. docs/tools.md says which tool needs which.',
  ].join('\n'),
  commands: [list, pull, verify, remove],
  alone: servedModels,
};
