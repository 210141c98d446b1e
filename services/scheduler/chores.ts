/**
 * What the scheduler does for tenants beside its rounds, in small portions, each kind in a lane of its own: deletions
 * that were ordered, upkeep of the store, runs that were counted as open and are not. A chore that cannot go on now is
 * begun again later; each finds what is left.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../../shared/cluster.ts';
import { erase } from '../../shared/tenants/erasure.ts';
import { isUpkeepDue, upkeep } from '../../shared/tenants/upkeep.ts';

type Chore = () => AsyncGenerator<void>;

/** @param mayAct asked before each portion: another scheduler may have taken over */
export function startChores(cluster: Cluster, mayAct: () => boolean): void {
  const { env, redis, tenancy, lifecycle, log } = cluster;
  const stopping = new AbortController();

  async function lane(name: string, pauseMs: number, chore: Chore): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        if (mayAct()) for await (const _ of chore()) if (stopping.signal.aborted || !mayAct()) break;
      } catch (error) {
        log.warn({ chore: name, error }, 'cannot go on with this now; trying again');
      }
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  const lanes = [
    lane('erasures', env.COTA_SWEEP_MS, async function* () {
      for (const tenant of await tenancy.tenants.all()) {
        if (tenant.erasing) yield* erase(cluster, tenant, tombstoneS(cluster));
      }
    }),
    lane('upkeep', env.COTA_SWEEP_MS * 10, async function* () {
      for (const tenant of await tenancy.tenants.all()) {
        if (tenant.erasing || !(await isUpkeepDue(redis, tenant.id))) continue;
        yield* upkeep({ ...cluster, tenants: tenancy.tenants }, tenant, env.COTA_UPKEEP_MS);
      }
    }),
    lane('open runs', env.COTA_DUE_MS, async function* () {
      for (const tenant of await tenancy.tenants.all()) yield* tenancy.openRuns.reconcile(tenant.id, env.COTA_DUE_MS);
    }),
  ];
  lifecycle.onStop('chores', async () => {
    stopping.abort();
    await Promise.all(lanes);
  });
}

/** As long as a step may still be worked on whose run was taken away. */
const tombstoneS = ({ env }: Cluster): number =>
  Math.max(600, Math.ceil((env.COTA_STEP_TIMEOUT_MS + env.COTA_GRACE_MS) / 1000) + 60);
