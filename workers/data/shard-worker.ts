/** Takes hints of the queue `data`, has a hand carry them out, and says in the job's record what came of it. */
import { randomUUID } from 'node:crypto';
import { type ConnectionOptions, DelayedError, type Job, Worker } from 'bullmq';
import type { Cluster } from '../../shared/cluster.ts';
import { dataHint } from '../../shared/data/job-queue.ts';
import { type DataHint, PLAN, type SettledShard, type ShardResult } from '../../shared/data/job-state.ts';
import type { DataJobStore } from '../../shared/data/job-store.ts';
import { isRedisTrouble } from '../../shared/errors.ts';
import { keys } from '../../shared/keys.ts';
import { DATA, prefixOf } from '../../shared/queues.ts';
import { openRedis } from '../../shared/redis.ts';
import type { HandPool, Worked } from './hands/pool.ts';

export interface ShardWorkerParts extends Cluster {
  readonly jobs: DataJobStore;
  readonly hands: HandPool;
}

/** A shard that ended its process so often is the cause. */
const POISON = 3;
/** A machine that dies so often under one shard is no accident either; kills and deployments are. */
const LOST = 10;
/** Between two words to the record that a shard is in hand; a cancelled job is noticed by then at the latest. */
const BEAT_MS = 1_000;

/** Starts the worker and drains it when the process stops. */
export async function startShardWorker(parts: ShardWorkerParts, concurrency: number): Promise<void> {
  const { env, log, redis, lifecycle, liveness, jobs } = parts;
  const live = new Set<{ readonly jobId: string; readonly control: AbortController }>();
  const subscriber = openRedis(env.COTA_REDIS_URL);
  await subscriber.subscribe(keys.cancelChannel);
  subscriber.on('message', (_channel, id) => {
    for (const one of live) if (one.jobId === id) one.control.abort();
  });
  lifecycle.onStop('cancel channel', () => subscriber.disconnect());

  const process = liveness.counted(DATA, async (job: Job<DataHint>, token?: string): Promise<void> => {
    const hint = dataHint.safeParse(job.data);
    if (!hint.success)
      return log.error({ jobId: job.id }, 'dropped a hint that is none; who else writes to this queue?');
    const one = { jobId: hint.data.jobId, control: new AbortController() };
    live.add(one);
    try {
      const busyMs = await takeInHand(parts, hint.data, one.control);
      if (busyMs === undefined) return;
      await job.moveToDelayed(Date.now() + busyMs, token);
    } finally {
      live.delete(one);
    }
    throw new DelayedError();
  });
  const worker = new Worker<DataHint, void>(DATA, process, {
    connection: redis as ConnectionOptions,
    prefix: prefixOf(DATA),
    concurrency,
    lockDuration: env.COTA_LOCK_MS,
    stalledInterval: env.COTA_STALLED_CHECK_MS,
    maxStalledCount: 1_000,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
    drainDelay: 5,
  });
  worker.on('error', (error) => {
    if (!isRedisTrouble(error)) log.debug({ error }, 'data queue');
  });
  liveness.watch(DATA, worker);

  const drain = async (): Promise<void> => {
    const closed = worker.close();
    const grace = new Promise<'grace'>((resolve) => setTimeout(resolve, env.COTA_GRACE_MS, 'grace').unref());
    if ((await Promise.race([closed, grace])) === 'grace') {
      log.warn({ shards: live.size }, 'grace is over; these shards go back');
      for (const { control } of live) control.abort();
    }
    await closed;
  };
  let draining: Promise<void> | undefined;
  lifecycle.onStopping(() => {
    draining = drain();
    draining.catch(() => undefined);
  });
  lifecycle.onStop('shards', async () => {
    await (draining ?? drain());
    await parts.hands.close();
    await jobs.close();
  });
}

