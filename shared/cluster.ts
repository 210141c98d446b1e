/** What every process of the cluster opens: Redis, the run store, queues, admission, the object store, the fleet. */
import { createHash, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Redis } from 'ioredis';
import type { ToolSpec } from './contract.ts';
import type { Env } from './env.ts';
import { type Files, openFiles } from './files/files.ts';
import { announce, type Fleet, type Presence, type WorkerCard, watchFleet } from './fleet.ts';
import { type Lifecycle, openLifecycle } from './lifecycle.ts';
import { type Liveness, openLiveness } from './liveness.ts';
import { openTrainedModels, type TrainedModels } from './models/trained.ts';
import {
  type ObjectStore,
  type ObjectStoreConfig,
  openObjectStore,
  type PutsUnderWay,
  type S3StoreConfig,
  watchPuts,
} from './object-store.ts';
import { openQueues, type Queues } from './queues.ts';
import { openRedis, requireNoEviction } from './redis.ts';
import { type Admission, openAdmission } from './run/admission.ts';
import type { FinalizeParts } from './run/finalize.ts';
import { openRunStore, type RunStore } from './run/run-store.ts';
import { type Log, openLog } from './telemetry.ts';
import { openTenancy, type Tenancy } from './tenants/tenancy.ts';

export interface Cluster {
  readonly env: Env;
  readonly log: Log;
  readonly redis: Redis;
  readonly runs: RunStore;
  readonly queues: Queues;
  readonly fleet: Fleet;
  readonly admission: Admission;
  readonly objects: ObjectStore;
  /** What this process is writing. */
  readonly puts: PutsUnderWay;
  readonly files: Files;
  readonly lifecycle: Lifecycle;
  readonly liveness: Liveness;
  readonly finalizing: FinalizeParts;
  readonly tenancy: Tenancy;
  readonly trained: TrainedModels;
}

export function storeConfig(env: Env): ObjectStoreConfig {
  if (env.COTA_STORE === 'fs') {
    return {
      driver: 'fs',
      root: env.COTA_STORE_ROOT,
      sync: env.COTA_STORE_SYNC,
      linkSecret: env.COTA_LINK_SECRET ?? derivedSecret(env.COTA_API_KEY),
    };
  }
  return { driver: 's3', bucket: env.COTA_S3_BUCKET, ...s3Service(env) };
}

/** The S3 service, whichever buckets of it are used. */
export function s3Service(env: Env): Omit<S3StoreConfig, 'bucket'> {
  return {
    region: env.COTA_S3_REGION,
    forcePathStyle: env.COTA_S3_FORCE_PATH_STYLE,
    checksums: env.COTA_S3_CHECKSUMS,
    ...(env.COTA_S3_ENDPOINT ? { endpoint: env.COTA_S3_ENDPOINT } : {}),
    ...(env.COTA_S3_ACCESS_KEY_ID ? { accessKeyId: env.COTA_S3_ACCESS_KEY_ID } : {}),
    ...(env.COTA_S3_SECRET_ACCESS_KEY ? { secretAccessKey: env.COTA_S3_SECRET_ACCESS_KEY } : {}),
  };
}

/** Links are signed by the API processes only; they share the API key, so they share what follows from it. */
const derivedSecret = (apiKey: string | undefined): string =>
  createHash('sha256')
    .update(`links:${apiKey ?? randomUUID()}`)
    .digest('hex');

export interface ClusterOptions {
  /** How this process talks to Redis: by default over a connection that waits for Redis to come back. */
  readonly connect?: (url: string) => Redis | Promise<Redis>;
  /** How long the S3 driver waits without a byte, and how often it tries. */
  readonly storePatience?: { readonly idleTimeoutMs: number; readonly attempts: number };
}

/** @throws CotaError when Redis may evict keys */
export async function openCluster(name: string, env: Env, options: ClusterOptions = {}): Promise<Cluster> {
  const log = openLog(name, env.COTA_LOG_LEVEL);
  const lifecycle = openLifecycle(log, env.COTA_GRACE_MS + 15_000);
  const redis = await (options.connect ?? openRedis)(env.COTA_REDIS_URL);
  lifecycle.onStop('redis', async () => {
    redis.disconnect();
  });
  await requireNoEviction(redis);
  const store = storeConfig(env);
  const { objects, puts } = watchPuts(
    await openObjectStore(store.driver === 's3' ? { ...store, ...options.storePatience } : store),
  );
  lifecycle.onStop('store', () => objects.close());
  const runs = openRunStore(redis, env.COTA_DUE_MS);
  const queues = openQueues(redis);
  lifecycle.onStop('queues', () => queues.close());
  const fleet = await watchFleet(redis, env.COTA_HEARTBEAT_MS, log);
  lifecycle.onStop('fleet', () => fleet.close());
  const admission = openAdmission(redis, runs, queues, fleet, env.COTA_MAX_IN_FLIGHT);
  const liveness = openLiveness({ env, redis, queues, lifecycle, log });
  const tenancy = openTenancy({ redis, objects, log }, env);
  const trained = openTrainedModels({ redis, objects, log, meter: tenancy.meter });
  const files = openFiles({ redis, objects, meter: tenancy.meter });
  const finalizing = { redis, runs, objects, admission, tenancy, closedTtlS: env.COTA_CLOSED_TTL_S };
  return {
    ...{ env, log, redis, runs, queues, fleet, admission, objects, puts, files },
    ...{ lifecycle, liveness, finalizing, tenancy, trained },
  };
}

/** Says who this process is until it stops. */
export async function join(
  cluster: Cluster,
  card: Pick<WorkerCard, 'kind'> & Partial<WorkerCard>,
  specs: readonly ToolSpec[] = [],
): Promise<Presence> {
  const { env, log, redis } = cluster;
  const me: WorkerCard = {
    id: env.COTA_WORKER_ID,
    pid: process.pid,
    host: hostname(),
    queues: [],
    models: {},
    tools: [],
    startedAt: Date.now(),
    ...card,
  };
  const presence = await announce(redis, me, specs, env.COTA_HEARTBEAT_MS, log);
  cluster.lifecycle.onStop('presence', () => presence.leave());
  return presence;
}
