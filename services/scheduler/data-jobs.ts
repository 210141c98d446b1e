/**
 * Looks after the data jobs that are not over: hands out as many of their shards as the fleet can take, tenants and their
 * jobs in equal parts; gives lost hints again; writes down the end of what is over.
 */
import type { Cluster } from '../../shared/cluster.ts';
import { isDataJobOver } from '../../shared/data/job.ts';
import type { DataJobStore } from '../../shared/data/job-store.ts';

export interface DataDriverParts extends Pick<Cluster, 'fleet' | 'log' | 'tenancy'> {
  readonly jobs: DataJobStore;
  readonly mayGoOn: () => boolean;
}

/** Shards handed out for each that is worked on: one works, one waits. */
const AHEAD = 2;
/** Longer than any creation takes: a job that is announced but has no document then never will have one. */
const HALF_MADE_MS = 3_600_000;

/** One look at all of them. */
export async function lookAfterDataJobs({ fleet, log, tenancy, jobs, mayGoOn }: DataDriverParts): Promise<void> {
  const open = await jobs.open();
  const byTenant = Map.groupBy(open, ({ tenant }) => tenant);
  const hands = fleet.workers().reduce((sum, worker) => sum + (worker.hands ?? 0), 0);
  for (const [tenant, own] of byTenant) {
    if ((await tenancy.tenants.known(tenant))?.erasing) continue;
    const share = Math.max(1, Math.ceil((hands * AHEAD) / byTenant.size / own.length));
    for (const { id, since } of own) {
      if (!mayGoOn()) return;
      try {
        const live = await jobs.state.read(id);
        if (live && !isDataJobOver(live)) {
          await jobs.lookAfter(id);
          await jobs.feed(id, share);
          continue;
        }
        // It is over, or Redis has lost its state: then it is made anew from its document.
        if (live) await jobs.conclude(tenant, id);
        else if (!(await jobs.find(tenant, id)) && Date.now() - since > HALF_MADE_MS) await jobs.leave(tenant, id);
        else await jobs.conclude(tenant, id);
      } catch (error) {
        log.warn({ dataJob: id, error }, 'cannot look after this data job now; trying again');
      }
    }
  }
}
