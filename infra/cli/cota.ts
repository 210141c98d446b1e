#!/usr/bin/env node
/** The command `cota`: finds what was asked for, and turns every failure into one line and an exit code. */
import packageJson from '../../package.json' with { type: 'json' };
import { SettingsError } from '../../shared/env.ts';
import { UserError } from '../user-error.ts';
import { ask } from './ask.ts';
import { batch } from './batch.ts';
import { call } from './call.ts';
import {
  type Command,
  type CommandGroup,
  findCommand,
  helpOf,
  helpOfGroup,
  isGroup,
  readArguments,
} from './command.ts';
import { data } from './data.ts';
import { doctor } from './doctor.ts';
import { down } from './down.ts';
import { kb } from './kb.ts';
import { keys } from './keys.ts';
import { tools } from './lists.ts';
import { logs } from './logs.ts';
import { models } from './models.ts';
import { runs } from './runs.ts';
import { status } from './status.ts';
import { tenants } from './tenants.ts';
import { say, warn } from './terminal.ts';
import { trace } from './trace.ts';
import { train } from './train.ts';
import { up } from './up.ts';
import { webhooks } from './webhooks.ts';

const COMMANDS: readonly (Command | CommandGroup)[] = [
  ...[up, down, status, logs, doctor],
  ...[ask, call, trace, runs, batch, data, train],
  ...[models, tools, kb, webhooks, keys, tenants],
];

function overview(): string {
  const list = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(10)}${summary}`).join('\n');
  return `cota ${packageJson.version}: questions about images, answered by a cluster of model and tool workers

cota COMMAND [options]

Commands:
${list}

\`cota COMMAND --help\` says more about one.
`;
}

const isHelp = (word: string | undefined): boolean => word === '--help' || word === '-h';

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
  const asked = word === 'help';
  const { found, rest: words } = findCommand(COMMANDS, asked ? rest : argv);
  if (isGroup(found)) {
    const [option] = words;
    const alone = asked || isHelp(option) || !found.alone ? undefined : readArguments(found.alone, words);
    if (found.alone && alone) return found.alone.run(alone);
    if (option !== undefined && !isHelp(option) && !found.alone) {
      throw new UserError(`which command of \`cota ${found.name}\`? \`cota ${found.name} --help\` lists them`);
    }
    say(helpOfGroup(found));
    return asked || option !== undefined ? 0 : 2;
  }
  const args = asked ? undefined : readArguments(found, words);
  if (args) return found.run(args);
  say(helpOf(found));
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
