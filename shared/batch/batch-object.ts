/** A batch, as OpenAI's Batch object, with Cota's facts under `cota`. */
import { z } from 'zod';
import type { LiveCounts } from './batch-store.ts';
import { type BatchState, batchEndpoint, batchStatus, isOver } from './contract.ts';
import type { ModelCosts } from './hand-over.ts';

const moment = z.int().nullable().describe('Unix seconds.');
const count = z.int().nonnegative();
const usage = z.strictObject({
  input_tokens: count,
  input_tokens_details: z.strictObject({ cached_tokens: count }),
  output_tokens: count,
  output_tokens_details: z.strictObject({ reasoning_tokens: count }),
  total_tokens: count,
});

export const estimate = z.strictObject({
  seconds: z.number().nullable().describe('Until the last line is answered.'),
  input_tokens: count.nullable().describe('Of the lines that are left.'),
  output_tokens: count.nullable().describe('Of the lines that are left.'),
  basis: z
    .enum(['this batch', 'earlier runs of the model', 'nothing yet'])
    .describe('What the figures are carried forward from.'),
});
export type Estimate = z.infer<typeof estimate>;

export const batchObject = z.strictObject({
  id: z.string(),
  object: z.literal('batch'),
  endpoint: batchEndpoint,
  model: z.string().nullable().describe('Null where the lines name several.'),
  errors: z
    .strictObject({
      object: z.literal('list'),
      data: z.array(
        z.strictObject({
          code: z.string(),
          message: z.string(),
          param: z.string().nullable(),
          line: z.int().nullable().describe('From 1.'),
        }),
      ),
    })
    .nullable(),
  input_file_id: z.string(),
  completion_window: z.string(),
  status: batchStatus,
  output_file_id: z.string().nullable(),
  error_file_id: z.string().nullable(),
  created_at: z.int().describe('Unix seconds.'),
  in_progress_at: moment,
  expires_at: moment,
  finalizing_at: moment,
  completed_at: moment,
  failed_at: moment,
  expired_at: moment,
  cancelling_at: moment,
  cancelled_at: moment,
  request_counts: z.strictObject({ total: count, completed: count, failed: count }),
  usage: usage.nullable().describe('Of the windows that are written.'),
  metadata: z.record(z.string(), z.string()),
  cota: z.strictObject({
    dedupe: z.boolean(),
    answered_by_equal_line: count.describe('Lines that an equal line before them answers.'),
    retry_of: z.string().nullable(),
    results: z.string().describe('Results so far, also while the batch runs; ?format=csv or parquet for tables.'),
    windows: z.strictObject({ total: count, written: count, open: count }),
    estimate: estimate.nullable().describe('Null once the batch is over.'),
    notice: z.string().optional().describe('Why it does not go on, where that is known.'),
  }),
});
export type BatchObject = z.infer<typeof batchObject>;

export interface BatchFacts {
  readonly counts: LiveCounts;
  readonly baseUrl: string;
  /** Of the batch's model, if any of its runs has ended. */
  readonly costs: ModelCosts | undefined;
  /** Steps of the model that the fleet does at a time. */
  readonly concurrency: number;
  /** Why the scheduler cannot go on with it; '' = it can. */
  readonly trouble: string;
  /** Unix seconds. */
  readonly now: number;
}

export function batchObjectOf(batch: BatchState, facts: BatchFacts): BatchObject {
  const { times } = batch;
  const over = isOver(batch.status);
  const counts = over ? batch.counts : facts.counts;
  const written = batch.next - batch.open.length;
  const unserved = batch.status === 'in_progress' && facts.concurrency === 0 && batch.model !== null;
  const waits = `No worker serves the model "${batch.model}" now; the batch goes on when one does.`;
  const notice = over ? '' : unserved ? waits : facts.trouble;
  return {
    id: batch.id,
    object: 'batch',
    endpoint: batch.endpoint,
    model: batch.model,
    errors: batch.errors.length === 0 ? null : { object: 'list', data: batch.errors },
    input_file_id: batch.inputFileId,
    completion_window: batch.completionWindow,
    status: batch.status,
    output_file_id: batch.outputFileId,
    error_file_id: batch.errorFileId,
    created_at: batch.createdAt,
    in_progress_at: times.in_progress ?? null,
    expires_at: batch.expiresAt,
    finalizing_at: times.finalizing ?? null,
    completed_at: times.completed ?? null,
    failed_at: times.failed ?? null,
    expired_at: times.expired ?? null,
    cancelling_at: times.cancelling ?? null,
    cancelled_at: times.cancelled ?? null,
    request_counts: { total: batch.lines, ...counts },
    usage: batch.usage.runs === 0 ? null : usageOf(batch),
    metadata: batch.metadata,
    cota: {
      dedupe: batch.dedupe,
      answered_by_equal_line: batch.twins,
      retry_of: batch.retryOf,
      results: `${facts.baseUrl}/v1/batches/${batch.id}/results`,
      windows: { total: batch.windows, written, open: batch.open.length },
      estimate: over ? null : estimateOf(batch, facts),
      ...(notice === '' ? {} : { notice }),
    },
  };
}

function usageOf({ usage: sum }: BatchState): z.infer<typeof usage> {
  return {
    input_tokens: sum.inputTokens,
    input_tokens_details: { cached_tokens: sum.cachedTokens },
    output_tokens: sum.outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: sum.inputTokens + sum.outputTokens,
  };
}

/** Lines that must have ended before a batch's own pace is believed. */
const ENOUGH_LINES = 50;

function estimateOf(batch: BatchState, { counts, costs, concurrency, now }: BatchFacts): Estimate {
  const ended = counts.completed + counts.failed;
  const left = Math.max(0, batch.lines - ended);
  const began = batch.times.in_progress;
  const spent = batch.usage;
  if (began !== undefined && ended >= ENOUGH_LINES && now > began) {
    const perRun = spent.runs > 0 ? { in: spent.inputTokens / spent.runs, out: spent.outputTokens / spent.runs } : null;
    const early = costs ? { in: costs.inputTokens / costs.runs, out: costs.outputTokens / costs.runs } : null;
    const each = perRun ?? early;
    return {
      seconds: round((left * (now - began)) / ended),
      input_tokens: each && Math.round(each.in * left),
      output_tokens: each && Math.round(each.out * left),
      basis: 'this batch',
    };
  }
  return estimateAhead(left, costs, concurrency);
}

/** Before anything is known of the batch itself. @param lines that need a run */
export function estimateAhead(lines: number, costs: ModelCosts | undefined, concurrency: number): Estimate {
  if (!costs) return { seconds: null, input_tokens: null, output_tokens: null, basis: 'nothing yet' };
  return {
    seconds: concurrency > 0 ? round((lines * costs.modelMs) / costs.runs / concurrency / 1000) : null,
    input_tokens: Math.round((lines * costs.inputTokens) / costs.runs),
    output_tokens: Math.round((lines * costs.outputTokens) / costs.runs),
    basis: 'earlier runs of the model',
  };
}

const round = (seconds: number): number => Math.round(seconds * 10) / 10;
