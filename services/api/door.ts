/**
 * The door of the API: whose key is it, may it do this, and is there room for one more of this tenant's requests? All
 * of it before a byte of the body is read.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { CotaError, isRedisTrouble } from '../../shared/errors.ts';
import { erasing, tooManyOpenRuns } from '../../shared/tenants/open-runs.ts';
import type { RequestToken } from '../../shared/tenants/request-limit.ts';
import { allows, SCOPES, type Scope, scopeWords } from '../../shared/tenants/scopes.ts';
import { DEFAULT_TENANT, type Quotas, type Tenant } from '../../shared/tenants/tenants.ts';
import type { ApiParts, Caller, Route } from './http.ts';

export interface Knock {
  readonly caller: Caller;
  /** undefined where only the path is known, not the method: the answer will be a 405. */
  readonly route: Route | undefined;
  /** A retry of a request that was accepted must find its run, however many are open. */
  readonly retry: boolean;
}

/** What the client is told about its limits. */
export type LimitHeaders = Readonly<Record<string, string>>;

export interface Door {
  /** @throws CotaError where the key is not, or no longer, one of this cluster */
  callerOf(authorization: string | undefined): Promise<Caller>;
  /** @throws CotaError, with `headers` where the limits are known */
  enter(knock: Knock): Promise<LimitHeaders>;
}

/** What a limit has to say stands in the headers of the refusal too. */
export class LimitReached extends CotaError {
  readonly headers: Readonly<Record<string, string>>;
  constructor(error: CotaError, headers: Readonly<Record<string, string>>) {
    super(error.code, error.message, {
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    });
    this.headers = headers;
  }
}

const ROOT: Caller = { tenant: DEFAULT_TENANT, key: 'root', scopes: SCOPES };

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Routes that say nothing: reading needs one scope, everything else more, so that a forgotten one is not open. */
export const scopeOf = (route: Route): Scope | 'any' => route.scope ?? (route.method === 'GET' ? 'runs:read' : 'runs');

/** @param rootKey that of the settings: it may do everything, and belongs to the tenant `default` */
export function openDoor({ tenancy }: Pick<ApiParts, 'tenancy'>, rootKey: string): Door {
  const { apiKeys, tenants, takeRequest } = tenancy;
  const root = digest(rootKey);

  async function callerOf(authorization: string | undefined): Promise<Caller> {
    const [scheme = '', key = ''] = (authorization ?? '').split(' ', 2);
    if (scheme.toLowerCase() !== 'bearer' || key === '') {
      throw new CotaError('invalid_api_key', 'Send your API key: Authorization: Bearer <key>.');
    }
    // Digests have one length, and comparing them takes one time, whatever was sent.
    if (timingSafeEqual(digest(key), root)) return ROOT;
    const found = await apiKeys.find(key);
    if (typeof found !== 'string') return { tenant: found.tenant, key: found.id, scopes: found.scopes };
    throw new CotaError('invalid_api_key', REFUSALS[found]);
  }

  function assertScope({ scopes }: Caller, route: Route): void {
    const wanted = scopeOf(route);
    if (wanted === 'any' || allows(scopes, wanted)) return;
    const has = scopes.length === 0 ? 'none' : scopes.map((scope) => `"${scope}"`).join(', ');
    throw new CotaError(
      'insufficient_permissions',
      `This needs an API key with the scope "${wanted}" (${scopeWords[wanted]}); this key has ${has}.`,
    );
  }

  async function tenantOf(caller: Caller, route: Route): Promise<Tenant> {
    const tenant = await tenants.known(caller.tenant);
    // Its keys outlive a tenant for a moment.
    if (!tenant) throw new CotaError('invalid_api_key', 'The tenant of this API key was deleted.');
    const administers = scopeOf(route) === 'admin';
    // The key of the settings can always set things right again.
    if (tenant.disabled && !(administers && caller === ROOT)) {
      throw new CotaError('tenant_disabled', 'This tenant is disabled: ask the operator of this cluster.');
    }
    if (tenant.erasing && !administers) throw erasing();
    return tenant;
  }

  return {
    callerOf,
    async enter({ caller, route, retry }) {
      if (!route) {
        await tenantOf(caller, ANY);
        return {};
      }
      assertScope(caller, route);
      const tenant = await tenantOf(caller, route);
      const quotas = tenants.quotasOf(tenant);
      if (quotas.requestsPerMinute === 0 && !route.opensRun) return {};
      const token = await takeRequest(tenant.id, quotas.requestsPerMinute).catch((error: unknown) => {
        // What needs no Redis is answered without one.
        if (scopeOf(route) === 'any' && isRedisTrouble(error)) return undefined;
        throw error;
      });
      if (!token) return {};
      const headers = limitHeaders(quotas, token);
      if (!token.taken) throw new LimitReached(tooManyRequests(quotas, token), headers);
      if (route.opensRun && !retry && quotas.openRuns > 0 && token.openRuns >= quotas.openRuns) {
        throw new LimitReached(tooManyOpenRuns(quotas.openRuns), headers);
      }
      return headers;
    },
  };
}

const ANY: Route = { method: 'GET', path: '', scope: 'any', summary: '', handler: async () => ({ body: '' }) };

const REFUSALS = {
  unknown: 'The API key is wrong: this cluster has no such key.',
  expired: 'This API key has expired: ask for a new one.',
  revoked: 'This API key was revoked: ask for a new one.',
} as const;

const tooManyRequests = ({ requestsPerMinute }: Quotas, { nextMs }: RequestToken): CotaError =>
  new CotaError(
    'rate_limit_exceeded',
    `This tenant may send ${requestsPerMinute.toLocaleString('en')} requests a minute, and has: send them more slowly, or as a batch.`,
    { retryAfterMs: nextMs },
  );

/** The IETF's fields (draft-ietf-httpapi-ratelimit-headers), and those that OpenAI's clients know. */
function limitHeaders(quotas: Quotas, { remaining, fullMs, openRuns }: RequestToken): Record<string, string> {
  const policies: string[] = [];
  const limits: string[] = [];
  const headers: Record<string, string> = {};
  if (quotas.requestsPerMinute > 0) {
    policies.push(`"requests";q=${quotas.requestsPerMinute};w=60`);
    limits.push(`"requests";r=${remaining};t=${Math.ceil(fullMs / 1000)}`);
    headers['x-ratelimit-limit-requests'] = String(quotas.requestsPerMinute);
    headers['x-ratelimit-remaining-requests'] = String(remaining);
    headers['x-ratelimit-reset-requests'] = fullMs < 1_000 ? `${fullMs}ms` : `${Math.ceil(fullMs / 100) / 10}s`;
  }
  if (quotas.openRuns > 0) {
    policies.push(`"open-runs";q=${quotas.openRuns}`);
    limits.push(`"open-runs";r=${Math.max(0, quotas.openRuns - openRuns)}`);
  }
  if (policies.length > 0) {
    headers['ratelimit-policy'] = policies.join(', ');
    headers.ratelimit = limits.join(', ');
  }
  return headers;
}
