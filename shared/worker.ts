/**
 * The one wrapper around every worker: BullMQ's side of it. It owns lost locks, cancel messages, the quarantine's queue
 * and draining, so that a step function only does its step.
 */
import { type ConnectionOptions, DelayedError, type Job, WaitingError, Worker } from 'bullmq';
import type { Cluster } from './cluster.ts';
import { type StepJob, stepJob } from './contract.ts';
import { isRedisTrouble } from './errors.ts';
import { keys } from './keys.ts';
import { runInQuarantine } from './quarantine.ts';
import { jobKey, prefixOf, quarantineOf } from './queues.ts';
import { openRedis } from './redis.ts';
import { runStep, type StepHandler, Stop, type Verdict } from './run/run-step.ts';
import { metrics } from './telemetry.ts';

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
