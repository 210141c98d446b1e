import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { atLeast, followLog, LEVELS, type Level, readLogLine, readUpLine, showLogLine } from '../stack/logs.ts';
import { logFolder } from '../stack/plan.ts';
import { dataFolder } from '../stack/settings.ts';
import { UserError } from '../user-error.ts';
import { type Command, DATA_OPTION } from './command.ts';
import { say } from './terminal.ts';

const FOLLOW_EVERY_MS = 300;
const DEFAULT_LINES = 50;

export const logs: Command = {
  name: 'logs',
  operands: '[PROCESS...]',
  summary: 'Show the logs of the stack, readable; of the named processes only, where there are names.',
  options: {
    follow: { short: 'f', help: 'go on with new lines until Ctrl-C' },
    lines: { value: 'N', short: 'n', help: `lines to start with (default ${DEFAULT_LINES})` },
    level: { value: 'LEVEL', help: `least level to show: ${LEVELS.join(', ')} (default info)` },
    ...DATA_OPTION,
  },
  async run(args) {
    const folder = logFolder(dataFolder(args.text('data')));
    const level = levelOf(args.text('level') ?? 'info');
    const names = chosen(namesIn(folder), args.operands, folder);
    const count = args.number('lines', 0, 1_000_000) ?? DEFAULT_LINES;
    const followers = names.map((name) => ({
      name,
      follower: followLog(join(folder, `${name}.log`), 0, name === 'up' ? readUpLine : readLogLine),
    }));
    const fresh = () =>
      followers
        .flatMap(({ name, follower }) => follower.read().map((line) => ({ name, line })))
        .filter(({ line }) => atLeast(line, level));
    // Lines of several files by their times; those without one stay behind the line before them.
    let time = '';
    const all = fresh().map((one) => {
      time = one.line.time ?? time;
      return { ...one, time };
    });
    all.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
    for (const { name, line } of count === 0 ? [] : all.slice(-count)) say(showLogLine(name, line));
    while (args.flag('follow')) {
      await sleep(FOLLOW_EVERY_MS);
      for (const { name, line } of fresh()) say(showLogLine(name, line));
    }
    return 0;
  },
};

function levelOf(word: string): Level {
  const level = LEVELS.find((name) => name === word);
  if (level === undefined) throw new UserError(`--level takes ${LEVELS.join(', ')}, not "${word}"`);
  return level;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .flatMap((file) => (file.endsWith('.log') ? [file.slice(0, -4)] : []))
      .sort();
  } catch {
    throw new UserError(`there are no logs in ${folder}: has a stack been started here?`, 1);
  }
}

function chosen(all: readonly string[], asked: readonly string[], folder: string): readonly string[] {
  for (const name of asked) {
    if (!all.includes(name))
      throw new UserError(`there is no log of "${name}" in ${folder}; there are ${all.join(', ')}`);
  }
  return asked.length > 0 ? asked : all;
}
