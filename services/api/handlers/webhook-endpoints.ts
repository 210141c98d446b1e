/** /v1/webhook_endpoints: where a tenant wants to hear of its events. */
import { z } from 'zod';
import { newDocumentId } from '../../../shared/documents.ts';
import { CotaError } from '../../../shared/errors.ts';
import { parseStrictly } from '../../../shared/request/issues.ts';
import { FetchRefused } from '../../../shared/safe-fetch.ts';
import { openDeliveries } from '../../../shared/webhooks/deliveries.ts';
import {
  announceChange,
  changeEndpoint,
  type Endpoint,
  endpointDocuments,
  eventFilter,
  MOST_ENDPOINTS,
  ownerOf,
  removeEndpoint,
} from '../../../shared/webhooks/endpoints.ts';
import { hint } from '../../../shared/webhooks/hints.ts';
import { newSecret } from '../../../shared/webhooks/secrets.ts';
import type { ApiParts, ApiRequest, Handler } from '../http.ts';

/** Old secrets may sign beside a new one for at most a week, and so many at a time. */
const LONGEST_OVERLAP_S = 7 * 24 * 3600;
const MOST_SECRETS = 4;

const url = z.string().max(2_048).describe('An https URL of the public internet.');
const events = z
  .array(eventFilter)
  .min(1)
  .max(20)
  .describe('Types of events that are delivered here; ["*"], the default, is all of them.');
const description = z.string().max(512);

export const createEndpoint = z.strictObject({
  url,
  events: events.optional(),
  description: description.optional(),
});
export const updateEndpoint = z.strictObject({
  url: url.optional(),
  events: events.optional(),
  description: description.optional(),
  enabled: z.boolean().optional().describe('false holds back what waits; true sends it.'),
});
export const rotateSecret = z.strictObject({
  expire_old_after: z
    .int()
    .min(0)
    .max(LONGEST_OVERLAP_S)
    .optional()
    .describe('Seconds for which the secret so far signs beside the new one; 86,400 by default, at most a week.'),
});
const DEFAULT_OVERLAP_S = 86_400;

export const endpointObject = z.strictObject({
  id: z.string(),
  object: z.literal('webhook_endpoint'),
  created_at: z.int().describe('Unix seconds, here and below.'),
  url: z.string(),
  events: z.array(eventFilter),
  description: z.string(),
  enabled: z.boolean(),
  disabled_reason: z.string().nullable().describe('Why Cota disabled it: it is gone, or nothing arrived for 3 days.'),
  secrets: z.array(z.strictObject({ created_at: z.int(), expires_at: z.int().nullable() })),
  health: z.strictObject({
    waiting: z.int().describe('Deliveries that have not arrived yet.'),
    overflow: z.boolean().describe('Whether more events wait in the store, since there were too many of them.'),
    failures: z.int().describe('Tries that failed since the last one that arrived.'),
    failing_since: z.int().nullable(),
    last_delivered_at: z.int().nullable(),
  }),
  secret: z.string().optional().describe('whsec_...: shown once, when it is made.'),
});
export const endpointList = z.strictObject({ object: z.literal('list'), data: z.array(endpointObject) });
export const endpointDeleted = z.strictObject({
  id: z.string(),
  object: z.literal('webhook_endpoint'),
  deleted: z.literal(true),
});

export const createWebhookEndpoint: Handler = async ({ tenant, body }, parts) => {
  const wanted = parseStrictly(createEndpoint, body);
  checkUrl(parts, wanted.url);
  const documents = endpointDocuments(parts);
  const { data } = await documents.list(tenant, { limit: MOST_ENDPOINTS, order: 'asc' });
  if (data.length >= MOST_ENDPOINTS) {
    throw new CotaError(
      'invalid_value',
      `There are ${MOST_ENDPOINTS} endpoints already, which is the most: delete one.`,
    );
  }
  const id = newDocumentId('we_');
  const secret = newSecret();
  const createdAt = Date.now();
  const sealed = parts.webhooks.keyring.seal(secret, ownerOf(tenant, id));
  const endpoint: Endpoint = {
    ...{ id, url: wanted.url, events: wanted.events ?? ['*'], description: wanted.description ?? '' },
    ...{ enabled: true, createdAt, secrets: [{ sealed, createdAt }] },
  };
  await documents.put(tenant, endpoint);
  await announceChange(parts, tenant);
  return { body: { ...(await present(endpoint, tenant, parts)), secret } };
};

export const listWebhookEndpoints: Handler = async ({ tenant }, parts) => {
  const { data } = await endpointDocuments(parts).list(tenant, { limit: 100, order: 'desc' });
  return { body: { object: 'list', data: await Promise.all(data.map((one) => present(one, tenant, parts))) } };
};

