/**
 * Looks after all batches that are not over, while this scheduler has the lease: a loop for each of them, tenants in
 * turn where there are too many.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BatchState } from '../../../shared/batch/contract.ts';
import { metrics } from '../../../shared/telemetry.ts';
import { advanceBatch, type WindowBudget } from './advance.ts';
import { type BatchParts, LeaseLost } from './parts.ts';

/** Between two looks at a batch for which there was nothing to do. */
const LOOK_MS = 200;
const LONGEST_PAUSE_MS = 15_000;
/** Batches that are looked at; the others wait for one of them to end. */
const MOST_AT_A_TIME = 64;
/** Longer than any creation takes: a batch that is announced but has no state then never will have one. */
const HALF_MADE_S = 3_600;

export interface BatchDriver {
  /** Finds batches to look after; called again and again. */
  round(): Promise<void>;
  stop(): Promise<void>;
}

export function openBatchDriver(parts: BatchParts): BatchDriver {
  const { batches, log, env } = parts;
  const loops = new Map<string, { tenant: string; done: Promise<void> }>();
  const open = new Map<string, { tenant: string; windows: number }>();
  const stopping = new AbortController();

  const budget: WindowBudget = {
    mayOpen(batch) {
      const all = [...open.values()];
      const tenants = new Set([...loops.values()].map((loop) => loop.tenant)).size;
      const share = Math.max(1, Math.floor(env.COTA_BATCH_OPEN_WINDOWS / Math.max(1, tenants)));
      const count = (some: readonly { windows: number }[]) => some.reduce((sum, one) => sum + one.windows, 0);
      return (
        count(all) < env.COTA_BATCH_OPEN_WINDOWS && count(all.filter((one) => one.tenant === batch.tenant)) < share
      );
    },
  };

  const pause = (ms: number): Promise<void> => sleep(ms, undefined, { signal: stopping.signal }).catch(() => undefined);

  function note(batch: BatchState): void {
    open.set(batch.id, { tenant: batch.tenant, windows: batch.open.length });
  }

  async function follow(tenant: string, id: string, since: number): Promise<void> {
    let pauseMs = 0;
    while (!stopping.signal.aborted && parts.mayGoOn()) {
      try {
        // All that the tenant has is being deleted: nothing may be made of it meanwhile.
        const owner = await parts.tenancy.tenants.known(tenant);
        if (owner?.erasing) return;
        const seen = await batches.read(id);
        if (!seen) {
          const lost = await batches.find(tenant, id);
          if (!lost && Date.now() / 1000 - since < HALF_MADE_S) return;
          if (!lost) await batches.leave(tenant, id);
          if (!lost) return;
          continue;
        }
        note(seen.batch);
        const look = await advanceBatch(parts, seen, budget);
        pauseMs = 0;
        if (look === 'over') return;
        if (look === 'idle') await pause(LOOK_MS);
      } catch (error) {
        if (error instanceof LeaseLost) return;
        pauseMs = Math.min(LONGEST_PAUSE_MS, Math.max(500, pauseMs * 2));
        log.warn({ batchId: id, error, pauseMs }, 'cannot go on with this batch now; trying again');
        await pause(pauseMs);
      }
    }
  }

  /** Oldest first, tenants in turn. */
  function chosen<T extends { readonly tenant: string }>(all: readonly T[]): T[] {
    const byTenant = [...Map.groupBy(all, (one) => one.tenant).values()];
    const longest = Math.max(0, ...byTenant.map((some) => some.length));
    return Array.from({ length: longest }, (_, turn) => byTenant.flatMap((some) => some[turn] ?? [])).flat();
  }

  return {
    async round() {
      const windows = [...open.values()].reduce((sum, one) => sum + one.windows, 0);
      metrics.openWindows.set(windows);
      if (stopping.signal.aborted || !parts.mayGoOn()) return;
      const waiting = (await batches.active()).filter(({ id }) => !loops.has(id));
      for (const { tenant, id, since } of chosen(waiting).slice(0, MOST_AT_A_TIME - loops.size)) {
        const done = follow(tenant, id, since).finally(() => {
          loops.delete(id);
          open.delete(id);
        });
        loops.set(id, { tenant, done });
      }
    },
    async stop() {
      stopping.abort();
      await Promise.all([...loops.values()].map((loop) => loop.done));
    },
  };
}
