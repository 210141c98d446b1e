import { spawn } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { childEnv } from '../../shared/env.ts';
import { atLeast, capLog, type Follower, followLog, type Level, lastLines, showLogLine } from '../stack/logs.ts';
import { logFolder } from '../stack/plan.ts';
import { dataFolder, type StackSettings, stackSettings } from '../stack/settings.ts';
import { openStack, type Stack, type StackEvent } from '../stack/start.ts';
import { readRunning, type StackState } from '../stack/state.ts';
import { UserError } from '../user-error.ts';
import { type Arguments, type Command, DATA_OPTION, noOperands } from './command.ts';
import { paint, say, seconds } from './terminal.ts';

const MOST_WORKERS = 64;
const FOLLOW_EVERY_MS = 300;
/** Two files of each process: 64 MB in all. */
const LOG_BYTES = 32 * 1024 * 1024;

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

/** Runs the stack in this process until a signal ends it. */
async function keepUp(settings: StackSettings, level: Level): Promise<number> {
  const stack = openStack(settings, (event) => {
    const line = eventText(event);
    if (line !== undefined) say(line);
  });
  const ended = endOnSignal(stack);
  const state = await stack.start();
  for (const line of welcome(settings, state)) say(line);
  const stopFollowing = followLogs(stack, level);
  await ended;
  stopFollowing();
  return 0;
}

/**
 * Resolves when a signal has ended the stack. The second signal does not wait for steps under way.
 * @param onFirst called at once, before the stack stops
 */
export function endOnSignal(stack: Stack, onFirst?: () => void): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (asked) return stack.hurry();
        asked = true;
        onFirst?.();
        void stack.stop().then(resolve);
      });
    }
  });
}

const NAME = 12;

/** A line of the terminal for what happened; undefined where it is not worth one. */
export function eventText(event: StackEvent): string | undefined {
  switch (event.is) {
    case 'ready':
      return `${paint('green', 'ready')}    ${event.name.padEnd(NAME)}${seconds(event.inMs).padEnd(8)}${event.about}`.trimEnd();
    case 'ended': {
      if (event.againInMs === undefined) return `${paint('dim', 'stopped')}  ${event.name}`;
      return `${paint('yellow', 'died')}     ${event.name.padEnd(NAME)}it ${event.how}; starting it again in ${seconds(event.againInMs)}`;
    }
    case 'crash-loop': {
      const end = event.lines.map((line) => `\n           ${line}`).join('');
      return `${paint('red', 'failing')}  ${event.name.padEnd(NAME)}it died ${event.deaths} times in a row; the end of ${event.logFile}:${end}`;
    }
    case 'leftovers':
      return `${paint('yellow', 'ended')}    what a killed stack had left running: ${event.names.join(', ')}`;
    case 'stopping':
      return 'stopping: steps under way are finished first (Ctrl-C again to stop at once)';
    case 'started':
    case 'stopped':
      return undefined;
  }
}

function welcome(settings: StackSettings, state: StackState): string[] {
  const key =
    settings.apiKey === undefined
      ? `${state.apiKey}  (kept in ${join(settings.data, 'key')})`
      : 'the one of COTA_API_KEY';
  return [
    '',
    `Cota is up at ${paint('bold', state.url)}  (OpenAI clients: ${state.url}/v1)`,
    `API key    ${key}`,
    `logs       ${logFolder(settings.data)}`,
    '',
    'Ask in another terminal:  ./cota ask infra/demo/menu.png "How much is the lentil soup?"',
    'Stop:                     Ctrl-C here, or ./cota down',
    '',
  ];
}

function followLogs(stack: Stack, level: Level): () => void {
  const followers = new Map<string, Follower>();
  const timer = setInterval(() => {
    for (const { spec } of stack.processes) {
      const follower = followers.get(spec.name) ?? followLog(spec.logFile, 0);
      followers.set(spec.name, follower);
      for (const line of follower.read()) if (atLeast(line, level)) say(showLogLine(spec.name, line));
      capLog(spec.logFile, LOG_BYTES);
    }
  }, FOLLOW_EVERY_MS);
  return () => clearInterval(timer);
}

/** Starts the same command in a process of its own and waits until its stack is ready. */
async function startDetached(settings: StackSettings, args: Arguments): Promise<number> {
  const running = readRunning(settings.data);
  if (running)
    throw new UserError(`a stack runs in ${settings.data} already, at ${running.url}: \`cota down\` stops it`);
  const data = dataFolder(args.text('data'));
  mkdirSync(logFolder(data), { recursive: true, mode: 0o700 });
  const logFile = join(logFolder(data), 'up.log');
  const log = openSync(logFile, 'w', 0o600);
  const argv = process.argv.slice(1).filter((word) => word !== '--detach' && word !== '-d');
  const child = spawn(process.execPath, argv, { detached: true, stdio: ['ignore', log, log], env: childEnv({}) });
  const exited = new Promise<'exited'>((resolve) => child.once('exit', () => resolve('exited')));
  for (;;) {
    const state = readRunning(data);
    if (state?.ready && state.pid === child.pid) {
      for (const line of welcome(settings, state)) say(line.replace('Ctrl-C here, or ', ''));
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
