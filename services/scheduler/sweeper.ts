/**
 * The net below every run: looks only at runs whose due time has passed, and hands out again what was lost. A hint
 * that is still in its queue is left alone; BullMQ itself gives stalled jobs to another worker.
 */
import type { Cluster } from '../../shared/cluster.ts';
import type { Outcome, Run } from '../../shared/contract.ts';
import { SHARDS } from '../../shared/keys.ts';
import { ALL_BASES } from '../../shared/models/trained-id.ts';
import { holderQueue, modelQueue, poolOf, quarantineOf, routeStep, TOOL_QUEUES, TRAINED } from '../../shared/queues.ts';
import { finalizeSoon } from '../../shared/run/finalize.ts';
import type { Position } from '../../shared/run/run-record.ts';
import type { Overdue } from '../../shared/run/run-store.ts';
import { metrics } from '../../shared/telemetry.ts';
import { queuesOfWorkers, versionQueuesOf } from '../../shared/versions.ts';

/** A step that was handed out anew this often without ever being reported will not succeed the next time either. */
const MOST_REISSUES = 30;
/** Runs of one shard looked at per pass, so that a pass stays short. */
const PER_SHARD = 100;

const ALL_SHARDS = Array.from({ length: SHARDS }, (_, shard) => shard);

/**
 * One pass over all shards.
 * @param mayGoOn asked before each run: a pass may outlast the lease under which it began
 * @returns runs looked at
 */
export async function sweep(cluster: Cluster, mayGoOn: () => boolean = () => true): Promise<number> {
  const runIds = await cluster.runs.overdue(ALL_SHARDS, PER_SHARD);
  let looked = 0;
  for (const runId of runIds) {
    if (!mayGoOn()) break;
    looked += 1;
    try {
      await sweepRun(cluster, runId);
    } catch (error) {
      cluster.log.error({ runId, error }, 'cannot sweep this run now');
      // Such as a record of a newer version: it must not stand before the others of its shard.
      await cluster.runs.postpone(runId, cluster.env.COTA_DUE_MS).catch(() => undefined);
    }
  }
  return looked;
}

async function sweepRun(cluster: Cluster, runId: string): Promise<void> {
  const { runs, env, admission } = cluster;
  const seen = await runs.look(runId);
  if (seen.is !== 'ok') return;
  const run = await runs.read(runId);
  if (!run) return;
  const { deadline } = run.config;
  if (deadline !== undefined && seen.now >= deadline && run.status !== 'finalizing') {
    const error = { code: 'deadline_exceeded', message: 'the deadline of this run passed before it was done' };
    return endRun(cluster, runId, seen.position, { status: 'failed', stopReason: 'deadline', error });
  }
  if (run.status === 'pending') {
    await admission.enter(run);
    return runs.postpone(runId, env.COTA_DUE_MS * 10);
  }
  await handOut(cluster, run, seen);
}

async function handOut(cluster: Cluster, run: Run, seen: Extract<Overdue, { is: 'ok' }>): Promise<void> {
  const { runs, queues, env, fleet, log } = cluster;
  const { position } = seen;
  const route = routeStep({ config: run.config, holder: run.holder, pool: poolOf(run) }, position, fleet.isAlive);
  const job = { runId: run.id, step: position.step, epoch: position.epoch };
  // A turn may lie in the shared queue although its holder lives: it was sent there while the holder was not heard of.
  // And during a deploy it may have been handed on to workers of its version. Queues of the dead are not looked at: what
  // is left in them is handed out anew.
  const shared = position.kind === 'model' ? modelQueue(run.config.model) : route.queue;
  const places = new Set([
    ...[route.queue, shared],
    ...versionQueuesOf(fleet, position.kind === 'action' ? TOOL_QUEUES : shared),
    // Workers that serve other bases hand a trained model's turn on to one that serves its base.
    ...(shared === TRAINED ? queuesOfWorkers(fleet, holderQueue(ALL_BASES, '')) : []),
  ]);
  for (const queue of [...places].flatMap((place) => [place, quarantineOf(place)])) {
    if (await queues.holds(queue, job)) return runs.postpone(run.id, env.COTA_DUE_MS);
  }
  if (position.status === 'running' && seen.reissued >= MOST_REISSUES) {
    const error = {
      code: 'attempts_exhausted',
      message: `step ${position.step} was handed out anew ${seen.reissued} times and never came back`,
    };
    return endRun(cluster, run.id, position, { status: 'failed', stopReason: 'error', error });
  }
  const fresh = await runs.reissue(run.id, position, env.COTA_DUE_MS);
  if (fresh.is !== 'ok') return;
  metrics.reissued.inc({ kind: position.kind });
  log.warn({ runId: run.id, step: position.step, kind: position.kind, epoch: fresh.position.epoch }, 'handed out anew');
  await queues.enqueue(route, { ...job, epoch: fresh.position.epoch });
}

async function endRun(cluster: Cluster, runId: string, seen: Position, outcome: Outcome): Promise<void> {
  const ended = await cluster.runs.end(runId, outcome, { job: { runId, step: seen.step, epoch: seen.epoch } });
  if (ended.is !== 'ok') return;
  const run = await cluster.runs.read(runId);
  if (run) await finalizeSoon(run, cluster.finalizing, cluster.log);
}
