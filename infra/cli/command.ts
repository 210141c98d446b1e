/** What a command is, how its arguments are read, and how its help looks. */
import { parseArgs } from 'node:util';
import { UserError } from '../user-error.ts';
import { nearest } from './nearest.ts';

export interface Option {
  /** A word for its value in the help (`N`, `URL`); a flag has none. */
  readonly value?: string;
  readonly short?: string;
  /** It may be given several times. */
  readonly many?: true;
  readonly help: string;
}

export interface Command {
  /** As it is typed after `cota`: one word, or that of its group before it. */
  readonly name: string;
  /** What follows the name: `IMAGE... "QUESTION"`. */
  readonly operands?: string;
  readonly summary: string;
  /** More than the summary, for its own help. */
  readonly about?: string;
  readonly options: Readonly<Record<string, Option>>;
  /** @returns the exit code */
  run(args: Arguments): Promise<number>;
}

/** Commands of one subject: `cota batch submit`, `cota batch list`. */
export interface CommandGroup {
  readonly name: string;
  readonly summary: string;
  readonly about?: string;
  readonly commands: readonly Command[];
  /** What its name does when it stands alone or before an option; else that shows the help. */
  readonly alone?: Command;
}

export interface Arguments {
  readonly operands: readonly string[];
  text(option: string): string | undefined;
  /** All values of an option that may be given several times. */
  texts(option: string): readonly string[];
  flag(option: string): boolean;
  /** A whole number. @throws UserError when it is none, or outside of the bounds */
  number(option: string, least: number, most: number): number | undefined;
}

/** Options of every command that talks to a running Cota. */
export const TARGET_OPTIONS = {
  url: { value: 'URL', help: 'address of the API (default: COTA_PUBLIC_URL, else the stack of the data folder)' },
  key: { value: 'KEY', help: 'API key (default: COTA_API_KEY, else the key of that stack)' },
  data: { value: 'DIR', help: 'data folder of the stack (default: COTA_DATA, else .cota)' },
} as const satisfies Record<string, Option>;

export const DATA_OPTION = { data: TARGET_OPTIONS.data } as const;
export const JSON_OPTION = { json: { help: 'print JSON, for scripts' } } as const;
const HELP_OPTION = { help: { short: 'h', help: 'show this help' } } as const;

/**
 * @returns undefined when help was asked for
 * @throws UserError that names the argument at fault
 */
export function readArguments(command: Command, argv: readonly string[]): Arguments | undefined {
  const options: Readonly<Record<string, Option>> = { ...command.options, ...HELP_OPTION };
  const config = Object.fromEntries(
    Object.entries(options).map(([name, { value, short, many = false }]) => {
      const type = value === undefined ? ('boolean' as const) : ('string' as const);
      return [name, short === undefined ? { type, multiple: many } : { type, short, multiple: many }];
    }),
  );
  let parsed: ReturnType<typeof parseArgs<{ options: typeof config; allowPositionals: true }>>;
  try {
    parsed = parseArgs({ args: [...argv], options: config, allowPositionals: true });
  } catch (error) {
    throw new UserError(complaint(command, error as Error, Object.keys(options)));
  }
  const values = parsed.values as Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
  if (values.help === true) return undefined;
  const text = (option: string): string | undefined => {
    const value = values[option];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    operands: parsed.positionals,
    text,
    texts: (option) => [values[option]].flat().filter((value) => typeof value === 'string'),
    flag: (option) => values[option] === true,
    number(option, least, most) {
      const given = text(option);
      if (given === undefined) return undefined;
      const value = Number(given);
      if (/^\d+$/.test(given) && value >= least && value <= most) return value;
      throw new UserError(`--${option} takes a whole number from ${least} to ${most}, not "${given}"`);
    },
  };
}

/** Node's messages name the option; what it might have been, and where to read more, is ours to add. */
function complaint(command: Command, error: Error, known: readonly string[]): string {
  const help = `\`cota ${command.name} --help\` lists the options`;
  const unknown = /^Unknown option '-{1,2}([^']+)'/.exec(error.message)?.[1];
  const dashed = /^Option '(-{1,2}[^' ]+)[^']*' argument is ambiguous/.exec(error.message)?.[1];
  if (dashed !== undefined) {
    const meant = dashed.startsWith('--') ? `${dashed}=VALUE` : `${dashed}VALUE`;
    return `${dashed} takes a value, and what follows it begins with a dash; if it is meant, write ${meant}: ${help}`;
  }
  if (unknown === undefined) {
    const what = (error.message.split('\n')[0] ?? '').replace(/\.$/, '');
    return `${what.charAt(0).toLowerCase()}${what.slice(1)}: ${help}`;
  }
  const meant = nearest(unknown, known);
  const hint = meant === undefined ? '' : ` (did you mean --${meant}?)`;
  return `cota ${command.name} has no option --${unknown}${hint}: ${help}`;
}

