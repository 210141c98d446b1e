/** What a command is, how its arguments are read, and how its help looks. */
import { parseArgs } from 'node:util';
import { UserError } from '../user-error.ts';
import { nearest } from './nearest.ts';

export interface Option {
  /** A word for its value in the help (`N`, `URL`); a flag has none. */
  readonly value?: string;
  readonly short?: string;
  readonly help: string;
}

export interface Command {
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

export interface Arguments {
  readonly operands: readonly string[];
  text(option: string): string | undefined;
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
    Object.entries(options).map(([name, { value, short }]) => {
      const type = value === undefined ? ('boolean' as const) : ('string' as const);
      return [name, short === undefined ? { type } : { type, short }];
    }),
  );
  let parsed: ReturnType<typeof parseArgs<{ options: typeof config; allowPositionals: true }>>;
  try {
    parsed = parseArgs({ args: [...argv], options: config, allowPositionals: true });
  } catch (error) {
    throw new UserError(complaint(command, error as Error, Object.keys(options)));
  }
  const values = parsed.values as Readonly<Record<string, string | boolean | undefined>>;
  if (values.help === true) return undefined;
  const text = (option: string): string | undefined => {
    const value = values[option];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    operands: parsed.positionals,
    text,
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
  const options = Object.entries({ ...command.options, ...HELP_OPTION }).map(([name, option]) => {
    const { short, value, help }: Option = option;
    const left = `${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
    return `  ${left.padEnd(26)}${help}`;
  });
  const usage = ['cota', command.name, '[options]', command.operands].filter((part) => part !== undefined).join(' ');
  const about = command.about === undefined ? '' : `\n${command.about}\n`;
  return `${usage}\n\n${command.summary}\n${about}\nOptions:\n${options.join('\n')}\n`;
}

/** @throws UserError when there are operands where none belong */
export function noOperands(command: Pick<Command, 'name'>, { operands }: Arguments): void {
  const [first] = operands;
  if (first === undefined) return;
  throw new UserError(
    `cota ${command.name} takes no argument "${first}": \`cota ${command.name} --help\` shows its use`,
  );
}
