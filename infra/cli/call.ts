/** `cota call`: one tool, without a model. */
import { setTimeout as sleep } from 'node:timers/promises';
import { toolCallObject } from '../../services/api/handlers/calls.ts';
import { toolList } from '../../services/api/handlers/models.ts';
import { responseObject } from '../../shared/response/schema.ts';
import { UserError } from '../user-error.ts';
import { create, findTarget, openClient, withPatience } from './client.ts';
import { type Command, JSON_OPTION, TARGET_OPTIONS } from './command.ts';
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
    'the next one image-1: `cota call OCR image=image-0 --image receipt.jpg`. `cota tools` lists the tools. Ctrl-C cancels.',
  options: {
    image: {
      value: 'FILE',
      short: 'i',
      many: true,
      help: 'a file, or an https URL that the cluster fetches; repeat it',
    },
    ...JSON_OPTION,
    ...TARGET_OPTIONS,
  },
  async run(args) {
    const [tool, ...words] = args.operands;
    if (tool === undefined) throw new UserError('which tool? For example: cota call Calculate expression="2 * 3"');
    const body = { arguments: argumentsOf(words), images: args.texts('image').map(pictureUrl), background: true };
    const client = openClient(findTarget(args));
    const { data } = await client.get('/v1/tools', toolList);
    if (data.length > 0 && !data.some(({ name }) => name === tool)) {
      throw new UserError(`there is no tool "${tool}": there are ${data.map(({ name }) => name).join(', ')}`);
    }
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
      for (const image of now.cota.images.slice(body.images.length)) say(`${label(image.name)}${image.url}`);
      say(`${label('')}${seconds(now.cota.usage.tool_ms)}; ./cota trace ${first.id}`);
    }
    return failed ? 1 : 0;
  },
};

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
