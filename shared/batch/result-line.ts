/** A line of an output or error file: what came of one request. Pure, so that a window is written twice to the same bytes. */
import { z } from 'zod';
import { chatCompletionOf } from '../chat/completion.ts';
import type { Run } from '../contract.ts';
import { type ErrorCode, isErrorCode, ruleOf } from '../errors.ts';
import { type RunView, responseOf } from '../response.ts';
import { requestIdOf } from './line.ts';

export const resultLine = z.strictObject({
  id: z.string(),
  custom_id: z.string(),
  response: z
    .strictObject({
      status_code: z.int(),
      request_id: z.string(),
      body: z.record(z.string(), z.unknown()),
    })
    .nullable()
    .describe('The body that a request to the same path is answered with.'),
  error: z
    .strictObject({ code: z.string(), message: z.string() })
    .nullable()
    .describe('Why there is no response: batch_expired, batch_cancelled, cancelled, run_deleted.'),
});
export type ResultLine = z.infer<typeof resultLine>;

/** Why a line has no response. */
const REASONS = {
  batch_expired: 'The completion window of the batch was over before this line was answered.',
  batch_cancelled: 'The batch was cancelled before this line was answered.',
  cancelled: 'The run of this line was cancelled.',
  run_deleted: 'The run of this line was deleted.',
} as const;
export type Reason = keyof typeof REASONS;
const isReason = (text: string): text is Reason => Object.hasOwn(REASONS, text);

export interface Result {
  readonly good: boolean;
  readonly line: ResultLine;
}

/** @param endpoint whose body the line gets */
export function resultOf(run: RunView, customId: string, endpoint: string, baseUrl: string): Result {
  const { outcome } = run;
  if (!outcome || outcome.status === 'cancelled') {
    return unanswered(run.id, customId, outcome && isReason(outcome.stopReason) ? outcome.stopReason : 'cancelled');
  }
  const ended: RunView = { ...run, status: 'closed' };
  const answer = endpoint === '/v1/chat/completions' ? chatCompletionOf : responseOf;
  if (outcome.status === 'completed' || outcome.status === 'incomplete') {
    return { good: true, line: answered(run.id, customId, 200, { ...answer(ended, baseUrl) }) };
  }
  const { code, message, param = null } = outcome.error ?? { code: 'server_error', message: 'The run failed.' };
  const rule = ruleOf(isErrorCode(code) ? code : ('server_error' satisfies ErrorCode));
  const facts = { run_id: run.id, trace: `${baseUrl}/v1/runs/${run.id}/trace`, stop_reason: outcome.stopReason };
  const body = { error: { message, type: rule.type, param, code }, cota: facts };
  return { good: false, line: answered(run.id, customId, rule.http, body) };
}

/** A line whose request was wrong. */
export function refusedResult(
  runId: string,
  customId: string,
  refusal: { readonly status: number; readonly error: Readonly<Record<string, unknown>> },
): Result {
  return { good: false, line: answered(runId, customId, refusal.status, { error: refusal.error }) };
}

export function unanswered(runId: string, customId: string, reason: Reason): Result {
  const error = { code: reason, message: REASONS[reason] };
  return { good: false, line: { id: requestIdOf(runId), custom_id: customId, response: null, error } };
}

/** The result of an equal line, under this line's own names. */
export function twinResult(first: Result, runId: string, customId: string): Result {
  const { response } = first.line;
  const own = response === null ? null : { ...response, request_id: requestIdOf(runId) };
  return { good: first.good, line: { ...first.line, id: requestIdOf(runId), custom_id: customId, response: own } };
}

function answered(runId: string, customId: string, status: number, body: Record<string, unknown>): ResultLine {
  const id = requestIdOf(runId);
  return { id, custom_id: customId, response: { status_code: status, request_id: id, body }, error: null };
}

/** What the runs of these lines cost. */
export function usageOf(runs: readonly Pick<Run, 'usage'>[]) {
  const sum = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, runs: runs.length, activeMs: 0, modelMs: 0 };
  for (const { usage } of runs) {
    sum.inputTokens += usage.inputTokens;
    sum.cachedTokens += usage.cachedTokens;
    sum.outputTokens += usage.outputTokens;
    sum.activeMs += usage.modelMs + usage.toolMs;
    sum.modelMs += usage.modelMs;
  }
  return sum;
}
