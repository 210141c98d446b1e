/** `cota models` alone and `cota tools`: what there is, and whether somebody serves it now. */
import { modelList, toolList } from '../../services/api/handlers/models.ts';
import { findTarget, openClient } from './client.ts';
import { type Command, JSON_OPTION, noOperands, TARGET_OPTIONS } from './command.ts';
import { printJson, say, table } from './terminal.ts';

export const servedModels: Command = {
  name: 'models',
  summary: 'List the models of models.yaml and those that were trained, and whether workers serve them now.',
  options: { ...JSON_OPTION, ...TARGET_OPTIONS },
  async run(args) {
    noOperands(servedModels, args);
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
      tool.engine ?? '-',
      tool.served ? (tool.workers === 1 ? 'by 1 worker' : `by ${tool.workers} workers`) : 'no: calls wait for a worker',
      tool.ready ? (tool.offered ? 'yes' : 'where it is named') : 'no',
      tool.description,
    ]);
    say(table(['TOOL', 'VERSION', 'POOL', 'ENGINE', 'SERVED', 'READY', 'WHAT IT DOES'], rows));
    // Beneath: a table's words may be cut, and a command must not be.
    const waiting = Map.groupBy(data, (tool) => tool.missing);
    for (const [missing, those] of waiting)
      if (missing !== null) say(`\n${those.map((tool) => tool.name).join(', ')}\n  > ${missing}`);
    return 0;
  },
};
