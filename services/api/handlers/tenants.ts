/** /v1/tenants: make, look at, change, empty, remove; /v1/tenant: what a key's own tenant uses. */
import { z } from 'zod';
import { CotaError } from '../../../shared/errors.ts';
import { parseStrictly } from '../../../shared/request/issues.ts';
import { type Erasure, orderErasure, readErasure } from '../../../shared/tenants/erasure.ts';
import { newTenant, TENANT_ID, type Tenant } from '../../../shared/tenants/tenants.ts';
import { upkeepSoon } from '../../../shared/tenants/upkeep.ts';
import type { ApiParts, ApiRequest, Handler } from '../http.ts';

const quota = z.int().min(0).max(Number.MAX_SAFE_INTEGER).nullish();
const days = z.int().min(0).max(36_500).nullish();
const quotas = z.strictObject({
  requests_per_minute: quota.describe('Requests per minute; 0: any, null: as the cluster is set.'),
  open_runs: quota.describe('Runs open at a time, lines of batches aside.'),
  stored_bytes: quota.describe('Bytes in the store.'),
});
const retentionDays = z.strictObject({
  runs: days.describe('Days after which runs and batches are deleted; 0: never, null: as the cluster is set.'),
  files: days.describe('The same for files.'),
});
const name = z.string().min(1).max(100);
export const createTenantBody = z.strictObject({
  id: z
    .string()
    .regex(TENANT_ID, 'a-z, 0-9 and - inside, at most 40 characters, such as "acme-vision"')
    .describe('Part of store paths; never changes.'),
  name: name.nullish(),
  quotas: quotas.nullish(),
  retention_days: retentionDays.nullish(),
});
export const changeTenantBody = z.strictObject({
  name: name.nullish(),
  disabled: z.boolean().nullish().describe('true: all requests of its keys are refused; its runs go on.'),
  quotas: quotas.nullish(),
  retention_days: retentionDays.nullish(),
});

const known = z.int().nullable();
const use = z.strictObject({ limit: z.int().describe('0: any.'), used: z.int().nullable() });
export const erasureObject = z.strictObject({
  object: z.literal('tenant.erasure'),
  tenant: z.string(),
  status: z.enum(['waiting', 'running', 'done']),
  requested_at: z.int(),
  started_at: known,
  finished_at: known,
  deleted: z.strictObject({ runs: z.int(), objects: z.int(), bytes: z.int() }),
});
export const tenantObject = z.strictObject({
  id: z.string(),
  object: z.literal('tenant'),
  name: z.string(),
  created_at: z.int(),
  disabled: z.boolean(),
  erasing: z.boolean().describe('All its data is being deleted, and with a DELETE of the tenant itself, all of it.'),
  quotas: z
    .strictObject({ requests_per_minute: known, open_runs: known, stored_bytes: known })
    .describe('Its own values; null: as the cluster is set.'),
  retention_days: z.strictObject({ runs: known, files: known }),
  usage: z
    .strictObject({ requests_per_minute: use, open_runs: use, stored_bytes: use })
    .optional()
    .describe('The limits that hold, and what is used of them. Left out in lists.'),
});
export const tenantList = z.strictObject({
  object: z.literal('list'),
  data: z.array(tenantObject),
  first_id: z.string().nullable(),
  last_id: z.string().nullable(),
  has_more: z.boolean(),
});
export const listTenantsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: z.string().optional(),
});

export const createTenant: Handler = async ({ body }, { tenancy, redis }) => {
  const wanted = parseStrictly(createTenantBody, body);
  const entry = withChanges(newTenant(wanted.id, Math.floor(Date.now() / 1000)), wanted);
  if (!(await tenancy.tenants.create(entry))) {
    throw new CotaError('already_exists', `There is a tenant '${wanted.id}' already.`, { param: 'id' });
  }
  await upkeepSoon(redis, entry.id);
  const { id: _, ...details } = wanted;
  return { body: present(entry), audit: { target: entry.id, details } };
};

export const getTenant: Handler = async (request, parts) => presentWithUse(await tenantIn(request, parts), parts);

/** Also for keys that may do nothing else: everybody may know their own limits. */
export const getOwnTenant: Handler = async ({ tenant }, parts) => {
  const entry = await parts.tenancy.tenants.get(tenant);
  if (!entry) throw new CotaError('not_found', 'The tenant of this key was deleted.');
  return presentWithUse(entry, parts);
};

export const listTenants: Handler = async ({ query }, { tenancy }) => {
  const { limit, after } = query as z.infer<typeof listTenantsQuery>;
  const all = (await tenancy.tenants.all()).filter(({ id }) => after === undefined || id > after);
  const data = all.slice(0, limit).map((entry) => present(entry));
  const [first_id = null, last_id = null] = [data[0]?.id, data.at(-1)?.id];
  return { body: { object: 'list', data, first_id, last_id, has_more: all.length > limit } };
};

