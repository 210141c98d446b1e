/** One step of a run, from begin to the next step's hint: cancellation, time limits, errors, quarantine. */
import type { Cluster } from '../cluster.ts';
import type { Run, StepJob } from '../contract.ts';
import { poolOf, quarantineOf, routeStep } from '../queues.ts';
import { metrics } from '../telemetry.ts';
import { finalizeSoon } from './finalize.ts';
import { next, type RunEvent } from './run-machine.ts';
import { takeBack } from './run-objects.ts';
import { advanced, type Position } from './run-record.ts';
import { pastDeadline, settle, timedOut } from './settle.ts';

export interface StepContext {
  readonly run: Run;
  /** Redis' time when the step began, epoch milliseconds. */
  readonly now: number;
  /** Aborted on cancel, lost lock, time limit or shutdown. */
  readonly signal: AbortSignal;
}

/** Does one step and says what happened. Throws CotaError and the errors that `codeOf` knows; anything else is ours. */
export type StepHandler = (context: StepContext) => Promise<RunEvent>;

/** Starts of a step without a report after which it goes to quarantine. */
const QUARANTINE_AT = 2;

/** How long a step that is told to stop may take to do so by itself. */
const LAST_WORD_MS = 5_000;

export class Stop extends Error {
  readonly why: 'cancelled' | 'lost_lock' | 'timeout' | 'shutdown';
  constructor(why: Stop['why']) {
    super(why);
    this.why = why;
  }
}

export type Verdict = 'done' | 'stale' | { readonly delayMs: number } | 'back';

/**
 * One step of a run, from `begin` to the next step's hint. Shared by the BullMQ processor and the quarantine child.
 * `control` is aborted with a Stop from outside, and by the step's own time limit.
 */
export async function runStep(
  cluster: Cluster,
  handle: StepHandler,
  job: StepJob,
  queue: string,
  control: AbortController,
  options: { readonly quarantined: boolean; readonly onAway?: (error: unknown) => Promise<void> },
): Promise<Verdict> {
  const { env, runs, log } = cluster;
  const begun = await runs.begin(job, { quarantineAt: options.quarantined ? 0 : QUARANTINE_AT });
  if (begun.is === 'gone') return 'stale';
  if (begun.is === 'stale') {
    await catchUp(cluster, job.runId, begun.position);
    return 'stale';
  }
  if (begun.is === 'quarantine') {
    log.warn({ runId: job.runId, step: job.step }, 'this step ended its process before; it goes to quarantine');
    await cluster.queues.enqueue({ queue: quarantineOf(queue), priority: 0 }, job);
    return 'done';
  }
  const { run, now } = begun;
  if (run.status !== 'running') {
    // It ended at this very step, and the worker that ended it died before its job was done: only the end is left to do.
    await catchUp(cluster, job.runId, run, run);
    return 'stale';
  }
  const { deadline } = run.config;
  const leftMs = Math.min(env.COTA_STEP_TIMEOUT_MS, deadline === undefined ? Number.POSITIVE_INFINITY : deadline - now);
  const limit = setTimeout(() => control.abort(new Stop('timeout')), Math.max(0, leftMs));
  const began = performance.now();
  const redisTime = (): number => now + Math.round(performance.now() - began);
  let event: RunEvent;
  try {
    if (leftMs <= 0) throw pastDeadline();
    event = await heeding(control.signal, handle({ run, now, signal: control.signal }));
  } catch (error) {
    const reason: unknown = control.signal.reason;
    const stop = reason instanceof Stop ? reason.why : undefined;
    if (stop === 'cancelled') await takenBack(cluster, run);
    if (stop === 'cancelled' || stop === 'lost_lock') return 'done';
    if (stop === 'shutdown') {
      await runs.release(job, { spend: false, waitMs: 0 });
      return 'back';
    }
    const settled = await settle(
      cluster,
      job,
      run,
      stop !== 'timeout' ? error : leftMs < env.COTA_STEP_TIMEOUT_MS ? pastDeadline() : timedOut(leftMs),
      { ...options, now: redisTime() },
    );
    if (settled === 'done' || !('type' in settled)) return settled;
    event = settled;
  } finally {
    clearTimeout(limit);
  }
  await commit(cluster, job, run, event, now);
  return 'done';
}

/**
 * The work's outcome; or the signal's reason, some seconds after it was aborted, where the work is deaf to it (a store on
 * a file system that hangs). What such work still says afterwards comes too late for `advance`.
 */
async function heeding<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let stop = (): void => undefined;
  const deaf = new Promise<never>((_, reject) => {
    stop = () => {
      timer = setTimeout(() => reject(signal.reason), LAST_WORD_MS);
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([work, deaf]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

async function commit(cluster: Cluster, job: StepJob, run: Run, event: RunEvent, now: number): Promise<void> {
  const { runs, log } = cluster;
  const transition = next(run, event, now);
  // Both go out on one connection, so Redis has advanced before it sees the hint; waiting in between would only cost
  // a round trip. Should advance be refused, the hint is stale, and a stale hint is a no-op.
  const advancing = runs.advance(job, transition);
  // Should the hint fail first, nobody would be left to hear of this one's failure.
  advancing.catch(() => undefined);
  const after = advanced(run, transition, now, now);
  if (after.status === 'running') await hint(cluster, after, after);
  const done = await advancing;
  if (done.is === 'ok') {
    if (after.status === 'running') return;
    // The last to begin this step was us, so the record is what we read then and what we wrote now. If it was somebody
    // else, as after a stall or a Redis that lost its last second, the record is read: it alone is the truth.
    const ours = done.begunAt === now;
    const ended = ours ? advanced(run, transition, now, done.now) : await runs.read(job.runId);
    if (ended) await finalizeSoon(ended, cluster.finalizing, log);
    return;
  }
  if (done.is !== 'stale') return takenBack(cluster, run);
  // Either we were frozen and somebody else went on, or our own write went through before its reply was lost.
  metrics.stale.inc({ queue: 'advance' });
  const current = await runs.read(job.runId);
  if (current) await catchUp(cluster, job.runId, current, current);
}

/** Enqueues the step that the record is at; a hint that is there already makes it a no-op. */
async function catchUp(cluster: Cluster, runId: string, position: Position, known?: Run): Promise<void> {
  if (position.status === 'closed' || position.status === 'pending') return;
  const run = known ?? (await cluster.runs.read(runId));
  if (run) await hint(cluster, run, position);
}

async function hint(cluster: Cluster, run: Run, position: Position): Promise<void> {
  const route = routeStep(
    { config: run.config, holder: run.holder, pool: poolOf(run) },
    position,
    cluster.fleet.isAlive,
  );
  await cluster.queues.enqueue(route, { runId: run.id, step: position.step, epoch: position.epoch });
}

async function takenBack(cluster: Cluster, { tenant, id }: Run): Promise<void> {
  try {
    await takeBack(cluster, tenant, id);
  } catch (error) {
    cluster.log.warn({ runId: id, error }, 'cannot take back now what this step wrote for a run that is gone');
  }
}
