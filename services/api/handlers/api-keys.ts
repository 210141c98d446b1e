/** /v1/api_keys: make one for a tenant, list, revoke; /v1/audit: who did what. */
import { z } from 'zod';
import { CotaError } from '../../../shared/errors.ts';
import { parseStrictly } from '../../../shared/request/issues.ts';
import type { ListedKey } from '../../../shared/tenants/api-keys.ts';
import { SCOPES, type Scope } from '../../../shared/tenants/scopes.ts';
import { DEFAULT_TENANT, TENANT_ID } from '../../../shared/tenants/tenants.ts';
import type { Handler } from '../http.ts';

/** What a key may do that was asked for without saying so. */
const ORDINARY: readonly Scope[] = ['runs', 'webhooks'];

export const createKeyBody = z.strictObject({
  tenant: z.string().max(100).nullish().describe('Left out: `default`.'),
  name: z.string().min(1).max(100).describe('For people: what the key is for.'),
  scopes: z
    .array(z.enum(SCOPES))
    .min(1)
    .max(SCOPES.length)
    .nullish()
    .describe(`Left out: ${ORDINARY.join(' and ')}.`),
  expires_at: z.int().nullish().describe('Unix seconds; null: never.'),
});
const keyFields = {
  id: z.string(),
  object: z.literal('api_key'),
  tenant: z.string(),
  name: z.string(),
  prefix: z.string().describe('What the key begins with.'),
  scopes: z.array(z.enum(SCOPES)),
  created_at: z.int(),
  created_by: z.string().describe('Id of the key that made it; `root`: that of the settings.'),
  expires_at: z.int().nullable(),
  revoked_at: z.int().nullable(),
  last_used_at: z.int().nullable().describe('Within a minute.'),
};
export const keyObject = z.strictObject(keyFields);
export const createdKey = z.strictObject({ ...keyFields, key: z.string().describe('Shown this once.') });
export const keyList = z.strictObject({
  object: z.literal('list'),
  data: z.array(keyObject),
  first_id: z.string().nullable(),
  last_id: z.string().nullable(),
  has_more: z.boolean(),
});
export const listKeysQuery = z.strictObject({
  tenant: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: z.string().optional(),
});

export const auditObject = z.strictObject({
  id: z.string(),
  object: z.literal('audit.line'),
  at: z.int(),
  action: z.string(),
  actor: z.strictObject({ key_id: z.string(), tenant: z.string() }),
  target: z.string().nullable(),
  ip: z.string(),
  request_id: z.string(),
  outcome: z.string().describe('`ok`, or the code of the error.'),
  details: z.record(z.string(), z.json()),
});
export const auditList = z.strictObject({
  object: z.literal('list'),
  data: z.array(auditObject),
  first_id: z.string().nullable(),
  last_id: z.string().nullable(),
  has_more: z.boolean(),
});
export const auditQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: z.string().optional(),
  order: z.enum(['asc', 'desc']).default('desc'),
});

export const createKey: Handler = async ({ body, caller }, { tenancy }) => {
  const wanted = parseStrictly(createKeyBody, body);
  const tenant = wanted.tenant ?? DEFAULT_TENANT;
  const entry = TENANT_ID.test(tenant) ? await tenancy.tenants.get(tenant) : undefined;
  if (!entry || entry.erasing?.remove) {
    throw new CotaError(
      'invalid_value',
      `There is no tenant '${tenant.slice(0, 100)}': make it first with POST /v1/tenants.`,
      { param: 'tenant' },
    );
  }
  const expiresAt = wanted.expires_at ?? null;
  if (expiresAt !== null && expiresAt <= Date.now() / 1000) {
    throw new CotaError('invalid_value', "'expires_at' lies in the past: it is in Unix seconds.", {
      param: 'expires_at',
    });
  }
  const scopes = [...new Set(wanted.scopes ?? ORDINARY)];
  const { name } = wanted;
  const createdBy = caller?.key ?? '';
  const made = await tenancy.apiKeys.create({ tenant, name, scopes, expiresAt, createdBy });
  return {
    body: { ...present(made.entry), key: made.key },
    headers: { 'cache-control': 'no-store' },
    audit: { target: made.entry.id, details: { tenant, name, scopes, expires_at: expiresAt } },
  };
};

export const listKeys: Handler = async ({ query }, { tenancy }) => {
  const { tenant, limit, after } = query as z.infer<typeof listKeysQuery>;
  const all = await tenancy.apiKeys.list(tenant);
  const start = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
  const left = after !== undefined && start === 0 ? [] : all.slice(start);
  const data = left.slice(0, limit).map(present);
  const [first_id = null, last_id = null] = [data[0]?.id, data.at(-1)?.id];
  return { body: { object: 'list', data, first_id, last_id, has_more: left.length > limit } };
};

export const getKey: Handler = async ({ params }, { tenancy }) => {
  const found = await tenancy.apiKeys.get(params.id ?? '');
  if (!found) throw noKey(params.id);
  return { body: present(found) };
};

export const revokeKey: Handler = async ({ params }, { tenancy }) => {
  const revoked = await tenancy.apiKeys.revoke(params.id ?? '');
  if (!revoked) throw noKey(params.id);
  return { body: present(revoked), audit: { details: { tenant: revoked.tenant, name: revoked.name } } };
};

export const listAudit: Handler = async ({ query }, { tenancy }) => {
  const { data: lines, hasMore } = await tenancy.audit.list(query as z.infer<typeof auditQuery>);
  const data = lines.map(({ actor, actorTenant, requestId, ...line }): z.infer<typeof auditObject> => {
    return { ...line, object: 'audit.line', actor: { key_id: actor, tenant: actorTenant }, request_id: requestId };
  });
  const [first_id = null, last_id = null] = [data[0]?.id, data.at(-1)?.id];
  return { body: { object: 'list', data, first_id, last_id, has_more: hasMore } };
};

const noKey = (id = ''): CotaError =>
  new CotaError(
    'not_found',
    `There is no API key '${id.slice(0, 100)}': send the id of a key, the eight characters after "cota_".`,
  );

const present = (entry: ListedKey): z.infer<typeof keyObject> => ({
  id: entry.id,
  object: 'api_key',
  tenant: entry.tenant,
  name: entry.name,
  prefix: entry.prefix,
  scopes: entry.scopes,
  created_at: entry.createdAt,
  created_by: entry.createdBy,
  expires_at: entry.expiresAt,
  revoked_at: entry.revokedAt,
  last_used_at: entry.lastUsedAt,
});
