/** A batch in words: how far it is, how it ended, what is wrong with its file. */
import type { BatchObject, Estimate } from '../../../shared/batch/batch-object.ts';
import type { LineProblem } from '../../../shared/batch/contract.ts';
import { label } from '../show-run.ts';
import { duration, moment, number, paragraph, say } from '../terminal.ts';

export const hasEnded = ({ status }: BatchObject): boolean =>
  status === 'completed' || status === 'failed' || status === 'expired' || status === 'cancelled';

/** Exit code of whoever waited for it: every line was answered. */
export const endedWell = (batch: BatchObject): boolean =>
  batch.status === 'completed' && batch.request_counts.failed === 0;

/** `9,988 of 10,000 answered, 12 failed` */
export function countsText({ request_counts: { total, completed, failed } }: BatchObject): string {
  if (total === 0) return 'not counted yet';
  return `${number(completed)} of ${number(total)} answered${failed > 0 ? `, ${number(failed)} failed` : ''}`;
}

/** `about 2 h 5 min, 1,200,000 tokens in and 40,000 out (from earlier runs of the model)` */
export function estimateText({ seconds, input_tokens, output_tokens, basis }: Estimate): string {
  if (basis === 'nothing yet') return 'not known yet, since no run of this model has ended here';
  const time =
    seconds === null ? 'time not known, since no worker serves the model' : `about ${duration(seconds * 1000)}`;
  const tokens =
    input_tokens === null || output_tokens === null
      ? ''
      : `, ${number(input_tokens)} tokens in and ${number(output_tokens)} out`;
  return `${time}${tokens} (from ${basis})`;
}

export function printBatch(batch: BatchObject): void {
  say(`${label('batch')}${batch.id}`);
  printState(batch);
}

/** All that is to be said of it behind its id, with what can be done next. */
export function printState(batch: BatchObject): void {
  const { id, usage, cota } = batch;
  const over = hasEnded(batch);
  say(`${label('status')}${statusText(batch)}`);
  if (batch.errors) {
    for (const problem of batch.errors.data) say(paragraph(...problemParts(problem)));
    say(`${label('next')}mend the file and submit it again`);
    return;
  }
  if (cota.notice !== undefined) say(paragraph('waiting', 'yellow', cota.notice));
  say(`${label('lines')}${countsText(batch)}`);
  if (cota.answered_by_equal_line > 0) {
    say(`${label('')}${number(cota.answered_by_equal_line)} of them by an equal line before them`);
  }
  if (batch.model !== null) say(`${label('model')}${batch.model}`);
  if (cota.retry_of !== null) say(`${label('retry of')}${cota.retry_of}`);
  for (const [key, value] of Object.entries(batch.metadata)) say(paragraph('metadata', 'dim', `${key}: ${value}`));
  if (usage) say(`${label('tokens')}${number(usage.input_tokens)} in, ${number(usage.output_tokens)} out`);
  if (cota.estimate && batch.status === 'in_progress') say(`${label('left')}${estimateText(cota.estimate)}`);
  if (!over) say(`${label('expires')}${moment(batch.expires_at)}`);
  const { completed, failed } = batch.request_counts;
  if (completed + failed > 0 || over) say(`${label('results')}./cota batch results ${id} --out results.jsonl`);
  if (batch.output_file_id !== null) say(`${label('output')}${batch.output_file_id}`);
  if (batch.error_file_id !== null) say(`${label('errors')}${batch.error_file_id}`);
  if (over && batch.error_file_id !== null) {
    say(`${label('failed')}./cota batch results ${id} --failed`);
    say(`${label('run again')}./cota batch retry ${id}`);
  }
  if (!over) say(`${label('watch')}./cota batch status ${id} --wait`);
}

function statusText(batch: BatchObject): string {
  const end = batch.completed_at ?? batch.failed_at ?? batch.expired_at ?? batch.cancelled_at;
  const took = (until: number): string => duration((until - batch.created_at) * 1000);
  if (end !== null) return `${batch.status} ${moment(end)}, after ${took(end)}`;
  return `${batch.status}, created ${moment(batch.created_at)}`;
}

const problemParts = (problem: LineProblem): [string, 'red', string] => [
  problem.line === null ? 'file' : `line ${problem.line}`,
  'red',
  `${problem.message} (${problem.code})`,
];

/** `FILE:2: ...`, as compilers say it, so that editors find the place. */
export function problemText(file: string, { line, message, code }: LineProblem): string {
  return `${file}${line === null ? '' : `:${line}`}: ${message} (${code})`;
}
