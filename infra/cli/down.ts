import { setTimeout as sleep } from 'node:timers/promises';
import { identityOf } from '../stack/identity.ts';
import { dataFolder } from '../stack/settings.ts';
import { endLeftovers, readRunning } from '../stack/state.ts';
import { UserError } from '../user-error.ts';
import { type Command, DATA_OPTION, noOperands } from './command.ts';
import { say } from './terminal.ts';

/** Grace, drain and the slowest process of each group, with room to spare. */
const STOP_WITHIN_MS = 180_000;

export const down: Command = {
  name: 'down',
  summary: 'Stop the stack that runs on this machine; steps under way are finished first.',
  options: {
    now: { help: 'do not wait for steps under way: they are done again after the next start' },
    ...DATA_OPTION,
  },
  async run(args) {
    noOperands(down, args);
    const data = dataFolder(args.text('data'));
    const state = readRunning(data);
    if (!state) {
      const left = endLeftovers(data);
      say(
        left.length > 0
          ? `no stack runs in ${data}; ended what one had left: ${left.join(', ')}`
          : `no stack runs in ${data}`,
      );
      return 0;
    }
    const end = Date.now() + STOP_WITHIN_MS;
    process.kill(state.pid, 'SIGTERM');
    if (args.flag('now')) {
      await sleep(200);
      if (identityOf(state.pid) === state.identity) process.kill(state.pid, 'SIGTERM');
    }
    while (identityOf(state.pid) === state.identity) {
      if (Date.now() > end) throw new UserError(`process ${state.pid} does not stop: see the logs in ${data}/logs`, 1);
      await sleep(50);
    }
    say(`stopped what ran at ${state.url}`);
    return 0;
  },
};
