#!/usr/bin/env node
/** The command `cota`: finds what was asked for, and turns every failure into one line and an exit code. */
import packageJson from '../../package.json' with { type: 'json' };
import { SettingsError } from '../../shared/env.ts';
import { UserError } from '../user-error.ts';
import { ask } from './ask.ts';
import { type Command, helpOf, readArguments } from './command.ts';
import { doctor } from './doctor.ts';
import { down } from './down.ts';
import { models, tools } from './lists.ts';
import { logs } from './logs.ts';
import { nearest } from './nearest.ts';
import { status } from './status.ts';
import { say, warn } from './terminal.ts';
import { trace } from './trace.ts';
import { up } from './up.ts';

const COMMANDS: readonly Command[] = [up, down, status, logs, ask, trace, models, tools, doctor];

function overview(): string {
  const list = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(9)}${summary}`).join('\n');
  return `cota ${packageJson.version}: questions about images, answered by a cluster of model and tool workers

cota COMMAND [options]

Commands:
${list}

\`cota COMMAND --help\` says more about one.
`;
}

function commandOf(word: string): Command {
  const names = COMMANDS.map(({ name }) => name);
  const found = COMMANDS.find(({ name }) => name === word);
  if (found) return found;
  const meant = nearest(word, names);
  const hint = meant === undefined ? `the commands are ${names.join(', ')}` : `did you mean \`cota ${meant}\`?`;
  throw new UserError(`there is no command "${word}": ${hint}`);
}

async function main(argv: readonly string[]): Promise<number> {
  const [word, ...rest] = argv;
  if (word === '--version' || word === '-V') {
    say(packageJson.version);
    return 0;
  }
  if (word === undefined || word === '--help' || word === '-h' || (word === 'help' && rest[0] === undefined)) {
    say(overview());
    return word === undefined ? 2 : 0;
  }
  if (word === 'help') {
    say(helpOf(commandOf(rest[0] ?? '')));
    return 0;
  }
  const command = commandOf(word);
  const args = readArguments(command, rest);
  if (args) return command.run(args);
  say(helpOf(command));
  return 0;
}

// `cota models | head` closes our output early; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    if (error instanceof UserError || error instanceof SettingsError) {
      warn(`cota: ${error.message}`);
      process.exit(error instanceof UserError ? error.exitCode : 2);
    }
    warn(`cota: this is a defect of Cota, please report it: ${error instanceof Error ? error.stack : String(error)}`);
    process.exit(1);
  },
);
