/** Serving of models that were trained meanwhile: their queue is taken up with the first of them, without a restart. */
import type { Cluster } from '../../../shared/cluster.ts';
import { type Env, SettingsError } from '../../../shared/env.ts';
import { ALL_BASES, isTrainedName, trainedPool } from '../../../shared/models/trained-id.ts';
import type { TrainedView } from '../../../shared/models/trained-view.ts';
import type { Models } from '../../../shared/models.ts';
import { allPromptVersions } from '../../../shared/prompt-versions.ts';
import { holderQueue, TRAINED, versionQueue } from '../../../shared/queues.ts';
import { startStepWorkers } from '../../../shared/worker.ts';
import { trainedStepHandler } from './handler.ts';

/** What a worker has begun to serve, for its card. */
export interface Serving {
  readonly queues: readonly string[];
  readonly ownQueues: readonly string[];
  /** As in a worker's card. */
  readonly models: Readonly<Record<string, number>>;
  readonly modelVersions: Readonly<Record<string, string>>;
}

/**
 * Names under which trained models stand in the card of a worker with these settings; none = it serves no such models.
 * @throws SettingsError
 */
export function trainedPoolsOf({
  COTA_SERVE,
  COTA_SERVE_TRAINED,
}: Pick<Env, 'COTA_SERVE' | 'COTA_SERVE_TRAINED'>): string[] {
  const [first, ...more] = COTA_SERVE_TRAINED;
  if (first === undefined) return COTA_SERVE.length === 0 ? [ALL_BASES] : [];
  if (more.length === 0 && first === 'all') return [ALL_BASES];
  if (more.length === 0 && first === 'none') return [];
  return COTA_SERVE_TRAINED.map((base) => {
    if (isTrainedName(trainedPool(base)) && base !== 'all' && base !== 'none') return trainedPool(base);
    throw new SettingsError(
      `COTA_SERVE_TRAINED has "${base}": it is all, none, or names of bases with commas between, such as cota-nano`,
    );
  });
}

/**
 * @param pools of `trainedPoolsOf`
 * @param onServing told once, when the first model is there and its queue is open
 */
export function serveTrained(
  cluster: Cluster,
  options: {
    readonly models: Models;
    readonly view: TrainedView;
    readonly pools: readonly string[];
    readonly entry: string;
    readonly onServing: (serving: Serving) => Promise<void>;
  },
): void {
  const { env, log, lifecycle } = cluster;
  const { models, view, pools, entry } = options;
  const serves = servedBy(pools);
  const queues = [TRAINED, versionQueue(TRAINED, allPromptVersions()), holderQueue(ALL_BASES, env.COTA_WORKER_ID)];
  const concurrency = env.COTA_TRAINED_CONCURRENCY;
  let begun = false;

  async function begin(): Promise<void> {
    if (begun || lifecycle.stopping) return;
    // Also for what is left to be told that its model was deleted.
    const wanted = view.all().some(({ base }) => serves(base)) || (await cluster.queues.waiting(TRAINED)) > 0;
    if (begun || !wanted) return;
    begun = true;
    const handle = trainedStepHandler({ cluster, models, view, serves });
    await startStepWorkers(cluster, { queues: queues.map((name) => ({ name, concurrency })), handle, entry });
    await options.onServing({
      ...{ queues, ownQueues: queues },
      models: Object.fromEntries(pools.map((pool) => [pool, concurrency])),
      modelVersions: Object.fromEntries(pools.map((pool) => [pool, allPromptVersions()])),
    });
    log.info({ pools }, 'serves the models that were trained');
  }
  const look = (): void => {
    begin().catch((error: unknown) => log.error({ error }, 'cannot serve trained models now'));
  };
  if (pools.length === 0) return;
  view.onChange(look);
  look();
}

export const servedBy =
  (pools: readonly string[]) =>
  (base: string): boolean =>
    pools.includes(ALL_BASES) || pools.includes(trainedPool(base));
