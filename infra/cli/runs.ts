/** `cota runs`: runs that were asked for one by one. */
import { z } from 'zod';
import { runIdOf } from '../../shared/keys.ts';
import { type ResponseObject, responseObject } from '../../shared/response/schema.ts';
import { runStatusFilter, runSummary } from '../../shared/run/run-summary.ts';
import { UserError } from '../user-error.ts';
import { ApiError, type Client, create, findTarget, follow, openClient, withPatience } from './client.ts';
import { type Command, type CommandGroup, JSON_OPTION, noOperands, oneOperand, TARGET_OPTIONS } from './command.ts';
import { LIST_OPTIONS, list, sayMore } from './paging.ts';
import { endText, label, printTrouble, runPrinter, troubleText } from './show-run.ts';
import { moment, printJson, say, seconds, table, warn } from './terminal.ts';
import { printTraceDocument } from './trace.ts';

const listRuns: Command = {
  name: 'runs list',
  summary: 'List the newest runs that were asked for one by one.',
  about: 'The last 1,000 are kept in mind; older ones, and those of batches, are found by their id.',
  options: {
    status: { value: 'STATUS', short: 's', help: `only those that are ${runStatusFilter.options.join(', ')}` },
    ...LIST_OPTIONS,
    ...JSON_OPTION,
    ...TARGET_OPTIONS,
  },
  async run(args) {
    noOperands(listRuns, args);
    const status = args.text('status');
    if (status !== undefined && !runStatusFilter.safeParse(status).success) {
      throw new UserError(`--status may be ${runStatusFilter.options.join(', ')}, not "${status}"`);
    }
    const client = openClient(findTarget(args));
    const found = await list(client, '/v1/runs', args, runSummary, { status });
    if (args.flag('json')) printJson(found.data);
    else if (found.data.length === 0) {
      say(
        status === undefined ? 'no run yet: `./cota ask "QUESTION"` makes one' : `none of the newest runs is ${status}`,
      );
    } else {
      const rows = found.data.map((run) => [
        run.id,
        run.status,
        moment(run.created_at).slice(5),
        run.ended_at === null ? '-' : seconds((run.ended_at - run.created_at) * 1000),
        run.question,
        run.answer ?? (run.error === null ? '-' : `(${run.error.code})`),
      ]);
      say(table(['RUN', 'STATUS', 'ASKED', 'TOOK', 'QUESTION', 'ANSWER'], rows));
      sayMore(found, status === undefined ? 'runs list' : `runs list --status ${status}`);
    }
    return 0;
  },
};

/** @throws UserError for what cannot be the id of a run */
function runIdIn(word: string): string {
  const id = runIdOf(word);
  if (id !== undefined) return id;
  throw new UserError(`"${word.slice(0, 100)}" is no id of a run: they are run_... or resp_... (\`./cota runs list\`)`);
}

const read = (client: Client, runId: string): Promise<ResponseObject> =>
  withPatience(() => client.get(`/v1/responses/${runId}`, responseObject));

const show: Command = {
  name: 'runs show',
  operands: 'ID',
  summary: 'Show every step of a run; of one that is under way, those so far.',
  options: { ...JSON_OPTION, ...TARGET_OPTIONS },
  async run(args) {
    const runId = runIdIn(oneOperand(show, args));
    const client = openClient(findTarget(args));
    const json = args.flag('json');
    try {
      const document = await withPatience(() => client.get(`/v1/runs/${runId}/trace`, z.json()));
      if (json) printJson(document);
      else printTraceDocument(runId, document);
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'still_running') throw error;
      const response = await read(client, runId);
      if (json) printJson(response);
      else {
        say(`${label('run')}${runId}`);
        runPrinter()(response);
        say(`${label('status')}${response.status}`);
      }
    }
    return 0;
  },
};

/** Shells give this to what Ctrl-C ended. */
const INTERRUPTED = 130;

const retry: Command = {
  name: 'runs retry',
  operands: 'ID',
  summary: 'Ask again what a run asked, of the model as it is now; also for lines of batches.',
  about: 'The new run has its own copies of the images. With --wait, exit code 0 when it was answered, 1 when not.',
  options: {
    wait: { short: 'w', help: 'watch it being answered; Ctrl-C leaves it running' },
    ...JSON_OPTION,
    ...TARGET_OPTIONS,
  },
  async run(args) {
    const runId = runIdIn(oneOperand(retry, args));
    const client = openClient(findTarget(args));
    const json = args.flag('json');
    const first = await create(client, `/v1/runs/${runId}/retry`, {}, responseObject);
    if (args.flag('wait')) return watch(client, first, json);
    if (json) printJson(first);
    else {
      say(`${label('run')}${first.cota.run_id}`);
      say(`${label('look')}./cota runs show ${first.cota.run_id}`);
    }
    return 0;
  },
};

async function watch(client: Client, first: ResponseObject, json: boolean): Promise<number> {
  const id = first.cota.run_id;
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  const startedAt = performance.now();
  if (!json) say(`${label(first.model)}${id}`);
  try {
    const last = await follow(client, first, json ? () => undefined : runPrinter(), interrupted.signal);
    const trouble = troubleText(last);
    if (json) printJson(last);
    else {
      if (trouble !== undefined) printTrouble(trouble);
      say(`${label('')}${endText(last, performance.now() - startedAt)}`);
      say(`${label('trace')}./cota trace ${id}`);
    }
    return trouble === undefined ? 0 : 1;
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    warn(`the run goes on: \`./cota runs show ${id}\` shows it, \`./cota runs cancel ${id}\` stops it`);
    return INTERRUPTED;
  }
}

const cancel: Command = {
  name: 'runs cancel',
  operands: 'ID',
  summary: 'Stop a run at once. One that has ended stays as it is.',
  options: { ...JSON_OPTION, ...TARGET_OPTIONS },
  async run(args) {
    const runId = runIdIn(oneOperand(cancel, args));
    const client = openClient(findTarget(args));
    const after = await withPatience(() => client.post(`/v1/responses/${runId}/cancel`, {}, responseObject));
    if (args.flag('json')) printJson(after);
    else say(`${runId} is ${after.status}`);
    return 0;
  },
};

export const runs: CommandGroup = {
  name: 'runs',
  summary: 'List runs, show one, ask one again.',
  commands: [listRuns, show, retry, cancel],
};
