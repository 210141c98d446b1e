/** Finalizes runs whose last worker could not: it died, or the store was away. Waits as long as it takes. */
import { type ConnectionOptions, DelayedError, type Job, Worker } from 'bullmq';
import type { Cluster } from '../../shared/cluster.ts';
import { type StepJob, stepJob } from '../../shared/contract.ts';
import { FINALIZE, prefixOf } from '../../shared/queues.ts';
import { finalize } from '../../shared/run/finalize.ts';

const CONCURRENCY = 16;
const LONGEST_PAUSE_MS = 15_000;

export function startFinalizer(cluster: Cluster): void {
  const { env, redis, runs, finalizing, lifecycle, liveness, log } = cluster;
  const work = async (job: Job<StepJob>, token?: string): Promise<void> => {
    const hint = stepJob.parse(job.data);
    const begun = await runs.begin(hint, { quarantineAt: 0 });
    if (begun.is !== 'ok' || begun.run.status !== 'finalizing') return;
    try {
      await finalize(begun.run, finalizing);
    } catch (error) {
      const pauseMs = Math.min(LONGEST_PAUSE_MS, env.COTA_RETRY_MS * 2 ** Math.min(job.attemptsStarted, 6));
      log.warn({ runId: hint.runId, error, pauseMs }, 'cannot finalize yet; waiting');
      await runs.release(hint, { spend: false, waitMs: pauseMs });
      await job.moveToDelayed(Date.now() + pauseMs, token);
      throw new DelayedError();
    }
  };
  const worker = new Worker<StepJob, void>(FINALIZE, liveness.counted(FINALIZE, work), {
    connection: redis as ConnectionOptions,
    prefix: prefixOf(FINALIZE),
    concurrency: CONCURRENCY,
    lockDuration: env.COTA_LOCK_MS,
    stalledInterval: env.COTA_STALLED_CHECK_MS,
    maxStalledCount: 1_000,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
  });
  liveness.watch(FINALIZE, worker);
  worker.on('error', () => undefined);
  lifecycle.onStop('finalizer', () => worker.close());
}
