/** Keeps the house in order: admission rounds, the sweeper, late finalizing, queue metrics. One acts at a time. */
import { join, openCluster } from '../../shared/cluster.ts';
import { readEnv } from '../../shared/env.ts';
import { serveHealth } from '../../shared/health.ts';
import { slugOf } from '../../shared/keys.ts';
import { loadModels } from '../../shared/models.ts';
import { runMain } from '../../shared/run-main.ts';
import { metrics } from '../../shared/telemetry.ts';
import { startFinalizer } from './finalizer.ts';
import { openLease } from './lease.ts';
import { sweep } from './sweeper.ts';

runMain(async () => {
  const env = readEnv();
  const cluster = await openCluster('scheduler', env);
  const { log, redis, admission, lifecycle, fleet, queues } = cluster;
  const models = loadModels(env.COTA_MODELS);
  const lease = openLease(redis, 'scheduler', env.COTA_WORKER_ID, Math.max(5_000, env.COTA_SWEEP_MS * 3));
  startFinalizer(cluster);
  await join(cluster, { kind: 'scheduler' });
  await serveHealth(cluster);

  /** Models that this process' file lists, and those that workers serve: files may differ during a deploy. */
  const modelIds = (): string[] => [
    ...new Set([...models.ids, ...fleet.workers().flatMap((worker) => Object.keys(worker.models))]),
  ];

  let token: number | undefined;
  async function round(): Promise<void> {
    const held = await lease.hold();
    if (held !== token)
      log.info({ token: held }, held === undefined ? 'another scheduler acts' : 'this scheduler acts');
    token = held;
    if (token === undefined) return;
    for (const id of modelIds()) {
      await admission.reconcile(id, env.COTA_DUE_MS);
      await admission.admit(id);
      const load = await admission.load(id);
      metrics.pendingRuns.set({ model: slugOf(id) }, load.pending);
      metrics.inFlightRuns.set({ model: slugOf(id) }, load.inFlight);
    }
    await sweep(cluster);
    for (const name of new Set(fleet.workers().flatMap((worker) => worker.queues))) {
      for (const [state, jobs] of Object.entries(await queues.counts(name)))
        metrics.queueJobs.set({ queue: name, state }, jobs);
    }
  }

  let working: Promise<void> = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
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
