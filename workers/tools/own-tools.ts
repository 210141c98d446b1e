/** Tools of the user's own: modules that tools.yaml names, checked before they are offered to a model. */
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { SettingsError } from '../../shared/env.ts';
import type { ToolsConfig } from '../../shared/tools-config.ts';
import type { Tool } from './tool.ts';

const text = z.string('must be a text').trim().min(1, 'must not be empty');
const isFunction = (value: unknown): boolean => typeof value === 'function';
const func = z.custom<() => void>(isFunction, 'must be a function');
const flag = z.boolean('must be true or false');

const shape = z.looseObject({
  name: z
    .string('must be a text')
    .regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, 'must be letters, digits, _ and -, such as "CountWords"'),
  version: text,
  engine: text,
  description: text,
  arguments: z.custom(
    (value) => value instanceof Object && 'safeParse' in value,
    'must be a zod schema: z.object({ ... })',
  ),
  returns: z.string('must be a text'),
  example: z.record(z.string(), z.json(), 'must be an object: arguments as a model may write them'),
  pool: z.enum(['cpu', 'vision', 'remote'], 'must be "cpu", "vision" or "remote"'),
  timeLimitMs: z.number('must be a number of milliseconds').positive('must be more than 0'),
  deterministic: flag,
  cache: flag,
  run: func,
  status: func.optional(),
  warmUp: func.optional(),
});

/**
 * @param taken names that are built in
 * @throws SettingsError that names the module and all that is wrong with it
 */
export async function loadOwnTools(
  config: Pick<ToolsConfig, 'tools' | 'resolve'>,
  taken: Iterable<string>,
): Promise<readonly Tool[]> {
  const names = new Map([...taken].map((name) => [name, 'is built in']));
  const tools: Tool[] = [];
  for (const path of config.tools) {
    const tool = await load(config.resolve(path));
    const clash = names.get(tool.name);
    if (clash !== undefined)
      throw new SettingsError(`${path} of tools.yaml: a tool named "${tool.name}" ${clash}; choose another name`);
    names.set(tool.name, `is in ${path} already`);
    tools.push(tool);
  }
  return tools;
}

async function load(path: string): Promise<Tool> {
  let found: unknown;
  try {
    ({ default: found } = (await import(pathToFileURL(path).href)) as { default?: unknown });
  } catch (error) {
    if (!existsSync(path)) throw new SettingsError(`tools.yaml names the tool ${path}, and there is no such file`);
    const { message } = error instanceof Error ? error : { message: String(error) };
    throw new SettingsError(`the tool ${path} cannot be loaded: ${message}`, { cause: error });
  }
  if (found === undefined)
    throw new SettingsError(`the tool ${path} has no default export: end it with \`export default myTool\``);
  const checked = shape.safeParse(found);
  if (!checked.success) {
    const faults = checked.error.issues.map(({ path: at, message }) => {
      const name = at.join('.');
      if (name === '') return '  the default export must be a tool: an object with name, version, run, ...';
      return name in Object(found) || at.length > 1 ? `  ${name} ${message}` : `  ${name} is missing`;
    });
    throw new SettingsError(`the tool ${path} is wrong:\n${faults.join('\n')}`);
  }
  const tool = found as Tool;
  const example = tool.arguments.safeParse(tool.example);
  if (!example.success) {
    const [issue] = example.error.issues;
    throw new SettingsError(
      `the tool ${path} is wrong:\n  its example does not fit its arguments: ${issue?.path.join('.')} ${issue?.message}`,
    );
  }
  try {
    z.toJSONSchema(tool.arguments, { io: 'output' });
  } catch (error) {
    throw new SettingsError(
      `the tool ${path} is wrong:\n  its arguments cannot be told to a model as JSON Schema: ${(error as Error).message}`,
    );
  }
  return tool;
}
