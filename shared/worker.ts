/**
 * The one wrapper around every worker: begin, the work itself, advance, the next step's hint. It owns cancellation,
 * lost locks, time limits, errors, quarantine and draining, so that a step function only does its step.
 */
import { type ConnectionOptions, DelayedError, type Job, WaitingError, Worker } from 'bullmq';
import type { Cluster } from './cluster.ts';
import { type Run, type StepJob, stepJob } from './contract.ts';
import { isRedisTrouble } from './errors.ts';
import { finalizeSoon } from './finalize.ts';
import { keys } from './keys.ts';
import { runInQuarantine } from './quarantine.ts';
import { jobKey, poolOf, prefixOf, quarantineOf, routeStep } from './queues.ts';
import { openRedis } from './redis.ts';
import { next, type RunEvent } from './run-machine.ts';
import { advanced, type Position } from './run-record.ts';
import { pastDeadline, settle, timedOut } from './settle.ts';
import { metrics } from './telemetry.ts';

export interface StepContext {
  readonly run: Run;
  /** Redis' time when the step began, epoch milliseconds. */
  readonly now: number;
  /** Aborted on cancel, lost lock, time limit or shutdown. */
  readonly signal: AbortSignal;
}

/** Does one step and says what happened. Throws CotaError and the errors that `codeOf` knows; anything else is ours. */
export type StepHandler = (context: StepContext) => Promise<RunEvent>;

export interface StepWorkerOptions {
  readonly queues: readonly { readonly name: string; readonly concurrency: number }[];
  readonly handle: StepHandler;
  /** This process' own entry file: a quarantined step runs in a child of it. */
  readonly entry: string;
  /** Called when the model behind the steps is away; the queue is paused until `resume`. */
  readonly onAway?: (error: unknown) => Promise<void>;
}

export interface StepWorkers {
  pause(): Promise<void>;
  resume(): Promise<void>;
}

/** Starts of a step without a report after which it goes to quarantine. */
export const QUARANTINE_AT = 2;

class Stop extends Error {
  readonly why: 'cancelled' | 'lost_lock' | 'timeout' | 'shutdown';
  constructor(why: Stop['why']) {
    super(why);
    this.why = why;
  }
}

type Verdict = 'done' | 'stale' | { readonly delayMs: number } | 'back';

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
  let event: RunEvent;
  try {
    if (leftMs <= 0) throw pastDeadline();
    event = await handle({ run, now, signal: control.signal });
  } catch (error) {
    const reason: unknown = control.signal.reason;
    const stop = reason instanceof Stop ? reason.why : undefined;
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
      options,
    );
    if (settled === 'done' || !('type' in settled)) return settled;
    event = settled;
  } finally {
    clearTimeout(limit);
  }
  await commit(cluster, job, run, event, now);
  return 'done';
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
  if (done.is !== 'stale') return;
  // Either we were frozen and somebody else went on, or our own write went through before its reply was lost.
  metrics.stale.inc({ queue: 'advance' });
  const current = await runs.read(job.runId);
  if (current) await catchUp(cluster, job.runId, current, current);
}

