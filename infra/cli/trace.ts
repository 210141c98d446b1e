import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { runIdOf } from '../../shared/keys.ts';
import { type Trace, trace as traceSchema } from '../../shared/run/trace.ts';
import { fromHere } from '../stack/settings.ts';
import { UserError } from '../user-error.ts';
import { findTarget, openClient } from './client.ts';
import { type Arguments, type Command, JSON_OPTION, TARGET_OPTIONS } from './command.ts';
import { isFile } from './pictures.ts';
import { callText, label, resultText } from './show-run.ts';
import { paint, paragraph, plural, printJson, say, seconds, size } from './terminal.ts';

export const trace: Command = {
  name: 'trace',
  operands: 'ID|FILE',
  summary: 'Show a run that has ended: every step with its time, tokens and evidence.',
  about: 'ID is that of the run (run_...) or of the response (resp_...); FILE is a trace.json out of the store.',
  options: { ...JSON_OPTION, ...TARGET_OPTIONS },
  async run(args) {
    const [id, more] = args.operands;
    if (id === undefined) throw new UserError('which run? For example: cota trace run_...');
    if (more !== undefined) throw new UserError(`one run at a time: "${more}" is a second`);
    const document = isFile(id) ? readTraceFile(id) : await fetchTrace(id, args);
    if (args.flag('json')) {
      printJson(document);
      return 0;
    }
    printTraceDocument(id, document);
    return 0;
  },
};

/**
 * @param id of the run, or the file that it is from
 * @throws UserError for what is no trace
 */
export function printTraceDocument(id: string, document: unknown): void {
  const parsed = traceSchema.safeParse(document);
  if (!parsed.success) throw new UserError(`${id} is no trace that this version of Cota can read`, 1);
  printTrace(parsed.data);
}

async function fetchTrace(id: string, args: Arguments): Promise<unknown> {
  const runId = runIdOf(id);
  if (runId === undefined) throw new UserError(`"${id}" is neither a file nor the id of a run (run_... or resp_...)`);
  return openClient(findTarget(args)).get(`/v1/runs/${runId}/trace`, z.json());
}

function readTraceFile(file: string): unknown {
  try {
    return JSON.parse(readFileSync(fromHere(file), 'utf8')) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) throw new UserError(`${file} is no trace: it is not JSON`);
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EISDIR') throw new UserError(`${file} is a folder: name the trace in it`);
    throw new UserError(`cannot read ${file}: ${message}`);
  }
}

function printTrace(run: Trace): void {
  say(`${label('run')}${run.id}`);
  const { dialect, promptVersion, prompt, call } = run.config;
  if (call) say(`${label('call')}${call.name}, asked for by a client itself: no model took part`);
  else say(`${label('model')}${run.model}  (${dialect}, prompt ${promptVersion} ${prompt})`);
  say(
    `${label('asked')}${new Date(run.created_at).toISOString()}, waited ${seconds((run.started_at ?? run.ended_at) - run.created_at)}`,
  );
  for (const image of run.images) {
    say(
      `${label(image.name)}${image.width} x ${image.height} ${image.contentType}, ${size(image.bytes)}, sha256 ${image.sha256.slice(0, 12)}`,
    );
  }
  if (!call) say(paragraph('question', 'bold', run.question));
  for (const step of run.steps) {
    say();
    if (call && step.kind === 'model') say(paint('dim', `${`step ${step.step}`.padEnd(13)}the client's call`));
    else say(heading(step, run.config.modelVersion));
    printStep(step);
  }
  say();
  if (run.answer !== null) say(paragraph('answer', ['green', 'bold'], run.answer));
  if (run.error) say(paragraph('error', 'red', `${run.error.message} (${run.error.code})`));
  const { usage } = run;
  say(`${label('ended')}${run.status} (${run.stop_reason}) after ${seconds(run.ended_at - run.created_at)}`);
  say(
    `${label('used')}${plural(usage.replies, 'reply', 'replies')} in ${seconds(usage.modelMs)}, ` +
      `${plural(usage.toolCalls, 'tool call')} in ${seconds(usage.toolMs)}, ` +
      `${usage.inputTokens} tokens in (${usage.cachedTokens} cached), ${usage.outputTokens} out`,
  );
}

type TraceStep = Trace['steps'][number];

/** Versions are named where a deploy changed them under the run. */
function heading(step: TraceStep, pinned: string): string {
  const took = seconds(step.ended_at - step.started_at);
  const facts =
    step.kind === 'model'
      ? `model${step.modelVersion === undefined || step.modelVersion === pinned ? '' : ` ${step.modelVersion} instead of ${pinned}`}, ${took}, ${step.usage.inputTokens} tokens in, ${step.usage.outputTokens} out`
      : `${step.action.name} ${step.toolVersion}, ${took}${step.cached ? ', from the cache' : ''}`;
  return paint('dim', `${`step ${step.step}`.padEnd(13)}${facts}`);
}

function printStep(step: TraceStep): void {
  if (step.kind === 'model') {
    if (step.problem !== undefined) {
      say(paragraph('reply', 'cyan', step.text));
      say(paragraph('problem', 'red', step.problem));
    } else if (step.thought !== '') say(paragraph('thought', 'cyan', step.thought));
    for (const { name, arguments: args } of step.actions) say(paragraph('action', 'yellow', callText(name, args)));
    return;
  }
  const { observation } = step;
  const text = observation.ok ? resultText(observation.result) : `failed: ${observation.error.message}`;
  say(paragraph('observation', 'magenta', text));
  if (!observation.ok) return;
  for (const image of observation.images) {
    say(`${label('')}${image.name}: ${image.width} x ${image.height}, sha256 ${image.sha256.slice(0, 12)}`);
  }
}
