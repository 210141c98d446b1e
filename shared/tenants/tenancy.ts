/** All that concerns tenants, opened together: every process of the cluster has it. */
import type { Env } from '../env.ts';
import { type ApiKeys, openApiKeys } from './api-keys.ts';
import { type Audit, openAudit } from './audit.ts';
import { type OpenRuns, openOpenRuns } from './open-runs.ts';
import type { RegistryParts } from './registry.ts';
import { openRequestLimit, type RequestToken } from './request-limit.ts';
import { openStorageMeter, type TenantStorage } from './storage-meter.ts';
import { openTenants, type Tenants } from './tenants.ts';

export interface Tenancy {
  readonly apiKeys: ApiKeys;
  readonly tenants: Tenants;
  readonly openRuns: OpenRuns;
  readonly meter: TenantStorage;
  readonly audit: Audit;
  /** Takes one request of the tenant's minute. */
  readonly takeRequest: (tenant: string, perMinute: number) => Promise<RequestToken>;
}

export function openTenancy(parts: RegistryParts, env: Env): Tenancy {
  const { redis, objects, log } = parts;
  const tenants = openTenants(parts, env);
  return {
    apiKeys: openApiKeys(parts),
    tenants,
    openRuns: openOpenRuns(redis, tenants),
    meter: openStorageMeter(redis, tenants),
    audit: openAudit(objects, log),
    takeRequest: openRequestLimit(redis),
  };
}
