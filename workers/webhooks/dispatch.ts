/**
 * Takes deliveries that are due and sends them, so many at a time in all and so many to one endpoint, so that a slow
 * receiver holds up nobody else. Any number of these processes share the work.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Log, metrics } from '../../shared/telemetry.ts';
import { type Claimed, openDeliveries } from '../../shared/webhooks/deliveries.ts';
import {
  disableEndpoint,
  type Endpoint,
  findEndpoint,
  forgetEndpoint,
  forgetKept,
} from '../../shared/webhooks/endpoints.ts';
import { type Hint, hint, settleHint, takeHints } from '../../shared/webhooks/hints.ts';
import type { WebhookParts } from '../../shared/webhooks/parts.ts';
import { hasRoom, refill } from '../../shared/webhooks/spill.ts';
import { type AttemptParts, attempt } from './attempt.ts';

export interface DispatchParts extends WebhookParts, AttemptParts {
  readonly log: Log;
  /** Deliveries of this process at a time. */
  readonly concurrency: number;
  /** A lease lasts so much longer than a try may take. */
  readonly slackMs: number;
}

export interface Dispatcher {
  /** Takes nothing more; what is under way has `graceMs`, then goes back and is tried by another process. */
  stop(graceMs: number): Promise<void>;
}

/** Deliveries to one endpoint at a time, over all processes. */
const MOST_TO_ONE = 4;
const LOOK_MS = 200;
const HINTS = 100;
/** A hint is settled within a few round trips, unless its process dies. */
const HINT_LEASE_MS = 5_000;
const AFTER_ERROR_MS = 1_000;
/** An endpoint to which nothing could be delivered for this long is disabled. */
const DOWN_MS = 3 * 24 * 3_600_000;

/** Works until it is stopped. */
export function startDispatch(parts: DispatchParts): Dispatcher {
  const { log, concurrency } = parts;
  const deliveries = openDeliveries(parts);
  const leaseMs = parts.timeoutMs + parts.slackMs;
  const stopping = new AbortController();
  const hurry = new AbortController();
  const underWay = new Set<Promise<void>>();
  const refilling = new Set<string>();
  let wake = Promise.withResolvers<void>();

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      wake = Promise.withResolvers();
      try {
        await round();
      } catch (error) {
        log.warn({ error }, 'cannot look for deliveries now; trying again');
        await sleep(AFTER_ERROR_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
      const pause = sleep(LOOK_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      await Promise.race([pause, wake.promise]);
    }
  }

  async function round(): Promise<void> {
    if (underWay.size >= concurrency) return;
    for (const taken of await takeHints(parts, HINTS, HINT_LEASE_MS)) {
      if (stopping.signal.aborted) return;
      try {
        await look(taken);
      } catch (error) {
        // Its hint comes back by itself; the endpoints of others must not wait for it.
        log.warn({ endpoint: taken.endpoint, error }, 'cannot look at this endpoint now; trying again');
      }
    }
  }

  async function look(taken: Hint): Promise<void> {
    const { tenant, endpoint: id } = taken;
    const seen = await findEndpoint(parts, tenant, id);
    // Removed while an event was being handed to it.
    if (!seen) await forgetEndpoint(parts, tenant, id);
    // What waits for a disabled one is kept; to enable it is a new hint.
    if (!seen?.endpoint.enabled) return settleHint(parts, taken, undefined);
    const { endpoint, version } = seen;
    const want = concurrency - underWay.size;
    const claims = await deliveries.claim(tenant, id, { want, mostInFlight: MOST_TO_ONE, leaseMs, version });
    if (claims.changed) {
      // Disabled or changed this moment: nothing is sent as it was before.
      forgetKept(parts, tenant);
      return settleHint(parts, taken, claims.now);
    }
    const claimedAt = performance.now();
    const now = (): number => claims.now + performance.now() - claimedAt;
    for (const claimed of claims.claimed) {
      metrics.webhookLag.observe(Math.max(0, claims.now - claimed.dueAt) / 1000);
      track(deliver(tenant, endpoint, claimed, now()));
    }
    await settleHint(parts, taken, claims.nextAt);
    if (claims.spilled && hasRoom(claims.waiting)) refillSoon(tenant, id);
  }

  function track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => log.error({ error }, 'a delivery was left to its lease'))
      .finally(() => {
        underWay.delete(tracked);
        wake.resolve();
      });
    underWay.add(tracked);
  }

  async function deliver(tenant: string, endpoint: Endpoint, claimed: Claimed, now: number): Promise<void> {
    const { settlement, gone, trouble } = await attempt(parts, tenant, endpoint, claimed, now, hurry.signal);
    const facts = { tenant, endpoint: endpoint.id, delivery: claimed.id, event: claimed.event };
    if (trouble !== undefined) log.error({ ...facts, trouble }, 'this delivery cannot be signed here');
    const disable = async (reason: string): Promise<void> => {
      await disableEndpoint(parts, tenant, endpoint.id, reason);
      log.warn({ ...facts, reason }, 'endpoint disabled');
    };
    // First, so that whoever sees the delivery as failed sees the endpoint as disabled.
    if (gone) await disable('The receiver answered 410 Gone.');
    const settled = await deliveries.settle(tenant, claimed, settlement);
    const result = settled === undefined ? 'stale' : settlement.result;
    if ('made' in settlement) {
      metrics.webhooks.observe({ result }, settlement.made.ms / 1000);
      const { status, error, ms } = settlement.made;
      const tried = { ...facts, attempt: claimed.attempts + 1, status, reason: error, ms };
      log[settlement.result === 'failed' ? 'warn' : 'info'](tried, `webhook: ${result}`);
    }
    const since = settled?.failingSince;
    if (settled && since !== undefined && settled.now - since >= DOWN_MS) {
      await disable(`Nothing could be delivered since ${new Date(since).toISOString()}.`);
    }
    await hint(parts, tenant, endpoint.id);
  }

  function refillSoon(tenant: string, id: string): void {
    if (refilling.has(id)) return;
    refilling.add(id);
    const work = async (): Promise<void> => {
      try {
        const events = await refill(parts, tenant, id);
        log.info({ tenant, endpoint: id, events }, 'events came back from the store');
        await hint(parts, tenant, id);
      } finally {
        refilling.delete(id);
      }
    };
    work().catch((error: unknown) => log.warn({ endpoint: id, error }, 'cannot take events back now; trying again'));
  }

  const looping = loop();
  return {
    async stop(graceMs) {
      stopping.abort();
      await looping;
      const late = setTimeout(() => hurry.abort(), graceMs);
      await Promise.all(underWay);
      clearTimeout(late);
    },
  };
}
