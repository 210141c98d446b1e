/** `cota batch`: files of requests, from their submission to their results. */
import { extname } from 'node:path';
import { batchObject } from '../../shared/batch/batch-object.ts';
import { UserError } from '../user-error.ts';
import { countsText, hasEnded, printBatch } from './batch/show.ts';
import { submit, WAIT_CODES, WAIT_OPTION } from './batch/submit.ts';
import { printMade, watchBatch } from './batch/watch.ts';
import { create, findTarget, openClient, withPatience } from './client.ts';
import { type Command, type CommandGroup, JSON_OPTION, noOperands, oneOperand, TARGET_OPTIONS } from './command.ts';
import { LIST_OPTIONS, list, sayMore } from './paging.ts';
import { openProgress } from './progress.ts';
import { moment, number, printJson, say, size, table, warn } from './terminal.ts';
import { downloadTo, downloadToFile } from './transfer.ts';

const batchPath = (id: string): string => `/v1/batches/${encodeURIComponent(id)}`;

const status: Command = {
  name: 'batch status',
  operands: 'ID',
  summary: 'Show how far a batch is, or how it ended.',
  about: WAIT_CODES,
  options: { ...WAIT_OPTION, ...JSON_OPTION, ...TARGET_OPTIONS },
  async run(args) {
    const id = oneOperand(status, args);
    const json = args.flag('json');
    const client = openClient(findTarget(args));
    const batch = await withPatience(() => client.get(batchPath(id), batchObject));
    if (args.flag('wait')) return watchBatch(client, batch, json);
    if (json) printJson(batch);
    else printBatch(batch);
    return 0;
  },
};

const listBatches: Command = {
  name: 'batch list',
  summary: 'List the batches, newest first.',
  options: { ...LIST_OPTIONS, ...JSON_OPTION, ...TARGET_OPTIONS },
  async run(args) {
    noOperands(listBatches, args);
    const client = openClient(findTarget(args));
    const found = await list(client, '/v1/batches', args, batchObject);
    if (args.flag('json')) printJson(found.data);
    else if (found.data.length === 0) say('no batch yet: `./cota batch submit FILE` makes one');
    else {
      const rows = found.data.map((batch) => [
        batch.id,
        batch.status,
        number(batch.request_counts.total),
        number(batch.request_counts.completed),
        number(batch.request_counts.failed),
        moment(batch.created_at),
        batch.model ?? '-',
      ]);
      say(table(['BATCH', 'STATUS', 'LINES', 'ANSWERED', 'FAILED', 'CREATED', 'MODEL'], rows));
      sayMore(found, 'batch list');
    }
    return 0;
  },
};

const FORMATS = ['jsonl', 'csv', 'parquet'];

const results: Command = {
  name: 'batch results',
  operands: 'ID',
  summary: 'Print or save the results of a batch; those so far while it runs.',
  about: [
    'jsonl has whole responses, one a line; csv and parquet have a row a line: custom_id, status, answer, error, tokens.',
    'While the batch runs, the lines that have ended by then are in them, in no fixed order.',
  ].join('\n'),
  options: {
    format: { value: 'FORMAT', short: 'f', help: `${FORMATS.join(', ')} (default: by the name of --out, else jsonl)` },
    out: { value: 'FILE', short: 'o', help: 'where to save them (default: print them)' },
    failed: { help: 'only lines that have no answer' },
    ...TARGET_OPTIONS,
  },
  async run(args) {
    const id = oneOperand(results, args);
    const out = args.text('out');
    const format = formatOf(args.text('format'), out);
    if (format === 'parquet' && out === undefined && process.stdout.isTTY) {
      throw new UserError('parquet is not for terminals: name a file with --out');
    }
    const client = openClient(findTarget(args));
    const batch = await withPatience(() => client.get(batchPath(id), batchObject));
    if (batch.status === 'failed') throw new UserError(`the file of ${id} is wrong: \`./cota batch status ${id}\``, 1);
    const path = `${batchPath(id)}/results?format=${format}${args.flag('failed') ? '&only=failed' : ''}`;
    if (!hasEnded(batch)) warn(`the batch is ${batch.status} (${countsText(batch)}): these are the results so far`);
    if (out === undefined) {
      await downloadTo(await withPatience(() => client.open(path)), process.stdout, { end: false });
      return 0;
    }
    const progress = openProgress(false);
    const save = (): Promise<number> =>
      downloadToFile(
        () => client.open(path),
        out,
        (bytes) => progress.show(`got ${size(bytes)}`),
      );
    const bytes = await withPatience(save).finally(progress.end);
    say(`${size(bytes)} in ${out}`);
    return 0;
  },
};

/** @throws UserError for a format that there is not */
function formatOf(given: string | undefined, out: string | undefined): string {
  const ending = out === undefined ? '' : extname(out).slice(1).toLowerCase();
  const format = given ?? (ending === '' ? 'jsonl' : ending);
  if (FORMATS.includes(format)) return format;
  const formats = FORMATS.join(', ');
  if (given !== undefined) throw new UserError(`--format may be ${formats}, not "${given}"`);
  throw new UserError(`results are ${formats}, not "${ending}": name a file that ends so, or say which with --format`);
}

const cancel: Command = {
  name: 'batch cancel',
  operands: 'ID',
  summary: 'Stop a batch. What is finished stays.',
  options: { ...JSON_OPTION, ...TARGET_OPTIONS },
  async run(args) {
    const id = oneOperand(cancel, args);
    const client = openClient(findTarget(args));
    const batch = await withPatience(() => client.post(`${batchPath(id)}/cancel`, {}, batchObject));
    if (args.flag('json')) printJson(batch);
    else printBatch(batch);
    return 0;
  },
};

const retry: Command = {
  name: 'batch retry',
  operands: 'ID',
  summary: 'Run the failed lines of a batch again, as a new batch.',
  about: WAIT_CODES,
  options: { ...WAIT_OPTION, ...JSON_OPTION, ...TARGET_OPTIONS },
  async run(args) {
    const id = oneOperand(retry, args);
    const json = args.flag('json');
    const client = openClient(findTarget(args));
    const batch = await create(client, `${batchPath(id)}/retry`, {}, batchObject);
    if (args.flag('wait')) return watchBatch(client, batch, json);
    printMade(batch, json);
    return 0;
  },
};

export const batch: CommandGroup = {
  name: 'batch',
  summary: 'Run files of requests: submit, watch, get results (docs/batches.md).',
  commands: [submit, status, listBatches, results, cancel, retry],
};
