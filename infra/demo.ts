/**
 * `npm run demo`: brings the stack up in a folder of its own, asks questions about pictures of our own making, shows each
 * thought, action and observation as it happens and where the evidence lies, then stops what it started.
 */
import { rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { SettingsError } from '../shared/env.ts';
import { paths } from '../shared/keys.ts';
// The layout of the `fs` store, only to tell people where to look: nothing is read or written past the store itself.
import { pathOf } from '../shared/object-store/fs-layout.ts';
import type { ResponseObject } from '../shared/response/schema.ts';
import { trace as traceSchema } from '../shared/run/trace.ts';
import { requestOf } from './cli/ask.ts';
import { type Client, createRun, follow, openClient } from './cli/client.ts';
import { endOnSignal, eventText } from './cli/keep-up.ts';
import { endText, label, printTrouble, runPrinter, troubleText } from './cli/show-run.ts';
import { paint, paragraph, plural, say, seconds, warn } from './cli/terminal.ts';
import { type DemoQuestion, QUESTIONS } from './demo/questions.ts';
import { S3_BUCKET } from './stack/plan.ts';
import { dataFolder, ROOT, type StackSettings, stackSettings } from './stack/settings.ts';
import { openStack } from './stack/start.ts';
import { endLeftovers, readRunning } from './stack/state.ts';
import { UserError } from './user-error.ts';

const DATA = join(dataFolder(undefined), 'demo');
/** Whose runs these are: the tenant of the API's one key. */
const TENANT = 'default';

const HELP = `npm run demo [-- --s3]

Starts Redis, scheduler, API, a model worker and a tool worker in ${DATA}, asks ${QUESTIONS.length} questions about pictures,
and stops what it started. With --s3, objects go to a local S3 server (s3rver) through the s3 driver instead of a folder.
`;

async function demo(): Promise<number> {
  const { values } = parseArgs({ options: { s3: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
  if (values.help) {
    say(HELP);
    return 0;
  }
  clearLeftovers();
  const settings = stackSettings({ data: DATA, port: 0, modelWorkers: 1, toolWorkers: 1, s3rver: values.s3 });
  const startedAt = performance.now();
  say(
    `Cota: ${plural(QUESTIONS.length, 'question')} about pictures, answered on this machine. Starting it in ${here(DATA)}\n`,
  );
  const interrupted = new AbortController();
  const stack = openStack(settings, (event) => {
    const asPlanned = event.is === 'stopping' || (event.is === 'ended' && event.againInMs === undefined);
    if (asPlanned && !interrupted.signal.aborted) return;
    const line = eventText(event);
    if (line !== undefined) say(line);
  });
  void endOnSignal(stack, () => interrupted.abort());
  try {
    const state = await stack.start();
    const upAt = performance.now();
    say(`\nready at ${state.url} after ${seconds(upAt - startedAt)}`);
    const client = openClient({ url: state.url, key: state.apiKey });
    const runs: ResponseObject[] = [];
    for (const [index, question] of QUESTIONS.entries()) {
      say(paint('bold', `\n${index + 1} of ${QUESTIONS.length}  ${here(pictureOf(question))}`));
      runs.push(await askOne(client, question, interrupted.signal));
    }
    const answeredAt = performance.now();
    await sayWhere(client, settings, runs);
    await stack.stop();
    const completed = runs.filter((run) => run.status === 'completed').length;
    const times = `start ${seconds(upAt - startedAt)}, answers ${seconds(answeredAt - upAt)}, stop ${seconds(performance.now() - answeredAt)}`;
    say(`\n${completed} of ${runs.length} runs completed; ${times}`);
    return completed === runs.length ? 0 : 1;
  } catch (error) {
    if (interrupted.signal.aborted) throw new UserError('interrupted: all that was started has been stopped', 1);
    throw error;
  } finally {
    await stack.stop();
  }
}

/** Questions that an interrupted demo left in its Redis would be answered before today's. */
function clearLeftovers(): void {
  const running = readRunning(DATA);
  if (running) throw new UserError(`a demo runs in ${here(DATA)} already (process ${running.pid}): let it end first`);
  endLeftovers(DATA);
  rmSync(join(DATA, 'redis'), { recursive: true, force: true });
}

const pictureOf = ({ picture }: DemoQuestion): string => join(ROOT, 'infra', 'demo', picture);
const here = (path: string): string => relative(process.cwd(), path) || '.';

async function askOne(client: Client, asked: DemoQuestion, signal: AbortSignal): Promise<ResponseObject> {
  const startedAt = performance.now();
  say(paragraph('question', 'bold', asked.question));
  const first = await createRun(client, requestOf({ images: [pictureOf(asked)], question: asked.question }));
  const last = await follow(client, first, runPrinter(), signal);
  const trouble = troubleText(last);
  if (trouble !== undefined) printTrouble(trouble);
  say(`${label('expected')}${asked.expected}`);
  say(`${label('')}${endText(last, performance.now() - startedAt)}`);
  return last;
}

/** Where traces and images lie, as files where they are files. */
async function sayWhere(client: Client, settings: StackSettings, runs: readonly ResponseObject[]): Promise<void> {
  const place = (key: string): string => {
    if (settings.store === 'fs') return here(pathOf(settings.storeRoot, key));
    return `s3://${settings.store === 's3rver' ? S3_BUCKET : 'the bucket of COTA_S3_BUCKET'}/${key}`;
  };
  say(paint('bold', '\nWhat was kept'));
  let sample = '';
  for (const { cota } of runs) {
    const file = place(paths.trace(TENANT, cota.run_id));
    sample ||= file;
    say(`${label('trace')}${file}`);
    const { images } = await client.get(`/v1/runs/${cota.run_id}/trace`, traceSchema);
    for (const image of images) say(`${label(image.name)}${place(image.key)}  (${image.contentType})`);
  }
  if (settings.store === 's3rver') say(`${label('')}that S3 server kept its objects in ${here(join(DATA, 's3'))}`);
  else if (settings.store === 'fs') say(`${label('read one')}./cota trace ${sample}`);
  say(`${label('logs')}${here(join(DATA, 'logs'))}`);
}

demo().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const known = error instanceof UserError || error instanceof SettingsError;
    const misused = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true;
    if (known || misused) warn(`\ncota: ${(error as Error).message}`);
    else
      warn(
        `\ncota: this is a defect of Cota, please report it: ${error instanceof Error ? error.stack : String(error)}`,
      );
    process.exit(error instanceof UserError ? error.exitCode : misused || known ? 2 : 1);
  },
);
