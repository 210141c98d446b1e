/** What was sent to an endpoint and what became of it; sending it again. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { CotaError } from '../../../shared/errors.ts';
import { parseStrictly } from '../../../shared/request/issues.ts';
import { DELIVERY_STATUSES, type Delivery, openDeliveries } from '../../../shared/webhooks/deliveries.ts';
import { deliveryIdOf, endpointOfDelivery } from '../../../shared/webhooks/delivery-id.ts';
import { type Endpoint, endpointDocuments } from '../../../shared/webhooks/endpoints.ts';
import { envelopeOf, TEST_EVENT } from '../../../shared/webhooks/events.ts';
import { hint } from '../../../shared/webhooks/hints.ts';
import type { ApiRequest, Handler } from '../http.ts';
import { findEndpointOf } from './webhook-endpoints.ts';

/** How long a test waits for its outcome. */
const TEST_WAIT_MS = 5_000;
const LOOK_MS = 100;

export const deliveryQuery = z.strictObject({
  status: z.enum(DELIVERY_STATUSES).optional(),
  limit: z
    .string()
    .regex(/^([1-9]\d?|100)$/, { error: "'limit' is a whole number from 1 to 100." })
    .optional()
    .describe('1 to 100; 20 by default.'),
  after: z.string().max(100).optional().describe('Id of the last delivery of the page before.'),
});
export const redriveMany = z.strictObject({
  status: z
    .enum(['failed', 'pending'])
    .optional()
    .describe('failed (the default): with all their tries before them. pending: now, instead of when they are due.'),
  since: z.int().min(0).optional().describe('Unix seconds: only deliveries that were made then or later.'),
});
export const redriven = z.strictObject({ object: z.literal('webhook_redrive'), count: z.int() });

export const deliveryObject = z.strictObject({
  id: z.string(),
  object: z.literal('webhook_delivery'),
  endpoint_id: z.string(),
  event_id: z.string().describe('The webhook-id header: the same in every try.'),
  event_type: z.string(),
  status: z.enum(DELIVERY_STATUSES),
  attempts: z.int().describe('Tries since it was made, or sent again by hand.'),
  created_at: z.int().describe('Unix seconds, here and below.'),
  next_attempt_at: z.int().nullable(),
  ended_at: z.int().nullable(),
  tries: z
    .array(
      z.strictObject({
        at: z.int(),
        duration_ms: z.int(),
        status: z.int().nullable().describe('HTTP status; null where there was no answer.'),
        error: z.string().nullable(),
        response: z.string().nullable().describe('Start of the answer, for the newest try only.'),
      }),
    )
    .describe('The newest last, at most 12.'),
  payload: z.string().describe('The body as it is sent.'),
  notice: z.string().optional(),
});
export const deliveryList = z.strictObject({
  object: z.literal('list'),
  data: z.array(deliveryObject),
  first_id: z.string().nullable(),
  last_id: z.string().nullable(),
  has_more: z.boolean(),
});

export const listDeliveries: Handler = async (request, parts) => {
  const endpoint = await findEndpointOf(request, parts);
  const { status, after, limit = '20' } = parseStrictly(deliveryQuery, request.query);
  const page = await openDeliveries(parts).list(request.tenant, endpoint.id, {
    limit: Number(limit),
    ...(status === undefined ? {} : { status }),
    ...(after === undefined ? {} : { after }),
  });
  return {
    body: {
      object: 'list',
      data: page.data.map(present),
      first_id: page.data[0]?.id ?? null,
      last_id: page.data.at(-1)?.id ?? null,
      has_more: page.hasMore,
    },
  };
};

export const getDelivery: Handler = async (request, parts) => {
  const found = await openDeliveries(parts).get(request.tenant, request.params.id ?? '');
  if (!found) throw noDelivery(request);
  return { body: present(found) };
};

