/**
 * All that Redis has of a tenant. There is no index of a tenant's closed runs, which would cost every run a write: all
 * keys are gone through instead, which is dear and seldom.
 */
import type { Run } from '../contract.ts';
import { dataJobKeys } from '../data/job-state.ts';
import { keys } from '../keys.ts';
import { jobIdOf, poolOf, routeStep } from '../queues.ts';
import { trainJobKeys } from '../train/job-state.ts';
import type { ErasureParts } from './erasure.ts';

const PAGE = 1_000;
const RUN = /^cota:\{s[0-9a-f]{2}\}:run:(run_[0-9a-z]+)$/;
const BATCH = /^cota:\{b\.([^}]+)\}:/;
const DATA_JOB = /^cota:\{d\.([^}]+)\}:job$/;
const TRAIN_JOB = /^cota:\{f\.([^}]+)\}:job$/;
const QUEUE_EVENTS = /^\{([^}]+)\}:\1:events$/;
const TURN = /^cota:\{a\.[^}]+\}:turn:/;

/**
 * Yields after each page how much it took away. May be repeated.
 * @param tombstoneS how long a run that was alive cannot be brought back by what is still under way
 */
export async function* eraseFromRedis(
  parts: ErasureParts,
  tenant: string,
  tombstoneS: number,
): AsyncGenerator<{ readonly runs: number; readonly others: number }> {
  const { redis } = parts;
  // First what would make more: batches that are under way.
  yield { runs: 0, others: await eraseMembers(parts, tenant) };
  const owners = new Map<string, boolean>();
  const states: string[] = [];
  const own = keys.ofTenant(tenant).slice(0, -1);
  const pending = new RegExp(`^cota:\\{a\\.[^}]+\\}:pending:[a-z]+:${tenant}$`);
  let cursor = '0';
  do {
    const [next, page] = await redis.scan(cursor, 'COUNT', PAGE);
    cursor = next;
    const gone: string[] = [];
    const runIds: string[] = [];
    for (const key of page) {
      const [, runId] = RUN.exec(key) ?? [];
      const [, batchId] = BATCH.exec(key) ?? [];
      const [, dataJobId] = DATA_JOB.exec(key) ?? [];
      const [, trainJobId] = TRAIN_JOB.exec(key) ?? [];
      if (runId) runIds.push(runId);
      else if (key.startsWith(own) || pending.test(key)) gone.push(key);
      else if (TURN.test(key)) await redis.lrem(key, 0, tenant);
      // The last few hints of a queue, by the ids of their runs. Nothing reads them.
      else if (QUEUE_EVENTS.test(key)) await redis.xtrim(key, 'MAXLEN', 0);
      else if (dataJobId !== undefined) {
        // All of its keys at once: what a worker still brings finds nothing to write to.
        if (await endsJob(parts, tenant, key, dataJobId)) gone.push(...dataJobKeys(dataJobId));
      } else if (trainJobId !== undefined) {
        if (await endsJob(parts, tenant, key, trainJobId)) gone.push(...trainJobKeys(trainJobId));
      } else if (batchId !== undefined && (await ownsBatch(parts, tenant, batchId, owners))) {
        // Its state last: it says whose the other keys are.
        (key === keys.batch(batchId) ? states : gone).push(key);
      }
    }
    if (gone.length > 0) await redis.unlink(...gone);
    // Its bucket comes back with each request, also with those that ask whether this is done.
    const others = gone.filter((key) => key !== keys.requests(tenant)).length;
    yield { runs: await eraseRuns(parts, tenant, runIds, tombstoneS), others };
  } while (cursor !== '0');
  if (states.length > 0) await redis.unlink(...states);
  yield { runs: 0, others: states.length };
}

async function ownsBatch(
  { redis }: ErasureParts,
  tenant: string,
  batchId: string,
  known: Map<string, boolean>,
): Promise<boolean> {
  const before = known.get(batchId);
  if (before !== undefined) return before;
  const state = await redis.hget(keys.batch(batchId), 'state');
  const owns = state !== null && (JSON.parse(state) as { tenant?: unknown }).tenant === tenant;
  known.set(batchId, owns);
  return owns;
}

/** Stops what is being made of it, where it is the tenant's: workers see that it is gone. */
async function endsJob({ redis }: ErasureParts, tenant: string, key: string, id: string): Promise<boolean> {
  if ((await redis.hget(key, 'tenant')) !== tenant) return false;
  await redis.publish(keys.cancelChannel, id);
  return true;
}

async function eraseRuns(
  parts: ErasureParts,
  tenant: string,
  runIds: readonly string[],
  tombstoneS: number,
): Promise<number> {
  if (runIds.length === 0) return 0;
  const { redis, runs } = parts;
  const pipeline = redis.pipeline();
  for (const runId of runIds) pipeline.hmget(keys.run(runId), 'tenant', 'status');
  const replies = (await pipeline.exec()) ?? [];
  let erased = 0;
  for (const [index, runId] of runIds.entries()) {
    const [error, fields] = replies[index] ?? [new Error('no reply')];
    if (error) throw error;
    const [owner, status] = fields as readonly (string | null)[];
    if (owner !== tenant) continue;
    if (status !== 'closed') await endRun(parts, runId, tombstoneS);
    await runs.remove(runId);
    erased += 1;
  }
  return erased;
}

/** Ends a run without a trace, a webhook or a line of output: nothing of it is to be left. */
async function endRun(parts: ErasureParts, runId: string, tombstoneS: number): Promise<void> {
  const { redis, runs, admission, queues } = parts;
  await redis.set(keys.deleted(runId), '1', 'EX', tombstoneS);
  const run: Run | undefined = await runs.read(runId);
  await runs.end(runId, { status: 'cancelled', stopReason: 'cancelled' });
  await redis.publish(keys.cancelChannel, runId);
  if (!run) return;
  await admission.leave(run);
  const route = routeStep({ config: run.config, holder: run.holder, pool: poolOf(run) }, run, () => true);
  // One that a worker has in hand cannot be removed; it ends by itself, since its run is gone.
  await queues
    .get(route.queue)
    .remove(jobIdOf({ runId, step: run.step, epoch: run.epoch }))
    .catch(() => undefined);
}

/** Where several tenants share a key. */
async function eraseMembers({ redis }: ErasureParts, tenant: string): Promise<number> {
  let count = 0;
  for (const [key, pattern] of [
    [keys.activeBatches, `${tenant} *`],
    [keys.openDataJobs, `${tenant} *`],
    [keys.openTrainJobs, `${tenant} *`],
    [keys.filesDue, `${tenant} *`],
    [keys.webhooksDue, `* ${tenant}`],
  ] as const) {
    let cursor = '0';
    do {
      const [next, found] = await redis.zscan(key, cursor, 'MATCH', pattern, 'COUNT', PAGE);
      cursor = next;
      const members = found.filter((_, index) => index % 2 === 0);
      if (members.length > 0) count += await redis.zrem(key, ...members);
    } while (cursor !== '0');
  }
  return count;
}