/** @returns ms after which to look again, where somebody else may still have the shard */
async function takeInHand(
  parts: ShardWorkerParts,
  hint: DataHint,
  control: AbortController,
): Promise<number | undefined> {
  const { jobs, hands, env, log } = parts;
  const hand = await hands.take();
  if (!hand) {
    log.warn({ ...hint }, 'no hand could be started for a shard; trying again');
    return env.COTA_RETRY_MS;
  }
  let given = false;
  try {
    const token = randomUUID();
    const begun = await jobs.state.begin(hint, token, env.COTA_LOCK_MS, hand.stages);
    if (begun.is === 'busy') return Math.max(50, begun.ms);
    if (begun.is !== 'ok') return undefined;
    const { tenant, stage } = begun;
    const facts = { ...hint, stage };
    if (begun.lost >= LOST) {
      await settle(parts, hint, token, { is: 'back' });
      await fail(parts, tenant, hint, poisonOf(stage, hint, `its worker died ${begun.lost} times`));
      return undefined;
    }
    const heart = startHeart(parts, hint, token, control);
    const shard = hint.shard === PLAN ? PLAN : Number(hint.shard);
    const worked = await hand.work({ tenant, jobId: hint.jobId, stage, shard }, { signal: control.signal, ...heart });
    heart.stop();
    // Before what comes next is handed out, so that it need not wait for another hand to come up.
    hand.release();
    given = true;
    log.debug({ ...facts, is: worked.is }, 'shard');
    await conclude(parts, { hint, token, tenant, stage }, worked);
    return undefined;
  } finally {
    if (!given) hand.release();
  }
}

/** Says that the shard is in hand for as long as it is, and lets go where the record has it otherwise. */
function startHeart({ jobs, env }: ShardWorkerParts, hint: DataHint, token: string, control: AbortController) {
  let share: number | undefined;
  let beating = false;
  const timer = setInterval(
    async () => {
      if (beating) return;
      beating = true;
      // A Redis that is away decides nothing: the shard goes on, and its result is refused should it be late.
      const ours = await jobs.state.beat(hint, token, env.COTA_LOCK_MS, share).catch(() => true);
      beating = false;
      if (!ours) control.abort();
    },
    Math.min(BEAT_MS, env.COTA_LOCK_MS / 3),
  );
  return {
    onProgress: (now: number): void => {
      share = now;
    },
    stop: (): void => clearInterval(timer),
  };
}

interface InHand {
  readonly hint: DataHint;
  readonly token: string;
  readonly tenant: string;
  readonly stage: string;
}

/** A wait that nothing says the length of. */
const AWAY_MS = 5_000;

async function conclude(parts: ShardWorkerParts, inHand: InHand, worked: Worked): Promise<void> {
  const { env, log, tenancy } = parts;
  const { hint, token, tenant, stage } = inHand;
  const say = (result: ShardResult): Promise<SettledShard> => settle(parts, hint, token, result);
  switch (worked.is) {
    case 'done':
    case 'planned': {
      const { bytes, ...result } = worked;
      const { is } = await say(result);
      if (is === 'ok' && bytes > 0) await tenancy.meter.add(tenant, bytes).catch(() => undefined);
      break;
    }
    case 'later':
      await say(worked);
      break;
    case 'stopped':
      await say({ is: 'back' });
      break;
    case 'away':
      log.warn({ ...hint, stage, note: worked.note }, 'a shard waits');
      await say({ is: 'later', ms: worked.ms ?? Math.min(AWAY_MS, env.COTA_RETRY_MS * 5), note: worked.note });
      break;
    case 'failed':
      await say({ is: 'back' });
      await fail(parts, tenant, hint, worked.error);
      break;
    case 'retry': {
      log.warn({ ...hint, stage, note: worked.note }, 'a shard went wrong');
      const { times } = await say({ is: 'retry', ms: env.COTA_RETRY_MS, note: worked.note });
      if (times < env.COTA_ATTEMPTS) break;
      const message = `${worked.note} (${times} times; the data worker's log says more)`;
      await fail(parts, tenant, hint, { code: 'attempts_exhausted', message });
      break;
    }
    case 'crashed': {
      const { times } = await say({ is: 'crashed' });
      log.error({ ...hint, stage, how: worked.how, times }, 'a shard ended its process');
      if (times >= POISON)
        await fail(parts, tenant, hint, poisonOf(stage, hint, `${times} times, the last by ${worked.how}`));
    }
  }
  await parts.jobs.feed(hint.jobId);
  await parts.jobs.conclude(tenant, hint.jobId);
}

const poisonOf = (stage: string, { shard }: DataHint, how: string) => ({
  code: 'poison',
  message: `${shard === PLAN ? `The plan of ${stage}` : `Shard ${Number(shard)} of ${stage}`} ended every process that worked on it (${how}): its input may be the cause, or too little memory (COTA_DATA_HEAP_MB).`,
});

async function fail(parts: ShardWorkerParts, tenant: string, hint: DataHint, error: { code: string; message: string }) {
  parts.log.warn({ ...hint, error }, 'a data job fails');
  await parts.jobs.end(tenant, hint.jobId, 'failed', error);
}

const settle = (
  { jobs }: ShardWorkerParts,
  hint: DataHint,
  token: string,
  result: ShardResult,
): Promise<SettledShard> => jobs.state.settle(hint, token, result);
