/**
 * Looks after all batches that are not over, while this scheduler has the lease: a loop for each of them, tenants in
 * turn where there are too many.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type BatchState, isOver } from '../../../shared/batch/contract.ts';
import { codeOf } from '../../../shared/errors.ts';
import { metrics } from '../../../shared/telemetry.ts';
import { advanceBatch, takeLeave, type WindowBudget } from './advance.ts';
import { LinesWait } from './open-window.ts';
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
/** Share of a batch's open lines under which those that are left count as few. */
const FEW = 0.1;
/** Times COTA_BATCH_OPEN_WINDOWS that may be open, of windows with only a few lines left. */
const MOST_WITH_FEW = 4;
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
  /** Tenants whose data is being deleted: long work on their batches stops within a second. */
  let erasing = new Set<string>();
  const stopping = new AbortController();

  const budget: WindowBudget = {
    mayOpen(batch, unfinished) {
      const all = [...open.values()];
      const tenants = new Set([...loops.values()].map((loop) => loop.tenant)).size;
      const share = Math.max(1, Math.floor(env.COTA_BATCH_OPEN_WINDOWS / Math.max(1, tenants)));
      const count = (some: readonly { windows: number }[]) => some.reduce((sum, one) => sum + one.windows, 0);
      const own = count(all.filter((one) => one.tenant === batch.tenant));
      const windows = count(all);
      const lines = batch.open.reduce((sum, one) => sum + one.lines, 0);
      const may =
        // A tenant that has none gets one, also where another's slow lines have taken them all.
        own === 0 ||
        (own < share && windows < env.COTA_BATCH_OPEN_WINDOWS) ||
        // A few lines that take long must not hold up all the others.
        (unfinished < lines * FEW && windows < env.COTA_BATCH_OPEN_WINDOWS * MOST_WITH_FEW);
      if (may) open.set(batch.id, { tenant: batch.tenant, windows: batch.open.length + 1 });
      return may;
    },
  };

  const pause = (ms: number): Promise<void> => sleep(ms, undefined, { signal: stopping.signal }).catch(() => undefined);

  function note(batch: BatchState): void {
    open.set(batch.id, { tenant: batch.tenant, windows: batch.open.length });
  }

  async function follow(tenant: string, id: string, since: number): Promise<void> {
    let pauseMs = 0;
    let idleMs = 0;
    // By this scheduler or by the one before it.
    let noticed = true;
    const own: BatchParts = { ...parts, mayGoOn: () => parts.mayGoOn() && !erasing.has(tenant) };
    while (!stopping.signal.aborted && own.mayGoOn()) {
      try {
        // All that the tenant has is being deleted: nothing may be made of it meanwhile.
        const owner = await parts.tenancy.tenants.known(tenant);
        if (owner?.erasing) return;
        const seen = await batches.read(id);
        if (!seen) return await pickUp(tenant, id, since);
        note(seen.batch);
        const look = await advanceBatch(own, seen, budget);
        // A window that cannot be opened is not mended by another one that was written.
        const held = look === 'busy' && seen.batch.open.some((window) => !window.ready);
        if (noticed && !held) {
          await batches.notice(id, '');
          noticed = false;
        }
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
        noticed = true;
        await batches.notice(id, noticeOf(error)).catch(() => undefined);
        await pause(pauseMs);
      }
    }
  }

  /** A batch without a state: it is over, it was never made whole, or Redis has lost it. */
  async function pickUp(tenant: string, id: string, since: number): Promise<void> {
    const found = await batches.find(tenant, id);
    if (found && isOver(found.status)) return takeLeave(parts, found);
    if (!found && Date.now() / 1000 - since >= HALF_MADE_S) await batches.leave(tenant, id);
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
      const owners = [...new Set([...loops.values()].map((loop) => loop.tenant))];
      const known = await Promise.all(owners.map((tenant) => parts.tenancy.tenants.known(tenant)));
      erasing = new Set(known.flatMap((tenant) => (tenant?.erasing ? [tenant.id] : [])));
      const active = await batches.active();
      const living = new Set(active.map(({ id }) => id));
      for (const id of [...left.keys(), ...open.keys()]) {
        if (living.has(id)) continue;
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

/** What the tenant is told while a batch cannot go on; hosts and folders are for the log. */
function noticeOf(error: unknown): string {
  if (error instanceof LinesWait) return error.message;
  const away = { store_away: 'The object store is away', redis_away: 'Redis is away' }[codeOf(error) as string];
  return `${away ?? 'Something does not work in the cluster'}; the batch goes on by itself when that is mended.`;
}
