/** A model worker: serves the models of COTA_SERVE, each from its own queue, and all that were trained from one. */
import { type Cluster, join, openCluster } from '../../shared/cluster.ts';
import { readEnv, SettingsError } from '../../shared/env.ts';
import type { Presence } from '../../shared/fleet.ts';
import { serveHealth } from '../../shared/health.ts';
import { openModelGate } from '../../shared/model-gate.ts';
import { loadModels, type ModelEntry } from '../../shared/models.ts';
import { endAfterOneStep, oneStepOf } from '../../shared/quarantine.ts';
import { holderQueue, modelOf, modelQueue, TRAINED, versionQueue } from '../../shared/queues.ts';
import { runStep, type StepHandler } from '../../shared/run/run-step.ts';
import { tellProgress } from '../../shared/stream/progress.ts';
import { type StepWorkers, startStepWorkers } from '../../shared/worker.ts';
import type { Backend } from './backends/backend.ts';
import { openBackend } from './backends/open.ts';
import { type Breaker, openBreaker } from './breaker.ts';
import { dialectOf } from './dialects/open.ts';
import { watchEngine } from './engine-watch.ts';
import { openImagePreparer } from './image-parts.ts';
import { modelStepHandler } from './step.ts';
import { trainedStepHandler } from './trained/handler.ts';
import { servedBy, serveTrained, trainedPoolsOf } from './trained/serve.ts';

interface Served {
  readonly id: string;
  readonly entry: ModelEntry & { readonly version: string };
  readonly backend: Backend;
  readonly breaker: Breaker;
  readonly handle: StepHandler;
}

export async function startModelWorker(options: { readonly entry: string }): Promise<void> {
  const single = oneStepOf(process.argv);
  const env = readEnv();
  const models = loadModels(env.COTA_MODELS);
  const ids = env.COTA_SERVE.length > 0 ? env.COTA_SERVE : models.ids;
  const pools = trainedPoolsOf(env);
  const cluster = await openCluster('model', env);
  const view = await cluster.trained.watch();
  cluster.lifecycle.onStop('list of trained models', () => view.close());
  const serve = async (id: string): Promise<Served> => {
    const entry = models.get(id);
    if (!entry) throw new SettingsError(`COTA_SERVE names "${id}"; ${env.COTA_MODELS} has ${models.ids.join(', ')}`);
    const backend = await openBackend(id, entry, { env, models, objects: cluster.objects });
    cluster.lifecycle.onStop(`backend ${id}`, () => backend.close());
    const gate = openModelGate(cluster.redis, id, {
      concurrency: entry.limits.concurrency,
      tokensPerMinute: entry.limits.tokens_per_minute,
    });
    const breaker = openBreaker(id, gate);
    const handle = modelStepHandler({
      backend,
      dialect: dialectOf(entry),
      gate,
      breaker,
      version: entry.version,
      concurrency: entry.concurrency,
      fleet: cluster.fleet,
      queues: cluster.queues,
      workerId: env.COTA_WORKER_ID,
      leaseMs: env.COTA_STEP_TIMEOUT_MS,
      progress: (run) => tellProgress(cluster.redis, run),
      image: openImagePreparer(cluster.objects, entry.max_pixels),
    });
    return { id, entry, backend, breaker, handle };
  };

  if (single) {
    const own = single.queue.startsWith(TRAINED) ? undefined : await serve(modelOf(single.queue, ids) ?? single.queue);
    const handle = own?.handle ?? trainedStepHandler({ cluster, models, view, serves: servedBy(pools) });
    await endAfterOneStep(cluster, () =>
      runStep(cluster, handle, single.job, single.queue, new AbortController(), {
        quarantined: true,
        ...(own ? { onAway: own.breaker.trip } : {}),
      }),
    );
  }

  const served = await Promise.all(ids.map(serve));
  const queues: string[] = [];
  const ownQueues: string[] = [];
  const paused = new Map<string, string>();
  let presence: Presence | undefined;
  const show = (): void => {
    presence
      ?.update({ paused: Object.fromEntries(paused) })
      .catch((error: unknown) => cluster.log.warn({ error }, 'cannot say that a queue is closed'));
  };
  const tell = (id: string, reason: string | undefined): void => {
    if (reason === undefined) paused.delete(id);
    else paused.set(id, reason);
    show();
  };
  for (const model of served) {
    const { shared, own } = await startQueues(cluster, model, options.entry, (reason) => tell(model.id, reason));
    queues.push(shared, ...own);
    ownQueues.push(...own);
  }
  const card = {
    ...{ queues, ownQueues },
    models: Object.fromEntries(served.map(({ id, entry }) => [id, entry.concurrency])),
    modelVersions: Object.fromEntries(served.map(({ id, entry }) => [id, entry.version])),
  };
  presence = await join(cluster, { kind: 'model', ...card });
  if (paused.size > 0) show();
  serveTrained(cluster, {
    ...{ models, view, pools, entry: options.entry },
    onServing: async (more) =>
      presence?.update({
        queues: [...queues, ...more.queues],
        ownQueues: [...ownQueues, ...more.ownQueues],
        models: { ...card.models, ...more.models },
        modelVersions: { ...card.modelVersions, ...more.modelVersions },
      }),
  });
  await serveHealth(cluster);
  cluster.log.info({ models: ids }, 'model worker is up');
}

async function startQueues(
  cluster: Cluster,
  model: Served,
  entry: string,
  tell: (reason: string | undefined) => void,
): Promise<{ readonly shared: string; readonly own: readonly string[] }> {
  const { id, backend, breaker, handle } = model;
  const { concurrency } = model.entry;
  const shared = modelQueue(id);
  const own = [
    versionQueue(shared, model.entry.version),
    ...(backend.holdsPrefix ? [holderQueue(id, cluster.env.COTA_WORKER_ID)] : []),
  ];
  const watch = watchEngine(cluster, id, backend, breaker, () => workers, tell);
  const workers: StepWorkers = await startStepWorkers(cluster, {
    queues: [shared, ...own].map((name) => ({ name, concurrency })),
    handle,
    entry,
    onAway: watch.away,
  });
  return { shared, own };
}
