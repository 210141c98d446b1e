/** Takes hints of the queue `train`, has the job trained, and says in its record what came of it. */
import { randomUUID } from 'node:crypto';
import { type ConnectionOptions, DelayedError, type Job, Worker } from 'bullmq';
import type { Cluster } from '../../shared/cluster.ts';
import { CotaError, codeOf, isRedisTrouble, ruleOf } from '../../shared/errors.ts';
import { keys } from '../../shared/keys.ts';
import { prefixOf, TRAIN } from '../../shared/queues.ts';
import { openRedis } from '../../shared/redis.ts';
import { metrics } from '../../shared/telemetry.ts';
import type { TrainJob } from '../../shared/train/job.ts';
import { type TrainHint, trainHint } from '../../shared/train/job-queue.ts';
import type { TrainJobStore } from '../../shared/train/job-store.ts';
import { openClusterDesk } from './cluster-desk.ts';
import { type Outcome, TrainingFailed, type TrainParts } from './desk.ts';
import { makeFolder, removeFolder } from './work-folder.ts';

export interface JobWorkerParts extends Cluster {
  readonly jobs: TrainJobStore;
  readonly train: TrainParts;
}

/** Workers or machines that died under one job without progress: that is no accident; kills and deployments are. */
const LOST = 5;
/** A wait that nothing says the length of. */
const AWAY_MS = 5_000;

interface Live {
  readonly jobId: string;
  readonly ask: AbortController;
  readonly kill: AbortController;
}

/** Starts the worker and drains it when the process stops. */
export async function startJobWorker(parts: JobWorkerParts, concurrency: number): Promise<void> {
  const { env, log, redis, lifecycle, liveness, jobs } = parts;
  const live = new Set<Live>();
  const subscriber = openRedis(env.COTA_REDIS_URL);
  await subscriber.subscribe(keys.cancelChannel);
  subscriber.on('message', (_channel, id) => {
    for (const one of live) if (one.jobId === id) void lookAgain(parts, one);
  });
  lifecycle.onStop('cancel channel', () => subscriber.disconnect());

  const process = liveness.counted(TRAIN, async (job: Job<TrainHint>, token?: string): Promise<void> => {
    const hint = trainHint.safeParse(job.data);
    if (!hint.success)
      return log.error({ jobId: job.id }, 'dropped a hint that is none; who else writes to this queue?');
    metrics.active.inc({ queue: TRAIN });
    const one = { jobId: hint.data.jobId, ask: new AbortController(), kill: new AbortController() };
    live.add(one);
    if (lifecycle.stopping) one.ask.abort();
    try {
      const busyMs = await takeInHand(parts, one);
      if (busyMs === undefined) return;
      await job.moveToDelayed(Date.now() + busyMs, token);
    } finally {
      live.delete(one);
      metrics.active.dec({ queue: TRAIN });
    }
    throw new DelayedError();
  });
  const worker = new Worker<TrainHint, void>(TRAIN, process, {
    ...{ connection: redis as ConnectionOptions, prefix: prefixOf(TRAIN), concurrency },
    ...{ lockDuration: env.COTA_LOCK_MS, stalledInterval: env.COTA_STALLED_CHECK_MS, maxStalledCount: 1_000 },
    ...{ removeOnComplete: { count: 0 }, removeOnFail: { count: 0 }, drainDelay: 5 },
  });
  worker.on('error', (error) => {
    if (!isRedisTrouble(error)) log.debug({ error }, 'train queue');
  });
  liveness.watch(TRAIN, worker);

  const drain = async (): Promise<void> => {
    // Each trainer saves what it has; its job goes to another worker, or waits for the next one.
    for (const { ask } of live) ask.abort();
    const closed = worker.close();
    const grace = new Promise<'grace'>((resolve) => setTimeout(resolve, env.COTA_GRACE_MS, 'grace').unref());
    if ((await Promise.race([closed, grace])) === 'grace') {
      log.warn({ jobs: live.size }, 'grace is over; these trainings are ended');
      for (const { kill } of live) kill.abort();
    }
    await closed;
  };
  let draining: Promise<void> | undefined;
  lifecycle.onStopping(() => {
    draining = drain();
    draining.catch(() => undefined);
  });
  lifecycle.onStop('trainings', async () => {
    await (draining ?? drain());
    await jobs.close();
  });
}

/**
 * Something was done to the job: a paused one saves what it has, any other that is not ours to do is dropped.
 * @param lost the record says that it is not in our hands
 */
async function lookAgain({ jobs }: JobWorkerParts, { jobId, ask, kill }: Live, lost = false): Promise<void> {
  const now = await jobs.state.read(jobId).catch(() => ({ status: 'running' as const }));
  if (now?.status === 'paused' || now?.status === 'queued') ask.abort();
  else if (now?.status !== 'running' || lost) kill.abort();
}

