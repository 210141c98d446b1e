import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { childEnv } from '../../shared/env.ts';
import { makeFolder } from '../stack/folder.ts';
import { lastLines } from '../stack/logs.ts';
import { logFolder } from '../stack/plan.ts';
import { dataFolder, type StackSettings, stackSettings } from '../stack/settings.ts';
import { readRunning } from '../stack/state.ts';
import { UserError } from '../user-error.ts';
import { type Arguments, type Command, DATA_OPTION, noOperands } from './command.ts';
import { say } from './terminal.ts';
import { welcome } from './welcome.ts';

const MOST_WORKERS = 64;

export const up: Command = {
  name: 'up',
  summary: 'Start Redis, scheduler, API and workers on this machine, and keep them running until Ctrl-C.',
  about: [
    'Settings come from the environment (docs/runbook.md lists them). With COTA_REDIS_URL set, that Redis is used and',
    'none is started; with COTA_STORE=s3, objects go to that service.',
  ].join('\n'),
  options: {
    'model-workers': { value: 'N', help: 'model worker processes (default 1)' },
    'tool-workers': { value: 'N', help: 'tool worker processes (default: one for each 4 cores, at most 4)' },
    port: { value: 'PORT', short: 'p', help: 'port of the API (default: COTA_PORT, else 8080 or the next free one)' },
    host: { value: 'ADDRESS', help: 'address to listen on (default: COTA_HOST, else 127.0.0.1)' },
    models: { value: 'FILE', help: 'the models to serve (default: COTA_MODELS, else models.yaml)' },
    detach: { short: 'd', help: 'return when it is ready, and leave it running until `cota down`' },
    verbose: { short: 'v', help: 'show all log lines, not only warnings and errors' },
    ...DATA_OPTION,
  },
  async run(args) {
    noOperands(up, args);
    const settings = settingsOf(args);
    if (args.flag('detach')) return startDetached(settings, args);
    // Only the process that runs the stack needs what talks to Redis.
    const { keepUp } = await import('./keep-up.ts');
    return keepUp(settings, args.flag('verbose') ? 'info' : 'warn');
  },
};

function settingsOf(args: Arguments): StackSettings {
  return stackSettings({
    data: args.text('data'),
    models: args.text('models'),
    host: args.text('host'),
    port: args.number('port', 0, 65_535),
    modelWorkers: args.number('model-workers', 0, MOST_WORKERS),
    toolWorkers: args.number('tool-workers', 0, MOST_WORKERS),
  });
}

/** Starts the same command in a process of its own and waits until its stack is ready. */
async function startDetached(settings: StackSettings, args: Arguments): Promise<number> {
  const running = readRunning(settings.data);
  if (running)
    throw new UserError(`a stack runs in ${settings.data} already, at ${running.url}: \`cota down\` stops it`);
  const data = dataFolder(args.text('data'));
  makeFolder(logFolder(data));
  const logFile = join(logFolder(data), 'up.log');
  const log = openSync(logFile, 'w', 0o600);
  const argv = process.argv.slice(1).filter((word) => word !== '--detach' && word !== '-d');
  const child = spawn(process.execPath, argv, { detached: true, stdio: ['ignore', log, log], env: childEnv({}) });
  const exited = new Promise<'exited'>((resolve) => child.once('exit', () => resolve('exited')));
  for (;;) {
    const state = readRunning(data);
    if (state?.ready && state.pid === child.pid) {
      for (const line of welcome(settings, state, true)) say(line.replace('Ctrl-C here, or ', ''));
      child.unref();
      return 0;
    }
    if ((await Promise.race([exited, sleep(100, 'waiting')])) === 'exited') {
      throw new UserError(
        lastLines(logFile, 20)
          .join('\n')
          .replace(/^cota: /, '') || 'the stack did not start',
        1,
      );
    }
  }
}
