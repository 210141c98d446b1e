/** `cota models` and `cota tools`: what there is, and whether somebody serves it now. */
import { modelList, toolList } from '../../services/api/handlers/models.ts';
import { findTarget, openClient } from './client.ts';
import { type Command, JSON_OPTION, noOperands, TARGET_OPTIONS } from './command.ts';
import { printJson, say, table } from './terminal.ts';

export const models: Command = {
  name: 'models',
  summary: 'List the models and whether workers serve them now.',
  options: { ...JSON_OPTION, ...TARGET_OPTIONS },
  async run(args) {
    noOperands(models, args);
    const { data } = await openClient(findTarget(args)).get('/v1/models', modelList);
    if (args.flag('json')) {
      printJson(data);
      return 0;
    }
    const rows = data.map(({ id, cota }) => [
      cota.default ? `${id} (default)` : id,
      cota.backend,
      cota.dialect,
      cota.tools === null ? 'all' : cota.tools.join(', ') || 'none',
      cota.served ? `yes, ${cota.concurrency} at a time` : `no: ${cota.paused ?? 'no worker serves it; runs wait'}`,
    ]);
    say(table(['MODEL', 'BACKEND', 'DIALECT', 'TOOLS', 'SERVED'], rows));
    return 0;
  },
};

export const tools: Command = {
  name: 'tools',
  summary: 'List the tools and whether workers carry them out now.',
  options: { ...JSON_OPTION, ...TARGET_OPTIONS },
  async run(args) {
    noOperands(tools, args);
    const { data } = await openClient(findTarget(args)).get('/v1/tools', toolList);
    if (args.flag('json')) {
      printJson(data);
      return 0;
    }
    if (data.length === 0) {
      say('no worker has announced a tool yet: start a tool worker');
      return 0;
    }
    const rows = data.map((tool) => [
      tool.name,
      tool.version,
      tool.pool,
      tool.served ? (tool.workers === 1 ? 'by 1 worker' : `by ${tool.workers} workers`) : 'no: calls wait for a worker',
      tool.description,
    ]);
    say(table(['TOOL', 'VERSION', 'POOL', 'SERVED', 'WHAT IT DOES'], rows));
    return 0;
  },
};
