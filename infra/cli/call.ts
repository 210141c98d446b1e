/** `cota call`: one tool, without a model. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { toolCallObject } from '../../services/api/handlers/calls.ts';
import { toolList } from '../../services/api/handlers/models.ts';
import { responseObject, type VendorFacts } from '../../shared/response/schema.ts';
import { fromHere } from '../stack/settings.ts';
import { UserError } from '../user-error.ts';
import { type Client, create, findTarget, openClient, withPatience } from './client.ts';
import { type Command, JSON_OPTION, TARGET_OPTIONS } from './command.ts';
import { nearest } from './nearest.ts';
import { pictureUrl } from './pictures.ts';
import { label, printTrouble, resultText } from './show-run.ts';
import { paragraph, printJson, say, seconds } from './terminal.ts';

const LOOK_MS = 500;

export const call: Command = {
  name: 'call',
  operands: 'TOOL [NAME=VALUE...]',
  summary: 'Call one tool yourself, without a model.',
  about:
    'VALUE is JSON where it can be read as such (0.5, true, [1, 2], {"a": 1}), else a text. The first --image is image-0, ' +
    'the next one image-1: `cota call OCR image=image-0 --image receipt.jpg`. image=image-0 may be left out. ' +
    '`cota tools` lists the tools. Ctrl-C cancels.',
  options: {
    image: {
      value: 'FILE',
      short: 'i',
      many: true,
      help: 'a file, or an https URL that the cluster fetches; repeat it',
    },
    out: { value: 'DIR', short: 'o', help: 'put the images that the tool makes into this folder' },
    ...JSON_OPTION,
    ...TARGET_OPTIONS,
  },
  async run(args) {
    const [tool, ...words] = args.operands;
    if (tool === undefined) throw new UserError('which tool? For example: cota call Calculate expression="2 * 3"');
    const given = argumentsOf(words);
    const images = args.texts('image').map(pictureUrl);
    const out = args.text('out');
    if (out !== undefined) makeFolder(out);
    const client = openClient(findTarget(args));
    const { data } = await client.get('/v1/tools', toolList);
    const spec = data.find(({ name }) => name === tool);
    if (data.length > 0 && spec === undefined) throw new UserError(unknownTool(tool, data));
    const takesImage = images.length > 0 && spec !== undefined && isRequired(spec.parameters, 'image');
    const body = { arguments: takesImage ? { image: 'image-0', ...given } : given, images, background: true };
    const path = `/v1/tools/${encodeURIComponent(tool)}/calls`;
    const first = await create(client, path, body, toolCallObject);
    const interrupted = new AbortController();
    process.once('SIGINT', () => interrupted.abort());
    let now = await withPatience(() => client.get(`/v1/responses/${first.response_id}`, responseObject));
    try {
      for (
        let pause = 50;
        now.status === 'queued' || now.status === 'in_progress';
        pause = Math.min(LOOK_MS, pause * 1.5)
      ) {
        await sleep(pause, undefined, { signal: interrupted.signal });
        now = await withPatience(() => client.get(`/v1/responses/${first.response_id}`, responseObject));
      }
    } catch (error) {
      if (!interrupted.signal.aborted) throw error;
      await client.post(`/v1/responses/${first.response_id}/cancel`, {}, responseObject);
      throw new UserError(`cancelled ${first.id}`, 1);
    }
    if (args.flag('json')) printJson(now);
    const made = now.cota.images.slice(images.length);
    const kept = out === undefined ? undefined : await keepImages(client, made, fromHere(out));
    const output = now.output.find((item) => item.type === 'function_call_output')?.output;
    const text = typeof output === 'string' ? output : output?.find((part) => part.type === 'input_text')?.text;
    if (text === undefined) {
      const why = now.error === null ? `the call ended as ${now.status}` : `${now.error.message} (${now.error.code})`;
      if (!args.flag('json')) printTrouble(why);
      return 1;
    }
    const result = JSON.parse(text) as unknown;
    const failed = typeof output === 'string' && isFailure(result);
    if (!args.flag('json')) {
      say(failed ? paragraph('failed', 'red', resultText(result).replace(/^failed: /, '')) : resultText(result));
      for (const [at, image] of made.entries()) say(`${label(image.name)}${kept?.[at] ?? image.url}`);
      say(`${label('')}${seconds(now.cota.usage.tool_ms)}; ./cota trace ${first.id}`);
    }
    return failed ? 1 : 0;
  },
};

/** @throws UserError where it cannot be made */
function makeFolder(path: string): void {
  try {
    mkdirSync(fromHere(path), { recursive: true });
  } catch (error) {
    throw new UserError(`--out takes a folder, and ${path} cannot be one: ${(error as Error).message}`);
  }
}

/** @returns the files, in the order of the images */
function keepImages(client: Client, images: VendorFacts['images'], folder: string): Promise<string[]> {
  return Promise.all(
    images.map(async ({ name, content_type: type, file_id: id }) => {
      const reply = await client.open(`/v1/artifacts/${id}`);
      const file = join(folder, `${basename(name)}.${type === 'image/jpeg' ? 'jpg' : 'png'}`);
      writeFileSync(file, Buffer.from(await reply.arrayBuffer()));
      return file;
    }),
  );
}

function unknownTool(name: string, tools: z.infer<typeof toolList>['data']): string {
  const names = tools.map((tool) => tool.name);
  const meant = names.find((other) => other.toLowerCase() === name.toLowerCase()) ?? nearest(name, names);
  return `there is no tool "${name}": ${meant === undefined ? `there are ${names.join(', ')}` : `did you mean ${meant}?`}`;
}

const isRequired = ({ required }: Record<string, unknown>, name: string): boolean =>
  Array.isArray(required) && required.includes(name);

/** A tool's result may have a field of this name too; its own failure has nothing beside it. */
const isFailure = (result: unknown): boolean => {
  if (typeof result !== 'object' || result === null || Object.keys(result).join() !== 'error') return false;
  const { error } = result as { error: unknown };
  return typeof error === 'object' && error !== null && Object.keys(error).sort().join() === 'code,message';
};

/** @throws UserError for a word without a name */
function argumentsOf(words: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=');
      if (at < 1) throw new UserError(`"${word}" is no argument: write NAME=VALUE, such as expression="2 * 3"`);
      return [word.slice(0, at), jsonOr(word.slice(at + 1))];
    }),
  );
}

/** JSON where the text is some, such as numbers and lists; else the text itself. */
function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