/** The help of one command. */
export function helpOf(command: Command): string {
  const options = optionLines(command);
  const usage = ['cota', command.name, '[options]', command.operands].filter((part) => part !== undefined).join(' ');
  const about = command.about === undefined ? '' : `\n${command.about}\n`;
  return `${usage}\n\n${command.summary}\n${about}\nOptions:\n${options.join('\n')}\n`;
}

function optionLines(command: Command): string[] {
  return Object.entries({ ...command.options, ...HELP_OPTION }).map(([name, option]) => {
    const { short, value, help }: Option = option;
    const left = `${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
    return `  ${left.padEnd(26)}${help}`;
  });
}

/** The help of a group: its commands. */
export function helpOfGroup({ name, summary, about, commands, alone }: CommandGroup): string {
  const rows = commands.map((command) => {
    const left = [command.name.slice(name.length + 1), command.operands].filter((part) => part !== undefined).join(' ');
    return `  ${left.padEnd(26)}${command.summary}`;
  });
  const more = about === undefined ? '' : `\n${about}\n`;
  if (alone) rows.unshift(`  ${'(none)'.padEnd(26)}${alone.summary}`);
  const command = alone ? '[COMMAND]' : 'COMMAND';
  const own = alone ? `\n\nOptions without a command:\n${optionLines(alone).join('\n')}` : '';
  const end = `\`cota ${name} COMMAND --help\` says more about one.`;
  return `cota ${name} ${command} [options]\n\n${summary}\n${more}\nCommands:\n${rows.join('\n')}${own}\n\n${end}\n`;
}

/**
 * The command that the words of a command line name.
 * @returns with what comes behind its name; a group where its name stands alone or before an option
 * @throws UserError with what may have been meant
 */
export function findCommand(
  all: readonly (Command | CommandGroup)[],
  words: readonly string[],
): { readonly found: Command | CommandGroup; readonly rest: readonly string[] } {
  const [word = '', ...rest] = words;
  const found = pick('cota', word, all);
  const [second] = rest;
  if (!isGroup(found) || second === undefined || second.startsWith('-')) return { found, rest };
  const isNamed = found.commands.some(({ name }) => name === `${found.name} ${second}`);
  // Of a group whose own name takes an operand: `cota train nano`.
  if (!isNamed && found.alone?.operands !== undefined) return { found: found.alone, rest };
  return { found: pick(`cota ${found.name}`, `${found.name} ${second}`, found.commands), rest: rest.slice(1) };
}

export const isGroup = (command: Command | CommandGroup): command is CommandGroup => 'commands' in command;

function pick<T extends Command | CommandGroup>(before: string, name: string, all: readonly T[]): T {
  const found = all.find((one) => one.name === name);
  if (found) return found;
  const last = (text: string): string => text.slice(text.lastIndexOf(' ') + 1);
  const words = all.map((one) => last(one.name));
  const meant = nearest(last(name), words);
  const hint = meant === undefined ? `the commands are ${words.join(', ')}` : `did you mean \`${before} ${meant}\`?`;
  throw new UserError(`there is no command "${before === 'cota' ? '' : `${before.slice(5)} `}${last(name)}": ${hint}`);
}

/** @throws UserError when there is none, or more than one */
export function oneOperand(command: Pick<Command, 'name' | 'operands'>, { operands }: Arguments): string {
  const [first, second] = operands;
  const use = `cota ${command.name} ${command.operands ?? ''}`.trimEnd();
  if (first === undefined || first === '')
    throw new UserError(`${command.operands ?? 'an argument'} is missing: ${use}`);
  if (second !== undefined) throw new UserError(`one at a time: "${second}" is a second (${use})`);
  return first;
}

/** @returns what --enable or --disable asks for; undefined where neither is given. @throws UserError for both */
export function enabledBy(args: Arguments): boolean | undefined {
  const [disable, enable] = [args.flag('disable'), args.flag('enable')];
  if (disable && enable) throw new UserError('--disable and --enable: which of them?');
  return disable || enable ? enable : undefined;
}

/** @throws UserError where nothing is to be changed */
export function someChange<T extends object>(command: Pick<Command, 'name'>, changes: T): T {
  if (Object.keys(changes).length > 0) return changes;
  throw new UserError(`change what? \`cota ${command.name} --help\` lists what there is`);
}

/** @throws UserError when there are operands where none belong */
export function noOperands(command: Pick<Command, 'name'>, { operands }: Arguments): void {
  const [first] = operands;
  if (first === undefined) return;
  throw new UserError(
    `cota ${command.name} takes no argument "${first}": \`cota ${command.name} --help\` shows its use`,
  );
}
