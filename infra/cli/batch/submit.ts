import { z } from 'zod';
import { type BatchObject, batchObject, estimate } from '../../../shared/batch/batch-object.ts';
import { windowSeconds } from '../../../shared/batch/completion-window.ts';
import { type BatchEndpoint, batchEndpoint } from '../../../shared/batch/contract.ts';
import { UserError } from '../../user-error.ts';
import { type Client, create, findTarget, openClient, withPatience } from '../client.ts';
import { type Arguments, type Command, JSON_OPTION, oneOperand, TARGET_OPTIONS } from '../command.ts';
import { canAsk, confirmed } from '../confirm.ts';
import { openProgress, type Progress } from '../progress.ts';
import { label } from '../show-run.ts';
import { number, plural, say, size, warn } from '../terminal.ts';
import { type UploadedFile, uploadFile } from '../transfer.ts';
import { asEndpoint, checkLines, endpointOf, type Input, openInput } from './input.ts';
import { estimateText, problemText } from './show.ts';
import { printMade, watchBatch } from './watch.ts';

export const WAIT_OPTION = {
  wait: { short: 'w', help: 'watch it until it is over; Ctrl-C leaves it running' },
} as const;

export const WAIT_CODES = 'With --wait, exit code 0 when every line was answered, 1 when not.';

export const submit: Command = {
  name: 'batch submit',
  operands: 'FILE',
  summary: 'Run every line of a JSONL file.',
  about: [
    'FILE has one request a line: {"custom_id": "a", "method": "POST", "url": "/v1/responses", "body": {...}}.',
    'It is checked before anything is sent, each problem named with its line. - reads stdin.',
    WAIT_CODES,
  ].join('\n'),
  options: {
    endpoint: { value: 'URL', help: `${batchEndpoint.options.join(' or ')} (default: the url of the first line)` },
    window: { value: 'TIME', help: 'time for all lines, such as 90m, 24h or 7d (default: 24h)' },
    dedupe: { help: 'answer equal lines of temperature 0 once' },
    metadata: { value: 'KEY=VALUE', many: true, help: 'a note on the batch; may be given several times' },
    ...WAIT_OPTION,
    yes: { short: 'y', help: 'do not ask whether to run it after the estimate' },
    ...JSON_OPTION,
    ...TARGET_OPTIONS,
  },
  async run(args) {
    const word = oneOperand(submit, args);
    const metadata = pairsOf(args.texts('metadata'));
    const window = windowOf(args.text('window') ?? '24h');
    const wanted = args.text('endpoint');
    const known = wanted === undefined ? undefined : asEndpoint(wanted, `--endpoint is "${wanted}"`);
    const json = args.flag('json');
    const client = openClient(findTarget(args));
    const progress = openProgress(json);
    try {
      const input = await openInput(word, (bytes) => progress.show(`read ${size(bytes)}`));
      const endpoint = known ?? (await endpointOf(input));
      await check(input, endpoint, progress, json);
      const file = await upload(client, input, progress);
      progress.end();
      if (!json) say(`${label('uploaded')}${size(file.bytes)} as ${file.id}`);
      const request = {
        ...{ input_file_id: file.id, endpoint, completion_window: window },
        ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
        ...(args.flag('dedupe') ? { cota: { dedupe: true } } : {}),
      };
      const batch = await make(client, request, args).catch(async (error: unknown) => {
        // Nobody else knows of it.
        await client.delete(`/v1/files/${file.id}`, z.unknown()).catch(() => undefined);
        throw error;
      });
      if (!args.flag('wait')) {
        printMade(batch, json);
        return 0;
      }
      return await watchBatch(client, batch, json);
    } finally {
      progress.end();
    }
  },
};

interface BatchRequest {
  readonly input_file_id: string;
  readonly endpoint: BatchEndpoint;
  readonly completion_window: string;
}

/** @throws UserError once each problem has been told */
async function check(input: Input, endpoint: BatchEndpoint, progress: Progress, json: boolean): Promise<void> {
  const { lines, problems } = await checkLines(input, endpoint, (now) =>
    progress.show(`checked ${plural(now, 'line')}`),
  );
  progress.end();
  if (problems.length === 0) {
    if (!json) say(`${label('checked')}${plural(lines, 'line')} for ${endpoint}`);
    return;
  }
  for (const problem of problems) warn(problemText(input.name, problem));
  const many = problems.length >= 100 ? ' or more (these are the first)' : '';
  throw new UserError(`${input.name} has ${plural(problems.length, 'problem')}${many}: nothing was sent`, 1);
}

function upload(client: Client, input: Input, progress: Progress): Promise<UploadedFile> {
  return withPatience(() =>
    uploadFile(client, input, 'batch', (bytes) => {
      progress.show(`sent ${size(bytes)} of ${size(input.size)}`, bytes / input.size);
    }),
  );
}

const estimated = z.looseObject({ lines: z.int(), model: z.string().nullable(), estimate });
/** The cluster reads the whole file for it. */
const ESTIMATE_WITHIN_MS = 1_800_000;

/**
 * Shows what it would take, asks where somebody can be asked, and makes the batch.
 * @throws UserError where it is not to be
 */
async function make(client: Client, request: BatchRequest, args: Arguments): Promise<BatchObject> {
  const { input_file_id, endpoint } = request;
  const found = await withPatience(() =>
    client.post('/v1/batches/estimate', { input_file_id, endpoint }, estimated, { withinMs: ESTIMATE_WITHIN_MS }),
  );
  if (!args.flag('json')) {
    const model = found.model === null ? '' : ` for ${found.model}`;
    say(`${label('estimate')}${plural(found.lines, 'line')}${model}: ${estimateText(found.estimate)}`);
    const asks = !args.flag('yes') && canAsk();
    if (asks && !(await confirmed(`Run ${found.lines === 1 ? 'it' : `all ${number(found.lines)}`}?`))) {
      throw new UserError('nothing was run, and the file was removed', 1);
    }
  }
  return create(client, '/v1/batches', request, batchObject);
}

/** @throws UserError for what is no pair */
function pairsOf(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=');
      if (at < 1) throw new UserError(`--metadata takes KEY=VALUE, not "${word}"`);
      return [word.slice(0, at), word.slice(at + 1)];
    }),
  );
}

/** @throws UserError for what is no completion window, before anything is sent */
function windowOf(text: string): string {
  try {
    if (/^[1-9]\d{0,3}[mhd]$/.test(text) && windowSeconds(text) > 0) return text;
  } catch {
    // Too long.
  }
  throw new UserError(`--window takes a time such as 90m, 24h or 7d, at most 14d, not "${text}"`);
}