export const redriveDelivery: Handler = async (request, parts) => {
  const id = request.params.id ?? '';
  const deliveries = openDeliveries(parts);
  const found = await deliveries.get(request.tenant, id);
  const endpoint = found && (await endpointDocuments(parts).get(request.tenant, endpointOfDelivery(id) ?? ''));
  if (!found || !endpoint) throw noDelivery(request);
  requireEnabled(endpoint);
  await deliveries.redrive(request.tenant, endpoint.id, { id });
  return { body: present((await deliveries.get(request.tenant, id)) ?? found) };
};

export const redriveEndpoint: Handler = async (request, parts) => {
  const { status = 'failed', since = 0 } = parseStrictly(redriveMany, request.body ?? {});
  const endpoint = await findEndpointOf(request, parts);
  requireEnabled(endpoint);
  const count = await openDeliveries(parts).redrive(request.tenant, endpoint.id, { status, since: since * 1000 });
  return { body: { object: 'webhook_redrive', count } };
};

/** Sends a `webhook.test` event now and waits a little for what becomes of it. */
export const testEndpoint: Handler = async (request, parts) => {
  const { tenant, signal } = request;
  const endpoint = await findEndpointOf(request, parts);
  requireEnabled(endpoint);
  const id = `evt_${randomBytes(16).toString('hex')}`;
  const body = envelopeOf({ id, type: TEST_EVENT, createdAt: Date.now(), data: { id: endpoint.id } });
  const deliveries = openDeliveries(parts);
  if ((await deliveries.add(tenant, endpoint.id, { event: id, type: TEST_EVENT, body })) === 'full') {
    throw new CotaError(
      'overloaded',
      'Too many deliveries wait for this endpoint: its receiver must take them first.',
      {
        retryAfterMs: 60_000,
      },
    );
  }
  await hint(parts, tenant, endpoint.id);
  const end = performance.now() + TEST_WAIT_MS;
  for (;;) {
    const found = await deliveries.get(tenant, deliveryIdOf(endpoint.id, id));
    if (!found) throw noDelivery(request);
    if (found.tries.length > 0) return { body: present(found) };
    if (performance.now() > end || signal.aborted) {
      const served = parts.fleet.workers().some(({ kind }) => kind === 'webhooks');
      const notice = served
        ? 'Not tried or not answered yet: look at this delivery again.'
        : 'No webhook worker runs now: deliveries wait until one does.';
      return { body: { ...present(found), notice } };
    }
    await sleep(LOOK_MS);
  }
};

/** @throws CotaError: what is sent again would only wait */
function requireEnabled(endpoint: Endpoint): void {
  if (endpoint.enabled) return;
  throw new CotaError(
    'endpoint_disabled',
    `The endpoint is disabled${endpoint.disabledReason === undefined ? '' : ` (${endpoint.disabledReason})`}: POST {"enabled": true} to /v1/webhook_endpoints/${endpoint.id} first.`,
  );
}

const noDelivery = ({ params }: ApiRequest): CotaError =>
  new CotaError('not_found', `There is no delivery '${(params.id ?? '').slice(0, 100)}', or it has left the log.`);

function present(delivery: Delivery): z.infer<typeof deliveryObject> {
  return {
    id: delivery.id,
    object: 'webhook_delivery',
    endpoint_id: delivery.endpoint,
    event_id: delivery.event,
    event_type: delivery.type,
    status: delivery.status,
    attempts: delivery.attempts,
    created_at: seconds(delivery.createdAt),
    next_attempt_at: delivery.status === 'pending' ? seconds(delivery.dueAt) : null,
    ended_at: delivery.endedAt === undefined ? null : seconds(delivery.endedAt),
    tries: delivery.tries.map(({ at, ms, status, error, response }) => {
      return {
        ...{ at: seconds(at), duration_ms: Math.round(ms), status: status ?? null },
        ...{ error: error ?? null, response: response ?? null },
      };
    }),
    payload: delivery.body,
  };
}

const seconds = (ms: number): number => Math.floor(ms / 1000);