export const getWebhookEndpoint: Handler = async (request, parts) => {
  return { body: await present(await findEndpointOf(request, parts), request.tenant, parts) };
};

export const updateWebhookEndpoint: Handler = async (request, parts) => {
  const { tenant } = request;
  const wanted = parseStrictly(updateEndpoint, request.body);
  if (wanted.url !== undefined) checkUrl(parts, wanted.url);
  const id = request.params.id ?? '';
  let enabledAgain = false;
  const after = await changeEndpoint(parts, tenant, id, (before) => {
    const { disabledReason, ...rest } = before;
    const enabled = wanted.enabled ?? before.enabled;
    enabledAgain = enabled && !before.enabled;
    return {
      ...rest,
      url: wanted.url ?? before.url,
      events: wanted.events ?? before.events,
      description: wanted.description ?? before.description,
      enabled,
      ...(enabled || disabledReason === undefined ? {} : { disabledReason }),
    };
  });
  if (!after) throw noEndpoint(request);
  if (enabledAgain) {
    const deliveries = openDeliveries(parts);
    await deliveries.forgive(tenant, id);
    await hint(parts, tenant, id);
  }
  return { body: await present(after, tenant, parts) };
};

export const rotateWebhookSecret: Handler = async (request, parts) => {
  const { tenant } = request;
  const { expire_old_after: overlapS = DEFAULT_OVERLAP_S } = parseStrictly(rotateSecret, request.body ?? {});
  const id = request.params.id ?? '';
  const secret = newSecret();
  const now = Date.now();
  const sealed = parts.webhooks.keyring.seal(secret, ownerOf(tenant, id));
  const after = await changeEndpoint(parts, tenant, id, (before) => {
    const old = before.secrets
      .map((one) => ({ ...one, expiresAt: Math.min(one.expiresAt ?? Number.POSITIVE_INFINITY, now + overlapS * 1000) }))
      .filter(({ expiresAt }) => expiresAt > now);
    return { ...before, secrets: [{ sealed, createdAt: now }, ...old].slice(0, MOST_SECRETS) };
  });
  if (!after) throw noEndpoint(request);
  return { body: { ...(await present(after, tenant, parts)), secret } };
};

export const deleteWebhookEndpoint: Handler = async (request, parts) => {
  const id = request.params.id ?? '';
  if (!(await removeEndpoint(parts, request.tenant, id))) throw noEndpoint(request);
  return { body: { id, object: 'webhook_endpoint', deleted: true } };
};

/** @throws CotaError that says what is wrong with it; where a name leads is looked at again with each delivery */
function checkUrl({ webhooks }: ApiParts, url: string): void {
  try {
    webhooks.check(url);
  } catch (error) {
    if (error instanceof FetchRefused) throw new CotaError('invalid_value', error.message, { param: 'url' });
    throw error;
  }
}

/** @throws CotaError `not_found` */
export async function findEndpointOf(request: ApiRequest, parts: ApiParts): Promise<Endpoint> {
  const endpoint = await endpointDocuments(parts).get(request.tenant, request.params.id ?? '');
  if (!endpoint) throw noEndpoint(request);
  return endpoint;
}

const noEndpoint = ({ params }: ApiRequest): CotaError =>
  new CotaError('not_found', `There is no webhook endpoint '${(params.id ?? '').slice(0, 100)}', or it was deleted.`);

async function present(endpoint: Endpoint, tenant: string, parts: ApiParts): Promise<z.infer<typeof endpointObject>> {
  const health = await openDeliveries(parts).health(tenant, endpoint.id);
  const now = Date.now();
  const living = endpoint.secrets.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now);
  return {
    id: endpoint.id,
    object: 'webhook_endpoint',
    created_at: seconds(endpoint.createdAt),
    url: endpoint.url,
    events: endpoint.events,
    description: endpoint.description,
    enabled: endpoint.enabled,
    disabled_reason: endpoint.disabledReason ?? null,
    secrets: living.map(({ createdAt, expiresAt }) => {
      return { created_at: seconds(createdAt), expires_at: expiresAt === undefined ? null : seconds(expiresAt) };
    }),
    health: {
      waiting: health.waiting,
      overflow: health.spilled,
      failures: health.failures,
      failing_since: health.failingSince === undefined ? null : seconds(health.failingSince),
      last_delivered_at: health.deliveredAt === undefined ? null : seconds(health.deliveredAt),
    },
  };
}

const seconds = (ms: number): number => Math.floor(ms / 1000);
