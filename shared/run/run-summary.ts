/** A run as one entry of a list: what tells it from its neighbours and how it fared. Its steps are in the response and the trace. */
import { z } from 'zod';
import { responseIdOf } from '../keys.ts';
import { responseObject } from '../response/schema.ts';
import { type RunView, statusOf } from '../response.ts';

const count = z.int().nonnegative();

export const runStatusFilter = responseObject.shape.status;

export const runSummary = z.strictObject({
  id: z.string(),
  object: z.literal('run'),
  response_id: z.string().describe('The same run for /v1/responses.'),
  status: runStatusFilter,
  stop_reason: z.string().nullable(),
  model: z.string(),
  question: z.string().describe('Its first 500 characters.'),
  answer: z.string().nullable().describe('Its first 500 characters.'),
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  images: count.describe('That came with the question.'),
  created_at: z.int().describe('Unix seconds.'),
  ended_at: z.int().nullable().describe('Unix seconds.'),
  retry_of: z.string().nullable().describe('The run that was asked again.'),
  usage: z.strictObject({ replies: count, tool_calls: count, total_tokens: count }),
  metadata: z.record(z.string(), z.string()),
});
export type RunSummary = z.infer<typeof runSummary>;

const SHOWN = 500;

export function summaryOf(run: RunView): RunSummary {
  const { config, outcome, usage } = run;
  const status = statusOf(run);
  return {
    id: run.id,
    object: 'run',
    response_id: responseIdOf(run.id),
    status,
    stop_reason: outcome?.stopReason ?? null,
    model: config.model,
    question: start(config.question),
    answer: status !== 'completed' || outcome?.answer === undefined ? null : start(outcome.answer),
    error: outcome?.error ? { code: outcome.error.code, message: outcome.error.message } : null,
    images: config.sources.length,
    created_at: Math.floor(run.createdAt / 1000),
    ended_at: run.endedAt === undefined ? null : Math.floor(run.endedAt / 1000),
    retry_of: config.retryOf ?? null,
    usage: {
      replies: usage.replies,
      tool_calls: usage.toolCalls,
      total_tokens: usage.inputTokens + usage.outputTokens,
    },
    metadata: config.metadata,
  };
}

/** Never half of a character. */
const start = (text: string): string => text.slice(0, SHOWN).replace(/[\uD800-\uDBFF]$/, '');