export const changeTenant: Handler = async (request, parts) => {
  const { id } = await tenantIn(request, parts);
  const wanted = parseStrictly(changeTenantBody, request.body);
  const changed = await parts.tenancy.tenants.change(id, (entry) => withChanges(entry, wanted));
  if (!changed) throw noTenant(id);
  // A shorter retention is not to wait for tomorrow.
  if (wanted.retention_days) await upkeepSoon(parts.redis, id);
  return { body: present(changed), audit: { details: wanted } };
};

export const eraseTenantData: Handler = async (request, parts) => {
  const entry = await tenantIn(request, parts);
  return { status: 202, body: presentErasure(entry.id, await orderErasure(parts, entry, false)) };
};

export const deleteTenant: Handler = async (request, parts) => {
  const entry = await tenantIn(request, parts);
  const erasure = await orderErasure(parts, entry, true);
  // Nothing may come in with its keys from now on, whatever becomes of the rest.
  for (const { id } of await parts.tenancy.apiKeys.list(entry.id)) await parts.tenancy.apiKeys.revoke(id);
  return { status: 202, body: presentErasure(entry.id, erasure) };
};

/** Also of a tenant that is no more: that it is gone is what is asked. */
export const getErasure: Handler = async (request, { redis }) => {
  const id = request.params.id ?? '';
  const found = TENANT_ID.test(id) ? await readErasure(redis, id) : undefined;
  if (found) return { body: presentErasure(id, found) };
  throw new CotaError('not_found', `No deletion of the data of '${id.slice(0, 100)}' was ordered in the last 30 days.`);
};

async function tenantIn({ params }: ApiRequest, { tenancy }: ApiParts): Promise<Tenant> {
  const id = params.id ?? '';
  const found = TENANT_ID.test(id) ? await tenancy.tenants.get(id) : undefined;
  if (found) return found;
  throw noTenant(id);
}

const noTenant = (id: string): CotaError => new CotaError('not_found', `There is no tenant '${id.slice(0, 100)}'.`);

/** null is a value of quotas and retention, and the same as absence elsewhere. */
function withChanges(entry: Tenant, wanted: z.infer<typeof changeTenantBody>): Tenant {
  const { quotas: own = {}, retention_days: keep = {} } = wanted;
  const pick = <T>(now: T, next: T | undefined): T => (next === undefined ? now : next);
  return {
    ...entry,
    name: wanted.name ?? entry.name,
    disabled: wanted.disabled ?? entry.disabled,
    quotas: {
      requestsPerMinute: pick(entry.quotas.requestsPerMinute, own?.requests_per_minute),
      openRuns: pick(entry.quotas.openRuns, own?.open_runs),
      storedBytes: pick(entry.quotas.storedBytes, own?.stored_bytes),
    },
    retentionDays: {
      runs: pick(entry.retentionDays.runs, keep?.runs),
      files: pick(entry.retentionDays.files, keep?.files),
    },
  };
}

function present(entry: Tenant): z.infer<typeof tenantObject> {
  const { requestsPerMinute, openRuns, storedBytes } = entry.quotas;
  return {
    id: entry.id,
    object: 'tenant',
    name: entry.name,
    created_at: entry.createdAt,
    disabled: entry.disabled,
    erasing: entry.erasing !== null,
    quotas: { requests_per_minute: requestsPerMinute, open_runs: openRuns, stored_bytes: storedBytes },
    retention_days: entry.retentionDays,
  };
}

async function presentWithUse(
  entry: Tenant,
  { tenancy }: ApiParts,
): Promise<{ readonly body: z.infer<typeof tenantObject> }> {
  const limits = tenancy.tenants.quotasOf(entry);
  const [runs, bytes] = await Promise.all([tenancy.openRuns.count(entry.id), tenancy.meter.used(entry.id)]);
  const usage = {
    // Each answer says in its headers how many are left.
    requests_per_minute: { limit: limits.requestsPerMinute, used: null },
    open_runs: { limit: limits.openRuns, used: runs },
    stored_bytes: { limit: limits.storedBytes, used: bytes },
  };
  return { body: { ...present(entry), usage } };
}

const presentErasure = (tenant: string, erasure: Erasure): z.infer<typeof erasureObject> => ({
  object: 'tenant.erasure',
  tenant,
  status: erasure.state,
  requested_at: erasure.requestedAt,
  started_at: erasure.startedAt,
  finished_at: erasure.finishedAt,
  deleted: { runs: erasure.runs, objects: erasure.objects, bytes: erasure.bytes },
});
