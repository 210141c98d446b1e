/**
 * Deliveries in Redis: an event on its way to one endpoint. What waits stands in a set by the time it is due; what is
 * being tried is leased, so that several processes share the work and what a killed one had is taken up again.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { keys } from '../keys.ts';
import { deliveryIdOf, endpointOfDelivery, isDeliveryId } from './delivery-id.ts';
import { hint } from './hints.ts';
import type { WebhookParts } from './parts.ts';

/** Deliveries of one endpoint that Redis holds while they wait; further events lie in the store, see spill.ts. */
export const MOST_WAITING = 2_000;
/** Deliveries of one endpoint that the log holds of each kind, delivered and failed, and for how long. */
export const MOST_LOGGED = 1_000;
export const LOGGED_MS = 7 * 24 * 3_600_000;
/** An event handed over again within this is known, even if its delivery has left the log since. */
const SEEN_S = 3_600;
/** An endpoint that failed so often in a row and then succeeds was down: all that waits for it goes out now. */
const DOWN_AFTER = 10;
const HASTEN_EVERY_MS = 300_000;
/** Tries that a delivery tells of, the newest last. */
const MOST_TRIES = 12;

/** What one try came to. */
export const deliveryTry = z.object({
  /** Epoch milliseconds. */
  at: z.number(),
  /** HTTP status; left out when there was no answer. */
  status: z.int().optional(),
  /** Why it does not count as delivered. */
  error: z.string().optional(),
  ms: z.number(),
  /** Start of the answer's body; only the newest try has it. */
  response: z.string().optional(),
});
export type DeliveryTry = z.infer<typeof deliveryTry>;

export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

export interface NewDelivery {
  readonly event: string;
  readonly type: string;
  readonly body: string;
}

export interface Delivery extends NewDelivery {
  readonly id: string;
  readonly endpoint: string;
  readonly status: DeliveryStatus;
  /** Tries since it was made or redriven. */
  readonly attempts: number;
  readonly tries: readonly DeliveryTry[];
  readonly createdAt: number;
  /** Of the next try, while it is pending. */
  readonly dueAt: number;
  readonly endedAt: number | undefined;
}

/** A delivery that this process has for as long as its lease lasts. */
export interface Claimed extends NewDelivery {
  readonly id: string;
  /** Settles this lease and no other. */
  readonly token: string;
  readonly dueAt: number;
  readonly attempts: number;
  readonly tries: readonly DeliveryTry[];
}

export interface Claims {
  /** Redis' clock. */
  readonly now: number;
  /** When there may be more. */
  readonly nextAt: number | undefined;
  readonly waiting: number;
  readonly spilled: boolean;
  /** The tenant's endpoints are not as the caller knows them: nothing was taken. */
  readonly changed: boolean;
  readonly claimed: readonly Claimed[];
}

/** `back`: no try was made; another follows after the pause and none is counted. */
export type Settlement =
  | { readonly result: 'delivered' | 'failed'; readonly made: DeliveryTry }
  | { readonly result: 'retry'; readonly made: DeliveryTry; readonly pauseMs: number }
  | { readonly result: 'back'; readonly pauseMs: number };

export interface EndpointHealth {
  readonly waiting: number;
  readonly spilled: boolean;
  readonly failures: number;
  readonly failingSince: number | undefined;
  readonly deliveredAt: number | undefined;
}

const lua = (name: string): string => readFileSync(new URL(`../lua/webhook-${name}.lua`, import.meta.url), 'utf8');
const scripts = {
  add: lua('add'),
  claim: lua('claim'),
  settle: lua('settle'),
  redrive: lua('redrive'),
  unspill: lua('unspill'),
};

const FIELDS = ['event', 'type', 'body', 'status', 'attempts', 'tries', 'created', 'due', 'ended'] as const;
export type Deliveries = ReturnType<typeof openDeliveries>;

