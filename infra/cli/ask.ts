import { responseObject } from '../../shared/response/schema.ts';
import { UserError } from '../user-error.ts';
import { createRun, findTarget, follow, openClient } from './client.ts';
import { type Arguments, type Command, JSON_OPTION, TARGET_OPTIONS } from './command.ts';
import { isFile, isUrl, pictureUrl } from './pictures.ts';
import { endText, label, printTrouble, runPrinter, troubleText } from './show-run.ts';
import { plural, printJson, say } from './terminal.ts';

export const ask: Command = {
  name: 'ask',
  operands: '[IMAGE...] "QUESTION"',
  summary: 'Ask a question about images and watch it being answered.',
  about: 'IMAGE is a file, or an https URL that the cluster fetches. Ctrl-C cancels the run.',
  options: {
    model: { value: 'ID', short: 'm', help: 'the model to ask (default: that of models.yaml; see `cota models`)' },
    tools: { value: 'A,B', short: 't', help: 'the tools it may use (default: all that it knows; see `cota tools`)' },
    ...JSON_OPTION,
    ...TARGET_OPTIONS,
  },
  async run(args) {
    const { images, question } = readOperands(args.operands);
    const tools = args.text('tools');
    const request = requestOf({ images, question, model: args.text('model'), tools });
    const client = openClient(findTarget(args));
    const startedAt = performance.now();
    const first = await createRun(client, request);

    const interrupted = new AbortController();
    process.once('SIGINT', () => interrupted.abort());
    const quiet = args.flag('json');
    if (!quiet)
      say(`${label(first.model)}${first.cota.run_id}${images.length > 0 ? `  ${plural(images.length, 'image')}` : ''}`);
    const print = runPrinter();
    try {
      const last = await follow(client, first, quiet ? () => undefined : print, interrupted.signal);
      const trouble = troubleText(last);
      if (quiet) printJson(last);
      else {
        if (trouble !== undefined) printTrouble(trouble);
        say(`${label('')}${endText(last, performance.now() - startedAt)}`);
        say(`${label('trace')}./cota trace ${last.cota.run_id}`);
        for (const image of last.cota.images) say(`${label(image.name)}${image.url}`);
      }
      return trouble === undefined ? 0 : 1;
    } catch (error) {
      if (!interrupted.signal.aborted) throw error;
      await client.post(`/v1/responses/${first.id}/cancel`, {}, responseObject);
      throw new UserError(`cancelled ${first.cota.run_id}`, 1);
    }
  },
};

/** @throws UserError when the last word is no question */
function readOperands(operands: Arguments['operands']): {
  readonly images: readonly string[];
  readonly question: string;
} {
  const question = operands.at(-1);
  if (question === undefined)
    throw new UserError('what is the question? For example: cota ask menu.png "What does an espresso cost?"');
  if (question.trim() === '') throw new UserError('the question is empty');
  if (isUrl(question) || isFile(question)) {
    throw new UserError(`"${question}" is an image, and there is no question after it: cota ask ${question} "..."`);
  }
  return { images: operands.slice(0, -1), question };
}

interface Question {
  readonly images: readonly string[];
  readonly question: string;
  readonly model?: string | undefined;
  /** Names with commas between them; '' for none. */
  readonly tools?: string | undefined;
}

/** @throws UserError when an image cannot be read */
export function requestOf({ images, question, model, tools }: Question): Readonly<Record<string, unknown>> {
  const names = tools?.split(',').map((name) => name.trim());
  const pictures = images.map((image) => ({ type: 'input_image', image_url: pictureUrl(image) }));
  return {
    input: [{ role: 'user', content: [...pictures, { type: 'input_text', text: question }] }],
    ...(model === undefined ? {} : { model }),
    ...(names === undefined ? {} : { cota: { tools: names.filter((name) => name !== '') } }),
  };
}
