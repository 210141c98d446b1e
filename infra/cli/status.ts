import { identityOf } from '../stack/identity.ts';
import { dataFolder } from '../stack/settings.ts';
import { readRunning } from '../stack/state.ts';
import { START_HINT } from './client.ts';
import { type Command, DATA_OPTION, JSON_OPTION, noOperands } from './command.ts';
import { duration, printJson, say, table } from './terminal.ts';

export const status: Command = {
  name: 'status',
  summary: 'Show the stack that runs on this machine: its address and its processes.',
  about: 'Exit code 0 when all of it runs, 1 when not. Whether the parts work together is for `cota doctor`.',
  options: { ...JSON_OPTION, ...DATA_OPTION },
  async run(args) {
    noOperands(status, args);
    const data = dataFolder(args.text('data'));
    const state = readRunning(data);
    if (!state) {
      if (args.flag('json')) printJson({ running: false, data });
      else say(`no stack runs in ${data}: ${START_HINT}`);
      return 1;
    }
    const processes = state.processes.map(({ name, pid, identity, restarts, log }) => {
      return { name, pid, alive: identityOf(pid) === identity, restarts, log };
    });
    const { url, apiKey, redisUrl, startedAt, ready, models } = state;
    if (args.flag('json'))
      printJson({ running: true, ready, data, pid: state.pid, url, apiKey, redisUrl, models, processes });
    else {
      const since = `${ready ? 'up' : 'starting'} for ${duration(Date.now() - startedAt)}`;
      say(`${url}  ${since}, process ${state.pid}, data in ${data}\n`);
      const rows = processes.map((one) => [
        one.name,
        String(one.pid),
        one.alive ? 'runs' : 'is being started again',
        String(one.restarts),
        one.log,
      ]);
      say(table(['PROCESS', 'PID', 'STATE', 'RESTARTS', 'LOG'], rows));
    }
    return ready && processes.every((one) => one.alive) ? 0 : 1;
  },
};