export function openDeliveries({ redis, ahead }: WebhookParts) {
  const aheadMs = (): number => ahead?.() ?? 0;
  const namesOf = (tenant: string, endpoint: string) => {
    const prefix = keys.webhooks(tenant, endpoint);
    const of = (name: string): string => `${prefix}${name}`;
    return {
      ...{ due: of('due'), flight: of('flight'), all: of('all'), state: of('state') },
      ...{ delivered: of('delivered'), failed: of('failed'), deliveries: of('d:') },
      seen: (id: string) => of(`seen:${id}`),
    };
  };
  const run = (script: string, on: readonly string[], args: readonly (string | number)[]): Promise<unknown> =>
    redis.eval(script, on.length, ...on, ...args);

  async function read(tenant: string, ids: readonly string[]): Promise<(Delivery | undefined)[]> {
    const pipeline = redis.pipeline();
    for (const id of ids) {
      const { deliveries } = namesOf(tenant, endpointOfDelivery(id) ?? '');
      pipeline.hmget(deliveries + id, ...FIELDS);
    }
    const replies = (await pipeline.exec()) ?? [];
    return replies.map(([error, values], index) => {
      if (error) throw error;
      return readDelivery(ids[index] ?? '', values as (string | null)[]);
    });
  }

  return {
    /** @returns `known` for one that there is or was; `full` when the endpoint has too many that wait */
    async add(tenant: string, endpoint: string, delivery: NewDelivery): Promise<'added' | 'known' | 'full'> {
      const id = deliveryIdOf(endpoint, delivery.event);
      const { due, flight, all, deliveries, seen } = namesOf(tenant, endpoint);
      const fields = Object.entries(delivery).flat() as string[];
      const args = [id, aheadMs(), MOST_WAITING, SEEN_S, ...fields];
      return (await run(scripts.add, [deliveries + id, seen(id), due, flight, all], args)) as
        | 'added'
        | 'known'
        | 'full';
    },

    async claim(
      tenant: string,
      endpoint: string,
      {
        want,
        mostInFlight,
        leaseMs,
        version = '*',
      }: {
        readonly want: number;
        readonly mostInFlight: number;
        readonly leaseMs: number;
        /** Of the tenant's endpoints, as the caller knows them; left out: whichever. */
        readonly version?: string;
      },
    ): Promise<Claims> {
      const { due, flight, state, deliveries } = namesOf(tenant, endpoint);
      const args = [aheadMs(), mostInFlight, leaseMs, want, deliveries, version];
      const reply = await run(scripts.claim, [due, flight, state, keys.webhookVersion(tenant)], args);
      const [now, next, waiting, spilled, changed, taken] = reply as [
        ...[number, string, number, number, number],
        string[][],
      ];
      const claimed = taken.map(([id = '', token = '', dueAt, event = '', type = '', body = '', attempts, tries]) => {
        const made = { attempts: Number(attempts), tries: readTries(tries) };
        return { id, token: String(token), dueAt: Number(dueAt), event, type, body, ...made };
      });
      return {
        now,
        nextAt: next === '' ? undefined : Number(next),
        waiting,
        spilled: spilled === 1,
        changed: changed === 1,
        claimed,
      };
    },

    /**
     * @returns undefined when the lease was lost and nothing was written; otherwise since when every try has failed
     */
    async settle(
      tenant: string,
      claimed: Claimed,
      settlement: Settlement,
    ): Promise<{ readonly now: number; readonly failingSince: number | undefined } | undefined> {
      const names = namesOf(tenant, endpointOfDelivery(claimed.id) ?? '');
      const { due, flight, all, delivered, failed, state, deliveries } = names;
      const { result } = settlement;
      const earlier = claimed.tries.map(({ response: _, ...rest }) => rest);
      const tries = result === 'back' ? '' : JSON.stringify([...earlier, settlement.made].slice(-MOST_TRIES));
      const pauseMs = 'pauseMs' in settlement ? Math.round(settlement.pauseMs) : 0;
      const reply = await run(
        scripts.settle,
        [deliveries + claimed.id, due, flight, all, delivered, failed, state],
        [
          ...[claimed.id, aheadMs(), claimed.token, result, pauseMs, tries],
          ...[MOST_LOGGED, LOGGED_MS, deliveries, DOWN_AFTER, HASTEN_EVERY_MS],
        ],
      );
      const [is, now, since] = reply as ['ok' | 'stale', number, string];
      return is === 'ok' ? { now, failingSince: since === '' ? undefined : Number(since) } : undefined;
    },

    async get(tenant: string, id: string): Promise<Delivery | undefined> {
      return isDeliveryId(id) ? (await read(tenant, [id]))[0] : undefined;
    },

    /** Newest first. A cursor that is gone gives an empty page. */
    async list(
      tenant: string,
      endpoint: string,
      { limit, after, status }: { readonly limit: number; readonly after?: string; readonly status?: DeliveryStatus },
    ): Promise<{ readonly data: readonly Delivery[]; readonly hasMore: boolean }> {
      const { all } = namesOf(tenant, endpoint);
      const rank = after === undefined ? -1 : await redis.zrevrank(all, after);
      if (rank === null) return { data: [], hasMore: false };
      const found: Delivery[] = [];
      const chunk = status === undefined ? limit + 1 : 500;
      for (let start = rank + 1; found.length <= limit; start += chunk) {
        const ids = await redis.zrevrange(all, start, start + chunk - 1);
        if (ids.length === 0) break;
        const deliveries = (await read(tenant, ids)).filter((one) => one !== undefined);
        found.push(...deliveries.filter((one) => status === undefined || one.status === status));
      }
      return { data: found.slice(0, limit), hasMore: found.length > limit };
    },

    /**
     * Makes deliveries due now, failed ones with all their tries before them.
     * @param since only those created then or later, epoch milliseconds
     * @returns how many
     */
    async redrive(
      tenant: string,
      endpoint: string,
      what: { readonly id: string } | { readonly status: 'failed' | 'pending'; readonly since: number },
    ): Promise<number> {
      const { due, delivered, failed, deliveries } = namesOf(tenant, endpoint);
      const which = 'id' in what ? ['failed', 0, what.id] : [what.status, what.since, ''];
      const count = await run(scripts.redrive, [due, delivered, failed], [aheadMs(), deliveries, ...which]);
      await hint({ redis, ahead }, tenant, endpoint);
      return Number(count);
    },

    async health(tenant: string, endpoint: string): Promise<EndpointHealth> {
      const { due, flight, state } = namesOf(tenant, endpoint);
      const [inDue, inFlight, fields] = await Promise.all([
        redis.zcard(due),
        redis.zcard(flight),
        redis.hgetall(state),
      ]);
      const time = (text: string | undefined) => (text === undefined ? undefined : Number(text));
      return {
        waiting: inDue + inFlight,
        spilled: fields.spilled !== undefined,
        failures: Number(fields.failures ?? 0),
        failingSince: time(fields.failingSince),
        deliveredAt: time(fields.delivered),
      };
    },

    /** An endpoint that is enabled again starts with a clean record. */
    async forgive(tenant: string, endpoint: string): Promise<void> {
      await redis.hdel(namesOf(tenant, endpoint).state, 'failures', 'failingSince');
    },

    /** Says that events of this endpoint lie in the store. Each mark is another, so that an old one takes no newer away. */
    async markSpilled(tenant: string, endpoint: string): Promise<void> {
      await redis.hset(namesOf(tenant, endpoint).state, 'spilled', randomUUID());
    },
    async spillMark(tenant: string, endpoint: string): Promise<string | undefined> {
      return (await redis.hget(namesOf(tenant, endpoint).state, 'spilled')) ?? undefined;
    },
    /** Nothing lay in the store after this mark had been read. */
    async unmarkSpilled(tenant: string, endpoint: string, mark: string): Promise<void> {
      await run(scripts.unspill, [namesOf(tenant, endpoint).state], [mark]);
    },

    /** Removes all that Redis holds of an endpoint. */
    async forget(tenant: string, endpoint: string): Promise<void> {
      const { due, flight, all, delivered, failed, state, deliveries } = namesOf(tenant, endpoint);
      for (;;) {
        const ids = await redis.zrange(all, '0', '499');
        if (ids.length === 0) break;
        await redis.del(...ids.map((id) => deliveries + id));
        await redis.zrem(all, ...ids);
      }
      await redis.del(due, flight, all, delivered, failed, state);
    },
  };
}

function readTries(text: string | null | undefined): readonly DeliveryTry[] {
  return text ? z.array(deliveryTry).parse(JSON.parse(text)) : [];
}

function readDelivery(id: string, values: readonly (string | null)[]): Delivery | undefined {
  const [event, type, body, status, attempts, tries, created, due, ended] = values;
  const endpoint = endpointOfDelivery(id);
  if (!event || !status || endpoint === undefined) return undefined;
  return {
    ...{ id, endpoint, event, type: type ?? '', body: body ?? '', status: z.enum(DELIVERY_STATUSES).parse(status) },
    ...{ attempts: Number(attempts ?? 0), tries: readTries(tries) },
    ...{ createdAt: Number(created), dueAt: Number(due), endedAt: ended ? Number(ended) : undefined },
  };
}
