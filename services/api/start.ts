/** The API process: waits for Redis once, at its start, and from then on answers 503 whenever it is away. */
import { statSync } from 'node:fs';
import type { Redis } from 'ioredis';
import packageJson from '../../package.json' with { type: 'json' };
import { openBatchStore } from '../../shared/batch/batch-store.ts';
import { join, openCluster } from '../../shared/cluster.ts';
import { openDataJobs } from '../../shared/data/job-store.ts';
import { type Env, SettingsError } from '../../shared/env.ts';
import { loadModels } from '../../shared/models.ts';
import { openFastRedis, openRedis } from '../../shared/redis.ts';
import { openRunWaits } from '../../shared/run/run-waits.ts';
import { createSafeFetch } from '../../shared/safe-fetch.ts';
import { openProgressEar } from '../../shared/stream/progress.ts';
import { openLog } from '../../shared/telemetry.ts';
import { openTrainJobs } from '../../shared/train/job-store.ts';
import { loadTrainRecipes } from '../../shared/train/recipes.ts';
import { openKeyring } from '../../shared/webhooks/secrets.ts';
import { openWebhookFetch } from '../../shared/webhooks/web.ts';
import type { ApiParts } from './http.ts';
import { allRoutes } from './routes.ts';
import { openServer } from './server.ts';
import { openVitals } from './vitals.ts';

/** A request must have its 503 within seconds, so this process is less patient with a store than workers are. */
const STORE_PATIENCE = { idleTimeoutMs: 4_000, attempts: 2 };

export interface RunningApi {
  /** `http://host:port` */
  readonly url: string;
  readonly parts: ApiParts;
}

/** @throws SettingsError, StoreAway or CotaError that says what to set */
export async function startApi(env: Env): Promise<RunningApi> {
  const apiKey = env.COTA_API_KEY;
  if (apiKey === undefined) {
    throw new SettingsError('set COTA_API_KEY to a secret of at least 16 characters: clients send it as their API key');
  }
  const models = loadModels(env.COTA_MODELS);
  const modelsCreated = Math.floor(statSync(env.COTA_MODELS).mtimeMs / 1000);
  const cluster = await openCluster('api', env, {
    connect: (url) => connectWithPatience(url, env.COTA_LOG_LEVEL),
    storePatience: STORE_PATIENCE,
  });
  const { log, lifecycle, redis, objects } = cluster;
  const urls = createSafeFetch({ allow: env.COTA_FETCH_ALLOW, allowHttp: env.COTA_FETCH_HTTP });
  lifecycle.onStop('urls', () => urls.close());
  const receivers = openWebhookFetch(env);
  lifecycle.onStop('receivers', () => receivers.close());
  const waits = openRunWaits(redis);
  const progress = openProgressEar(() => openRedis(env.COTA_REDIS_URL));
  lifecycle.onStop('progress', () => progress.close());
  const dataJobs = openDataJobs(cluster, env.COTA_DUE_MS);
  lifecycle.onStop('data jobs', () => dataJobs.close());
  const trainRecipes = loadTrainRecipes(env.COTA_TRAIN_RECIPES);
  const trainJobs = openTrainJobs(cluster);
  lifecycle.onStop('fine-tuning jobs', () => trainJobs.close());
  const trainedView = await cluster.trained.watch();
  lifecycle.onStop('list of trained models', () => trainedView.close());
  const parts: ApiParts = {
    ...cluster,
    models,
    trainedView,
    modelsCreated,
    urls,
    waits,
    progress,
    vitals: openVitals(redis, objects),
    webhooks: { keyring: openKeyring(env), check: receivers.check },
    batches: openBatchStore(cluster),
    dataJobs,
    ...{ trainJobs, trainRecipes },
  };
  await join(cluster, { kind: 'api' });
  cluster.liveness.start();
  const app = openServer(parts, allRoutes(packageJson.version), apiKey);
  const url = await app.listen({ host: env.COTA_HOST, port: env.COTA_PORT });
  lifecycle.onStop('http', async () => {
    // Waiting requests get their run as it is; what a slow line still sends or fetches has the grace for it.
    waits.release();
    const late = setTimeout(() => app.server.closeAllConnections(), env.COTA_GRACE_MS);
    await app.close();
    clearTimeout(late);
  });
  log.info({ url, models: models.ids }, 'the API is ready');
  return { url, parts };
}

/** Requests fail fast, but a process that starts beside its Redis may find it still loading. */
async function connectWithPatience(url: string, logLevel: string): Promise<Redis> {
  const redis = openFastRedis(url);
  if (redis.status === 'ready') return redis;
  const log = openLog('api', logLevel);
  const say = setTimeout(() => log.warn('waiting for Redis: is it running at COTA_REDIS_URL?'), 1_000);
  await new Promise<void>((resolve) => redis.once('ready', () => resolve()));
  clearTimeout(say);
  return redis;
}
