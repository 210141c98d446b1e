/** A turn of a trained model: its record found, its weights fetched and opened, and then a turn like any other. */
import type { Cluster } from '../../../shared/cluster.ts';
import type { Run } from '../../../shared/contract.ts';
import { CotaError } from '../../../shared/errors.ts';
import { ofModel } from '../../../shared/fleet.ts';
import { openModelGate } from '../../../shared/model-gate.ts';
import type { TrainedModel } from '../../../shared/models/trained.ts';
import { ALL_BASES, trainedPool } from '../../../shared/models/trained-id.ts';
import type { TrainedView } from '../../../shared/models/trained-view.ts';
import { type Models, trainedEntry } from '../../../shared/models.ts';
import { holderQueue } from '../../../shared/queues.ts';
import type { StepHandler } from '../../../shared/run/run-step.ts';
import { tellProgress } from '../../../shared/stream/progress.ts';
import { BelongsElsewhere } from '../../../shared/versions.ts';
import type { Backend } from '../backends/backend.ts';
import { openBackend } from '../backends/open.ts';
import { openBreaker } from '../breaker.ts';
import { dialectOf } from '../dialects/open.ts';
import { openImagePreparer } from '../image-parts.ts';
import { modelStepHandler } from '../step.ts';
import { openTrainedFiles } from './files.ts';
import { openHeld } from './held.ts';

/** A model that nobody asks for so long gives its memory back. */
const IDLE_MS = 600_000;

export interface TrainedHandlerParts {
  readonly cluster: Cluster;
  readonly models: Models;
  readonly view: TrainedView;
  /** Does this worker serve models of this base? */
  readonly serves: (base: string) => boolean;
}

interface Opened {
  readonly backend: Backend;
  readonly handle: StepHandler;
}

/** Lets go of what it holds when the process stops, and of models that are deleted. */
export function trainedStepHandler({ cluster, models, view, serves }: TrainedHandlerParts): StepHandler {
  const { env, objects, redis, log, lifecycle } = cluster;
  const stopping = new AbortController();
  const files = openTrainedFiles({
    ...{ objects, log },
    root: env.COTA_TRAINED_CACHE,
    maxBytes: env.COTA_TRAINED_CACHE_BYTES,
  });
  const held = openHeld<Opened>({
    most: env.COTA_TRAINED_OPEN,
    idleMs: IDLE_MS,
    close: ({ backend }) => backend.close(),
    isLasting: (error) => error instanceof CotaError && error.code === 'model_broken',
  });
  const keyOf = ({ id, version }: Pick<TrainedModel, 'id' | 'version'>): string => `${id} ${version}`;
  view.onChange(() => {
    const known = new Set(view.all().map(keyOf));
    held
      .keepOnly((key) => known.has(key))
      .catch((error: unknown) => log.warn({ error }, 'cannot close a model that was deleted'));
  });
  lifecycle.onStop('trained models', async () => {
    stopping.abort();
    await held.close();
  });

  async function open(model: TrainedModel): Promise<Opened> {
    const { id } = model;
    const entry = trainedEntry(model);
    // Not the signal of the step that asks first: others may wait for the same weights.
    const folder = await files.folderOf(model, stopping.signal);
    const backend = await openBackend(id, entry, {
      ...{ env, objects },
      models: { ...models, resolve: () => folder },
      // All that are open share what one model of models.yaml has.
      kvBytes: Math.floor(env.COTA_ONNX_KV_BYTES / env.COTA_TRAINED_OPEN),
    }).catch((cause: unknown) => {
      log.error({ model: id, error: cause }, 'a trained model cannot be opened');
      throw new CotaError('model_broken', `The model '${id}' cannot be opened: ${wordsOf(cause, folder)}`, { cause });
    });
    const gate = openModelGate(redis, id, {});
    const handle = modelStepHandler({
      ...{ backend, gate, breaker: openBreaker(id, gate), dialect: dialectOf(entry), version: entry.version },
      concurrency: env.COTA_TRAINED_CONCURRENCY,
      ...{ fleet: cluster.fleet, queues: cluster.queues, workerId: env.COTA_WORKER_ID },
      leaseMs: env.COTA_STEP_TIMEOUT_MS,
      progress: (run) => tellProgress(redis, run),
      image: openImagePreparer(objects, entry.max_pixels),
    });
    return { backend, handle };
  }

  return async (context) => {
    const model = await found(context.run, view);
    if (!serves(model.base)) throw await elsewhere(cluster, model.base);
    return held.use(
      keyOf(model),
      () => open(model),
      context.signal,
      ({ handle }) => handle(context),
    );
  };
}

/** What a client may read of it: paths of this machine are for the log alone. */
function wordsOf(cause: unknown, folder: string): string {
  const [line = ''] = (cause instanceof Error ? cause.message : '').replaceAll(`${folder}/`, '').split('\n', 1);
  return line === '' || /(^|[^\w])\//.test(line) ? 'the log of the model worker has the details' : line;
}

/**
 * Whether the run's tenant may use it was asked when the run was made, and holds for as long as it goes on.
 * @throws CotaError where it was deleted meanwhile
 */
async function found({ config }: Run, view: TrainedView): Promise<TrainedModel> {
  const model = await view.look(config.model);
  if (model) return model;
  const words = `The model '${config.model}' was deleted: this run cannot go on. Ask another model.`;
  throw new CotaError('model_not_found', words);
}

/** This worker serves other bases: the step is for one that serves this. @returns what to throw */
async function elsewhere({ fleet, queues }: Cluster, base: string): Promise<Error> {
  const own = holderQueue(ALL_BASES, '');
  const able = fleet.workers().filter(({ models }) => ofModel(models, trainedPool(base)) !== undefined);
  const places = able.flatMap((one) => one.queues.filter((queue) => queue.startsWith(own)));
  const waiting = await Promise.all(places.map((queue) => queues.waiting(queue)));
  const [best] = places.map((queue, at) => ({ queue, steps: waiting[at] ?? 0 })).sort((a, b) => a.steps - b.steps);
  if (best) return new BelongsElsewhere(best.queue);
  const words = `no model worker serves models of the base "${base}" now; COTA_SERVE_TRAINED of the model workers says which ones they serve`;
  return new CotaError('model_away', words, { retryAfterMs: 1_000 });
}
