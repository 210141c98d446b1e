/**
 * Looks after all batches that are not over, while this scheduler has the lease: a loop for each of them, tenants in
 * turn where there are too many.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BatchState } from '../../../shared/batch/contract.ts';
import { metrics } from '../../../shared/telemetry.ts';
import { advanceBatch, type WindowBudget } from './advance.ts';
import { type BatchParts, LeaseLost } from './parts.ts';

/** Between two looks at a batch for which there was nothing to do: the longer that has been so, the longer. */
const LOOK_MS = 200;
const LONGEST_LOOK_MS = 2_000;
const LONGEST_PAUSE_MS = 15_000;
/** Batches that are looked at, of all tenants and of one; the others take turns with those that have nothing to do. */
const MOST_AT_A_TIME = 1_000;
const MOST_OF_A_TENANT = 64;
/** Time without anything to do after which a batch gives its place to one that waits. */
const TURN_MS = 5_000;
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
  /** When a batch last gave its place away. */
  const left = new Map<string, number>();
  /** Tenants of which more batches wait than are looked at. */
  let crowded = new Set<string>();
  const stopping = new AbortController();

  const budget: WindowBudget = {
    mayOpen(batch) {
      const all = [...open.values()];
      const tenants = new Set([...loops.values()].map((loop) => loop.tenant)).size;
      const share = Math.max(1, Math.floor(env.COTA_BATCH_OPEN_WINDOWS / Math.max(1, tenants)));
      const count = (some: readonly { windows: number }[]) => some.reduce((sum, one) => sum + one.windows, 0);
      const own = count(all.filter((one) => one.tenant === batch.tenant));
      // A tenant that has none gets one, also where another's slow lines have taken them all.
      return own === 0 || (own < share && count(all) < env.COTA_BATCH_OPEN_WINDOWS);
    },
  };

  const pause = (ms: number): Promise<void> => sleep(ms, undefined, { signal: stopping.signal }).catch(() => undefined);

  function note(batch: BatchState): void {
    open.set(batch.id, { tenant: batch.tenant, windows: batch.open.length });
  }

  async function follow(tenant: string, id: string, since: number): Promise<void> {
    let pauseMs = 0;
    let idleMs = 0;
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
        if (look === 'busy') idleMs = 0;
        else {
          if (idleMs >= TURN_MS && crowded.has(tenant)) return;
          const lookMs = Math.min(LONGEST_LOOK_MS, LOOK_MS + idleMs / 10);
          idleMs += lookMs;
          await pause(lookMs);
        }
      } catch (error) {
        if (error instanceof LeaseLost) return;
        pauseMs = Math.min(LONGEST_PAUSE_MS, Math.max(500, pauseMs * 2));
        log.warn({ batchId: id, error, pauseMs }, 'cannot go on with this batch now; trying again');
        await pause(pauseMs);
      }
    }
  }

  /** Those that have waited longest for a look, as many as their tenants have room for. */
  function chosen<T extends { readonly tenant: string; readonly id: string }>(waiting: readonly T[]): T[] {
    const byTenant = Map.groupBy(waiting, (one) => one.tenant);
    const picked: T[] = [];
    crowded = new Set();
    for (const [tenant, some] of byTenant) {
      const looked = [...loops.values()].filter((loop) => loop.tenant === tenant).length;
      const places = Math.max(0, MOST_OF_A_TENANT - looked);
      if (some.length > places) crowded.add(tenant);
      const order = some.toSorted((a, b) => (left.get(a.id) ?? 0) - (left.get(b.id) ?? 0));
      picked.push(...order.slice(0, places));
    }
    return picked.slice(0, MOST_AT_A_TIME - loops.size);
  }

  return {
    async round() {
      const windows = [...open.values()].reduce((sum, one) => sum + one.windows, 0);
      metrics.openWindows.set(windows);
      if (stopping.signal.aborted || !parts.mayGoOn()) return;
      const active = await batches.active();
      const known = new Set(active.map(({ id }) => id));
      for (const id of [...left.keys(), ...open.keys()]) {
        if (known.has(id)) continue;
        left.delete(id);
        open.delete(id);
      }
      for (const { tenant, id, since } of chosen(active.filter((one) => !loops.has(one.id)))) {
        const done = follow(tenant, id, since).finally(() => {
          loops.delete(id);
          left.set(id, performance.now());
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
