/** What an error means to the step that it ended. */
import type { Cluster } from '../cluster.ts';
import type { Run, StepJob } from '../contract.ts';
import { CotaError, codeOf, type ErrorCode, ruleOf } from '../errors.ts';
import { priorityOf } from '../queues.ts';
import { BelongsElsewhere } from '../versions.ts';
import type { RunEvent } from './run-machine.ts';

/** Engines have been seen to ask for a day; a run looks again before that. */
const LONGEST_WAIT_MS = 600_000;

export const timedOut = (limitMs: number): CotaError =>
  new CotaError('step_timeout', `the step took longer than ${limitMs / 1000} s (COTA_STEP_TIMEOUT_MS)`);

export const pastDeadline = (): CotaError =>
  new CotaError('deadline_exceeded', 'the deadline of this run has passed; ask again with a later one');

/** What a client is told. An error that we did not foresee may name paths and hosts: those are for the log alone. */
function wordsOf(error: unknown, code: ErrorCode, job: StepJob): string {
  if (code === 'server_error' && !(error instanceof CotaError)) {
    return `step ${job.step} failed for a reason inside the cluster; its log has the details under ${job.runId}`;
  }
  return error instanceof Error ? error.message : String(error);
}

/** An error's meaning: wait for nothing, try again for an attempt, end the run, or, when `done`, leave it to others. */
export async function settle(
  cluster: Cluster,
  job: StepJob,
  { config }: Run,
  error: unknown,
  options: {
    readonly onAway?: (error: unknown) => Promise<void>;
    /** Redis' time, epoch milliseconds. */
    readonly now: number;
  },
): Promise<{ readonly delayMs: number } | RunEvent | 'done'> {
  const { env, runs, log } = cluster;
  if (error instanceof BelongsElsewhere) {
    await runs.release(job, { spend: false, waitMs: 0 });
    await cluster.queues.enqueue({ queue: error.queue, priority: priorityOf(config, job.step) }, job);
    return 'done';
  }
  const code = codeOf(error);
  const rule = ruleOf(code).run;
  const message = wordsOf(error, code, job);
  const param = error instanceof CotaError ? error.param : undefined;
  const failure = { code, message, ...(param === undefined ? {} : { param }) };
  if (rule === 'fail') {
    return { type: 'failed', error: failure, ...(code === 'deadline_exceeded' ? { stopReason: 'deadline' } : {}) };
  }
  log.warn({ runId: job.runId, step: job.step, code, error }, 'step did not succeed');
  if (code === 'model_away') await options.onAway?.(error);
  const asked = (error as { retryAfterMs?: unknown } | undefined)?.retryAfterMs;
  const known = typeof asked === 'number' ? asked : undefined;
  // A run that asked for a deadline is looked at when it has come.
  const left = config.deadline === undefined ? LONGEST_WAIT_MS : Math.max(1, config.deadline - options.now + 1);
  const longest = Math.min(LONGEST_WAIT_MS, left);
  if (rule === 'wait') {
    const delayMs = Math.min(known ?? env.COTA_RETRY_MS, longest);
    await runs.release(job, { spend: false, waitMs: delayMs });
    return { delayMs };
  }
  const fails = await runs.release(job, {
    spend: true,
    waitMs: Math.min(Math.max(env.COTA_RETRY_MS * 2 ** env.COTA_ATTEMPTS, known ?? 0), longest),
  });
  if (fails === undefined) return { delayMs: 0 };
  if (fails >= env.COTA_ATTEMPTS) {
    return { type: 'failed', error: { ...failure, message: `${message} (${fails} attempts)` } };
  }
  const backoffMs = env.COTA_RETRY_MS * 2 ** (fails - 1) * (0.75 + Math.random() / 2);
  // A server that said when to come back is not asked before, so that attempts are not spent in vain.
  return { delayMs: Math.ceil(Math.min(Math.max(backoffMs, known ?? 0), longest)) };
}
