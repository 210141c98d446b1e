/**
 * Looks after the fine-tuning jobs that are not over: hands out as many as the fleet can train, tenants in turn; gives
 * lost hints again; writes down the end of what is over.
 */
import type { Cluster } from '../../shared/cluster.ts';
import { isTrainJobOver } from '../../shared/train/job.ts';
import type { TrainJobStore } from '../../shared/train/job-store.ts';

export interface TrainDriverParts extends Pick<Cluster, 'env' | 'fleet' | 'log' | 'tenancy'> {
  readonly jobs: TrainJobStore;
  readonly mayGoOn: () => boolean;
}

/** Longer than any creation takes: a job that is announced but has no document then never will have one. */
const HALF_MADE_MS = 3_600_000;

/** One look at all of them. */
export async function lookAfterTrainJobs(parts: TrainDriverParts): Promise<void> {
  const { fleet, log, tenancy, jobs, mayGoOn, env } = parts;
  const hands = fleet.workers().reduce((sum, worker) => sum + (worker.trainings ?? 0), 0);
  /** Jobs that are handed out, by tenant. */
  const out = new Map<string, number>();
  const waiting: { readonly tenant: string; readonly id: string }[] = [];
  for (const { tenant, id, since } of await jobs.open()) {
    if (!mayGoOn()) return;
    if ((await tenancy.tenants.known(tenant))?.erasing) continue;
    try {
      const live = await jobs.state.read(id);
      if (!live) {
        // Redis has lost its state: it is made anew from its document.
        if (!(await jobs.find(tenant, id)) && Date.now() - since > HALF_MADE_MS) await jobs.leave(tenant, id);
        continue;
      }
      if (isTrainJobOver(live)) {
        await jobs.conclude(tenant, id);
        continue;
      }
      if (live.status === 'paused') continue;
      const isOut = live.isHeld || (live.serial > 0 && (await jobs.queue.holds(id, live.serial)));
      if (!isOut && !live.pauses) waiting.push({ tenant, id });
      else if (isOut) {
        out.set(tenant, (out.get(tenant) ?? 0) + 1);
        if (!live.isHeld) await jobs.state.lookedAfter(id, env.COTA_DUE_MS);
      }
    } catch (error) {
      log.warn({ trainJob: id, error }, 'cannot look after this fine-tuning job now; trying again');
    }
  }
  await handOut(parts, waiting, out, hands);
}

/** The next one is always of a tenant that has the fewest out. */
async function handOut(
  { jobs, env, mayGoOn }: TrainDriverParts,
  waiting: { readonly tenant: string; readonly id: string }[],
  out: Map<string, number>,
  hands: number,
): Promise<void> {
  const held = (tenant: string): number => out.get(tenant) ?? 0;
  let free = hands - [...out.values()].reduce((sum, count) => sum + count, 0);
  while (free > 0 && waiting.length > 0 && mayGoOn()) {
    const next = waiting.reduce((best, one) => (held(one.tenant) < held(best.tenant) ? one : best));
    waiting.splice(waiting.indexOf(next), 1);
    // A hint of it that was lost counts as given until now.
    await jobs.state.lookedAfter(next.id, 0);
    const serial = await jobs.state.take(next.id, env.COTA_DUE_MS);
    if (serial === undefined) continue;
    await jobs.queue.add(next.id, serial);
    out.set(next.tenant, held(next.tenant) + 1);
    free -= 1;
  }
}