/** @returns ms after which to look again, where somebody else may still have the job */
async function takeInHand(parts: JobWorkerParts, live: Live): Promise<number | undefined> {
  const { jobs, env, log } = parts;
  const { jobId } = live;
  const token = randomUUID();
  const begun = await jobs.state.begin(jobId, token, env.COTA_LOCK_MS);
  if (begun.is === 'busy') return Math.max(50, begun.ms);
  if (begun.is === 'gone') return undefined;
  const mine = { tenant: begun.tenant, id: jobId, token };
  try {
    const job = await jobs.find(begun.tenant, jobId);
    if (!job) return undefined;
    if (begun.lost >= LOST) {
      const message = `Its worker died ${begun.lost} times without getting further: the machine may have too little memory.`;
      await conclude(parts, mine, { is: 'failed', error: { code: 'poison', message, param: null } });
      return undefined;
    }
    log.info({ trainJob: jobId, recipe: job.recipe.name, lost: begun.lost }, 'a training begins');
    const outcome = await work(parts, live, job, token);
    await conclude(parts, mine, outcome, job);
  } catch (error) {
    // Such as a store that is away: let go without being counted as dead.
    if (live.kill.signal.aborted) await conclude(parts, mine, { is: 'stopped' });
    else await conclude(parts, mine, endOf(parts, error));
  }
  return undefined;
}

type Ended =
  | Outcome
  | { readonly is: 'away'; readonly note: string; readonly ms?: number | undefined }
  | { readonly is: 'retry'; readonly note: string };

async function work(parts: JobWorkerParts, live: Live, job: TrainJob, token: string): Promise<Ended> {
  const name = token.slice(0, 8);
  // A tenant that may keep nothing more, or whose data is being deleted, is not trained for hours first.
  await parts.tenancy.meter.assertRoom(job.tenant, 0);
  const desk = await openClusterDesk(parts, live, job, token, () => void lookAgain(parts, live, true));
  let folder: string | undefined;
  try {
    const { ask, kill } = live;
    folder = makeFolder(parts.env.COTA_TRAIN_FOLDER, job.id, name);
    // The factory's code, loaded with the first job: a worker that has none idles in half the memory.
    const { attemptTraining } = await import('./attempt.ts');
    return await attemptTraining({ parts: parts.train, job, desk, folder, name, ask: ask.signal, kill: kill.signal });
  } catch (error) {
    if (live.kill.signal.aborted) return { is: 'stopped' };
    return endOf(parts, error);
  } finally {
    await desk.close();
    // What cannot be removed now is taken away at the next start.
    if (folder !== undefined)
      await removeFolder(folder).catch((error: unknown) => parts.log.warn({ folder, error }, 'cannot remove a folder'));
  }
}

function endOf({ log }: JobWorkerParts, error: unknown): Ended {
  if (error instanceof TrainingFailed) return { is: 'failed', error: error.error };
  const code = codeOf(error);
  const { run } = ruleOf(code);
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof CotaError && run === 'fail') {
    return { is: 'failed', error: { code, message, param: error.param ?? null } };
  }
  if (run === 'wait')
    return { is: 'away', note: message, ms: error instanceof CotaError ? error.retryAfterMs : undefined };
  log.warn({ error }, 'a training went wrong');
  const full = (error as NodeJS.ErrnoException).code === 'ENOSPC';
  return { is: 'retry', note: full ? 'the disk of the train worker is full (COTA_TRAIN_FOLDER)' : message };
}

async function conclude(
  parts: JobWorkerParts,
  { tenant, id, token }: { readonly tenant: string; readonly id: string; readonly token: string },
  outcome: Ended,
  job?: TrainJob,
): Promise<void> {
  const { jobs, env, log } = parts;
  log.info({ trainJob: id, is: outcome.is }, 'a training ended');
  switch (outcome.is) {
    case 'done': {
      await jobs.putResult(tenant, id, outcome.result);
      const event = { level: 'info' as const, type: 'message' as const, message: outcome.words };
      const { is } = await jobs.state.settle(id, token, { is: 'succeeded', event });
      if (is !== 'ok') log.warn({ trainJob: id, is }, 'its result came too late');
      // `stale` is another worker's, which registers the same.
      if (is !== 'ok' && is !== 'stale' && outcome.result.model !== null && job) await parts.train.unregister(job);
      break;
    }
    case 'stopped':
      await jobs.state.settle(id, token, { is: 'back' });
      break;
    case 'failed':
      // One that was frozen past its time must not end what another worker has in hand.
      await jobs.end(tenant, id, 'failed', outcome.error, token);
      await jobs.state.settle(id, token, { is: 'back' });
      break;
    case 'away':
      log.warn({ trainJob: id, note: outcome.note }, 'a training waits');
      await jobs.state.settle(id, token, {
        is: 'wait',
        ms: outcome.ms ?? Math.min(AWAY_MS, env.COTA_RETRY_MS * 5),
        note: outcome.note,
      });
      break;
    case 'retry': {
      const note = outcome.note;
      const event = {
        level: 'warn' as const,
        type: 'message' as const,
        message: `It went wrong and is tried again: ${note}`,
      };
      const { tries } = await jobs.state.settle(id, token, { is: 'retry', ms: env.COTA_RETRY_MS, note, event });
      if (tries >= env.COTA_ATTEMPTS) {
        const message = `${note} (${tries} times; the train worker's log says more)`;
        await jobs.end(tenant, id, 'failed', { code: 'attempts_exhausted', message, param: null });
      }
    }
  }
  await jobs.conclude(tenant, id);
}
