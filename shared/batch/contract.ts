/** What a batch is: its state, as Redis holds it while the batch lives and the store afterwards. */
import { z } from 'zod';

export const batchStatus = z.enum([
  ...(['validating', 'failed', 'in_progress', 'finalizing', 'completed'] as const),
  ...(['expired', 'cancelling', 'cancelled'] as const),
]);
export type BatchStatus = z.infer<typeof batchStatus>;

/** What a line may ask for; its body is that of a request to this path. */
export const batchEndpoint = z.enum(['/v1/responses', '/v1/chat/completions']);
export type BatchEndpoint = z.infer<typeof batchEndpoint>;

/** Why a file cannot be a batch: shown under `errors` of a batch that failed its validation. */
export const lineProblem = z.object({
  code: z.string(),
  message: z.string(),
  /** Field of the line. */
  param: z.string().nullable(),
  /** Counted from 1; null where the file as a whole is at fault. */
  line: z.int().nullable(),
});
export type LineProblem = z.infer<typeof lineProblem>;

const count = z.int().nonnegative();

/** A window whose lines are being worked on. */
export const openWindow = z.object({
  number: count,
  lines: count,
  /** False until each of its lines has its run or was refused: a process may have died in between. */
  ready: z.boolean(),
  /** Lines that never became runs, since their request is wrong. */
  refused: count,
  /** Lines that are answered by an equal line before them. */
  twins: count,
});
export type OpenWindow = z.infer<typeof openWindow>;

export const batchUsage = z.object({
  inputTokens: count,
  cachedTokens: count,
  outputTokens: count,
  /** Runs that these sums are of: lines that were answered by a twin cost nothing. */
  runs: count,
  /** Milliseconds of model and tool time. */
  activeMs: z.number().nonnegative(),
});
export type BatchUsage = z.infer<typeof batchUsage>;
export const NO_BATCH_USAGE: BatchUsage = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, runs: 0, activeMs: 0 };

/** Times are Unix seconds. */
const moment = z.int().nonnegative();

export const batchState = z.object({
  version: z.literal(1),
  id: z.string(),
  tenant: z.string(),
  endpoint: batchEndpoint,
  inputFileId: z.string(),
  /** As the client wrote it: `24h`. */
  completionWindow: z.string(),
  metadata: z.record(z.string(), z.string()),
  /** Seconds that output and error file live from when they are made; null = until they are deleted. */
  outputLifeS: z.int().positive().nullable(),
  /** Equal lines at temperature 0 are answered once. */
  dedupe: z.boolean(),
  /** The failed lines of this batch are this batch's lines. */
  retryOf: z.string().nullable(),
  createdAt: moment,
  expiresAt: moment,
  status: batchStatus,
  /** How it will end, once that is decided. */
  ending: z.enum(['completed', 'expired', 'cancelled']).nullable(),
  times: z
    .object({
      in_progress: moment,
      finalizing: moment,
      completed: moment,
      failed: moment,
      expired: moment,
      cancelling: moment,
      cancelled: moment,
    })
    .partial(),
  errors: z.array(lineProblem),
  /** Of all lines; null where they name several. */
  model: z.string().nullable(),
  lines: count,
  twins: count,
  windows: count,
  /** Next window to open. */
  next: count,
  open: z.array(openWindow),
  /** Of the windows that are written. */
  counts: z.object({ completed: count, failed: count }),
  usage: batchUsage,
  outputFileId: z.string().nullable(),
  errorFileId: z.string().nullable(),
});
export type BatchState = z.infer<typeof batchState>;

/** One window of the input: lines in a row. */
export const windowPlan = z.object({
  /** Number of its first line, from 1, blank lines counted as an editor counts them. */
  line: z.int().positive(),
  /** Number of its last line. */
  lastLine: z.int().positive(),
  /** Byte offset of its first line in the file, and bytes up to the next window. */
  offset: count,
  bytes: count,
  /** Requests in it. */
  lines: count,
  twins: count,
});
export type WindowPlan = z.infer<typeof windowPlan>;
export const batchPlan = z.object({ version: z.literal(1), windows: z.array(windowPlan) });

export const isOver = (status: BatchStatus): boolean =>
  status === 'failed' || status === 'completed' || status === 'expired' || status === 'cancelled';
