/** The finished run as one JSON document: a pure function of the frozen record, so that writing it twice is harmless. */
import { z } from 'zod';
import { imageRef, type Outcome, outcome, type Run, runConfig, runUsage, step } from '../contract.ts';
import { CotaError } from '../errors.ts';

export const TRACE_VERSION = 1;

export const trace = z.object({
  version: z.literal(TRACE_VERSION),
  id: z.string(),
  model: z.string(),
  question: z.string(),
  answer: z.string().nullable(),
  status: outcome.shape.status,
  stop_reason: z.string(),
  error: outcome.shape.error.nullable(),
  created_at: z.int(),
  started_at: z.int().nullable(),
  ended_at: z.int(),
  images: z.array(imageRef),
  steps: z.array(step.and(z.object({ step: z.int(), started_at: z.int(), ended_at: z.int() }))),
  usage: runUsage,
  /** Everything the run was pinned to: prompt, model configuration, tool versions, budgets. */
  config: runConfig,
});
export type Trace = z.infer<typeof trace>;

/**
 * A trace as it lies in the store: checked, but not made anew, since what zod makes of a map lacks a key `__proto__`,
 * and a model may have written one.
 * @throws ZodError or SyntaxError
 */
export function readTrace(text: string): Trace {
  const document: unknown = JSON.parse(text);
  trace.parse(document);
  return document as Trace;
}

/**
 * What differs between a run and its replay: ids, times, where images lie, whether the cache answered, and where the
 * words came from. Everything else is equal, byte for byte.
 */
export const MASKED_FIELDS: readonly string[] = [
  ...['id', 'created_at', 'started_at', 'ended_at', 'modelMs', 'toolMs', 'key', 'cached', 'toolVersion'],
  ...['replay', 'sources', 'echo', 'deadline', 'progress'],
];

/** The trace without its masked fields, wherever they stand. */
export function maskTrace(document: Trace): unknown {
  return JSON.parse(JSON.stringify(document), (name, value: unknown) =>
    MASKED_FIELDS.includes(name) ? undefined : value,
  );
}

/** @throws Error when the run has not ended: a trace of a living run would not be a pure function of it */
export function traceOf(run: Run): Trace {
  if (!run.outcome || run.endedAt === undefined) {
    throw new CotaError('still_running', `run ${run.id} has not ended; its trace is written when it has`);
  }
  const result: Outcome = run.outcome;
  return {
    version: TRACE_VERSION,
    id: run.id,
    model: run.config.model,
    question: run.config.question,
    answer: result.answer ?? null,
    status: result.status,
    stop_reason: result.stopReason,
    error: result.error ?? null,
    created_at: run.createdAt,
    started_at: run.startedAt ?? null,
    ended_at: run.endedAt,
    images: [...run.images],
    steps: run.steps.map(({ startedAt, endedAt, ...item }, index) => ({
      step: index,
      ...item,
      started_at: startedAt,
      ended_at: endedAt,
    })),
    usage: run.usage,
    config: run.config,
  };
}
