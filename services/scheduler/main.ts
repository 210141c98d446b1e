/** Keeps the house in order: admission rounds, the sweeper, late finalizing, queue metrics. One acts at a time. */
import { openBatchStore } from '../../shared/batch/batch-store.ts';
import { join, openCluster } from '../../shared/cluster.ts';
import { openDataJobs } from '../../shared/data/job-store.ts';
import { readEnv } from '../../shared/env.ts';
import { serveHealth } from '../../shared/health.ts';
import { ALL_BASES, trainedPool } from '../../shared/models/trained-id.ts';
import { loadModels } from '../../shared/models.ts';
import { CALLS } from '../../shared/run/call.ts';
import { runMain } from '../../shared/run-main.ts';
import { createSafeFetch } from '../../shared/safe-fetch.ts';
import { openTrainJobs } from '../../shared/train/job-store.ts';
import { openBatchDriver } from './batches/driver.ts';
import { startChores } from './chores.ts';
import { lookAfterDataJobs } from './data-jobs.ts';
import { openDeparted } from './departed.ts';
import { clearExpiredFiles } from './expired-files.ts';
import { startFinalizer } from './finalizer.ts';
import { forgetGauges, showGauges } from './gauges.ts';
import { openLease } from './lease.ts';
import { sweep } from './sweeper.ts';
import { lookAfterTrainJobs } from './train-jobs.ts';

runMain(async () => {
  const env = readEnv();
  const cluster = await openCluster('scheduler', env);
  const { log, redis, admission, lifecycle, fleet } = cluster;
  const models = loadModels(env.COTA_MODELS);
  const trained = await cluster.trained.watch();
  lifecycle.onStop('list of trained models', () => trained.close());
  const leaseMs = Math.max(5_000, env.COTA_SWEEP_MS * 3);
  const lease = openLease(redis, 'scheduler', env.COTA_WORKER_ID, leaseMs);
  startFinalizer(cluster);
  await join(cluster, { kind: 'scheduler' });
  await serveHealth(cluster);

  /**
   * Models that this process' file lists, and those that workers serve: files may differ during a deploy. Trained ones by
   * their pools. And calls.
   */
  const modelIds = (): string[] => {
    const served = fleet.workers().flatMap((worker) => Object.keys(worker.models));
    const pools = trained.all().map(({ base }) => trainedPool(base));
    return [...new Set([CALLS, ...models.ids, ...served, ...pools])].filter((id) => id !== ALL_BASES);
  };

  const departed = openDeparted(cluster);
  let token: number | undefined;
  let heldAt = Number.NEGATIVE_INFINITY;
  async function round(): Promise<void> {
    const asked = performance.now();
    const held = await lease.hold();
    if (held !== token) log.info({ term: held }, held === undefined ? 'another scheduler acts' : 'this scheduler acts');
    token = held;
    if (token === undefined) return forgetGauges();
    heldAt = asked;
    // A round after an outage may last minutes, far longer than the lease.
    const renewal = setInterval(renew, leaseMs / 3);
    try {
      await work();
    } finally {
      clearInterval(renewal);
    }
  }

  const renew = async (): Promise<void> => {
    const asked = performance.now();
    const held = await lease.hold().catch(() => undefined);
    if (held === token && held !== undefined) heldAt = Math.max(heldAt, asked);
  };
  /** By our own clock, which a Redis that is away cannot deceive. */
  const stillHeld = (): boolean => performance.now() - heldAt < leaseMs;

  async function work(): Promise<void> {
    const ids = modelIds();
    for (const id of ids) {
      if (!stillHeld()) return;
      await admission.reconcile(id, env.COTA_DUE_MS);
      await admission.admit(id);
    }
    await sweep(cluster, stillHeld);
    if (!stillHeld()) return;
    await departed.clear();
    await clearExpiredFiles(cluster, stillHeld);
    await showGauges(cluster, ids, new Set(fleet.workers().flatMap((worker) => worker.queues)));
  }

  const urls = createSafeFetch({ allow: env.COTA_FETCH_ALLOW, allowHttp: env.COTA_FETCH_HTTP });
  lifecycle.onStop('urls', () => urls.close());
  const driver = openBatchDriver({
    ...cluster,
    models,
    trained,
    urls,
    batches: openBatchStore(cluster),
    mayGoOn: () => token !== undefined && stillHeld(),
  });
  const batchRounds = setInterval(
    () => {
      driver.round().catch((error: unknown) => log.warn({ error }, 'cannot look for batches now'));
    },
    Math.min(1_000, env.COTA_SWEEP_MS),
  );
  lifecycle.onStop('batches', async () => {
    clearInterval(batchRounds);
    await driver.stop();
  });

  const jobs = openDataJobs(cluster, env.COTA_DUE_MS);
  const trainJobs = openTrainJobs(cluster);
  let looking: Promise<void> | undefined;
  const dataRounds = setInterval(
    () => {
      const mayGoOn = (): boolean => token !== undefined && stillHeld();
      if (looking || !mayGoOn()) return;
      looking = lookAfterDataJobs({ ...cluster, jobs, mayGoOn })
        .catch((error: unknown) => log.warn({ error }, 'cannot look for data jobs now'))
        .then(() => lookAfterTrainJobs({ ...cluster, jobs: trainJobs, mayGoOn }))
        .catch((error: unknown) => log.warn({ error }, 'cannot look for fine-tuning jobs now'))
        .finally(() => {
          looking = undefined;
        });
    },
    Math.min(1_000, env.COTA_SWEEP_MS),
  );
  lifecycle.onStop('data jobs', async () => {
    clearInterval(dataRounds);
    await looking;
    await jobs.close();
    await trainJobs.close();
  });

  startChores(cluster, () => token !== undefined && stillHeld());

  let working: Promise<void> = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    // A round that waits for Redis cannot learn that its lease has passed on: its clock tells.
    if (!stillHeld()) forgetGauges();
    if (busy) return;
    busy = true;
    working = round()
      .catch((error: unknown) => log.error({ error }, 'round failed; trying again'))
      .finally(() => {
        busy = false;
      });
  }, env.COTA_SWEEP_MS);
  lifecycle.onStop('rounds', async () => {
    clearInterval(timer);
    await working;
    await lease.release();
  });
  log.info({ models: models.ids }, 'scheduler is up');
});