/** Enqueues the step that the record is at; a hint that is there already makes it a no-op. */
export async function catchUp(cluster: Cluster, runId: string, position: Position, known?: Run): Promise<void> {
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

/** Starts BullMQ workers for the queues and for their quarantines, and drains them when the process stops. */
export async function startStepWorkers(cluster: Cluster, options: StepWorkerOptions): Promise<StepWorkers> {
  const { env, log, redis, lifecycle } = cluster;
  /** What is being worked on, by queue and job. */
  const live = new Map<string, { readonly runId: string; readonly control: AbortController }>();
  const stopAll = (why: Stop['why'], runId?: string): void => {
    for (const step of live.values())
      if (runId === undefined || step.runId === runId) step.control.abort(new Stop(why));
  };

  const subscriber = openRedis(env.COTA_REDIS_URL);
  await subscriber.subscribe(keys.cancelChannel);
  subscriber.on('message', (_channel, runId) => stopAll('cancelled', runId));
  lifecycle.onStop('cancel channel', () => subscriber.disconnect());

  const processor =
    (queue: string) =>
    async (job: Job<StepJob>, token?: string): Promise<void> => {
      const parsed = stepJob.safeParse(job.data);
      if (!parsed.success) {
        log.error({ queue, jobId: job.id }, 'dropped a job that is no step job; who else writes to this queue?');
        return;
      }
      const control = new AbortController();
      const { runId } = parsed.data;
      const place = jobKey(queue, String(job.id));
      live.set(place, { runId, control });
      metrics.active.inc({ queue });
      metrics.waitSeconds.observe({ queue }, Math.max(0, Date.now() - job.timestamp - (job.opts.delay ?? 0)) / 1000);
      const started = performance.now();
      let verdict: Verdict = 'done';
      try {
        verdict = await runStep(cluster, options.handle, parsed.data, queue, control, {
          quarantined: false,
          ...(options.onAway ? { onAway: options.onAway } : {}),
        });
      } catch (error) {
        if (!isRedisTrouble(error)) log.error({ runId, error }, 'step ended in a way that it should not');
        throw error;
      } finally {
        live.delete(place);
        metrics.active.dec({ queue });
        const result = typeof verdict === 'string' ? verdict : 'delayed';
        metrics.stepSeconds.observe({ queue, result }, (performance.now() - started) / 1000);
      }
      if (verdict === 'stale') metrics.stale.inc({ queue });
      if (verdict === 'back') {
        await job.moveToWait(token);
        throw new WaitingError();
      }
      if (typeof verdict === 'object') {
        await job.moveToDelayed(Date.now() + verdict.delayMs, token);
        throw new DelayedError();
      }
    };

  const open = (name: string, concurrency: number, process: (job: Job<StepJob>, token?: string) => Promise<void>) => {
    const worker = new Worker<StepJob, void>(name, process, {
      connection: redis as ConnectionOptions,
      prefix: prefixOf(name),
      concurrency,
      lockDuration: env.COTA_LOCK_MS,
      stalledInterval: env.COTA_STALLED_CHECK_MS,
      // The record judges runs, by starts without a report; BullMQ must only hand the job out again.
      maxStalledCount: 1_000,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
      drainDelay: 5,
    });
    worker.on('error', (error) => {
      if (!isRedisTrouble(error)) log.debug({ queue: name, error }, 'queue worker');
    });
    worker.on('lockRenewalFailed', (jobIds) => {
      for (const jobId of jobIds) live.get(jobKey(name, jobId))?.control.abort(new Stop('lost_lock'));
    });
    return worker;
  };
  // Earlier versions let one step at a time through, over the whole cluster; that setting outlives them in Redis.
  for (const { name } of options.queues) await cluster.queues.get(quarantineOf(name)).removeGlobalConcurrency();
  // From here on nothing is awaited: a first step that fails at once must find these workers in its caller's hands.
  const { counted, watch } = cluster.liveness;
  const workers = options.queues.map(({ name, concurrency }) =>
    watch(name, open(name, concurrency, counted(name, processor(name)))),
  );
  const graceOver = new AbortController();
  const quarantines = options.queues.map(({ name }) =>
    open(quarantineOf(name), 1, async (job, token) => {
      const control = new AbortController();
      const place = jobKey(quarantineOf(name), String(job.id));
      live.set(place, { runId: job.data.runId, control });
      const stop = AbortSignal.any([graceOver.signal, control.signal]);
      const how = await runInQuarantine(cluster, job.data, name, options.entry, stop);
      live.delete(place);
      if (how === 'done') return;
      // A process is started for each try, so the pause is longer than that of an ordinary step.
      await job.moveToDelayed(Date.now() + env.COTA_RETRY_MS * (how === 'busy' ? 1 : 10), token);
      throw new DelayedError();
    }),
  );

  // Not worker.pause(): on a worker that the breaker has paused it returns at once, whatever is still being worked on.
  const drain = async (): Promise<void> => {
    const closed = Promise.all([...workers, ...quarantines].map((worker) => worker.close()));
    const grace = new Promise<'grace'>((resolve) => setTimeout(resolve, env.COTA_GRACE_MS, 'grace').unref());
    if ((await Promise.race([closed, grace])) === 'grace') {
      log.warn({ runs: live.size }, 'grace is over; these steps go back to their queue');
      stopAll('shutdown');
      graceOver.abort();
    }
    await closed;
  };
  let draining: Promise<void> | undefined;
  // All models of a process share one grace: they drain together, and none takes work meanwhile.
  lifecycle.onStopping(() => {
    draining = drain();
    draining.catch(() => undefined);
  });
  lifecycle.onStop('steps', () => draining ?? drain());
  return {
    pause: async () => void (await Promise.all(workers.map((worker) => worker.pause(true)))),
    resume: async () => {
      if (!lifecycle.stopping) for (const worker of workers) await worker.resume();
    },
  };
}
