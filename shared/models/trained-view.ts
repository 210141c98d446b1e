/** All trained models as one process knows them: in memory, since every request and every step asks. */
import type { Redis } from 'ioredis';
import { keys } from '../keys.ts';
import { type ModelEntry, type Models, trainedEntry } from '../models.ts';
import type { Log } from '../telemetry.ts';
import type { TrainedModel } from './trained.ts';

export interface TrainedView {
  /** As it was about a second ago. */
  get(id: string): TrainedModel | undefined;
  /** Asks Redis too where it is not known here, so that a model can be used by whoever has just been told of it. */
  look(id: string): Promise<TrainedModel | undefined>;
  all(): readonly TrainedModel[];
  /** What `tenant` may use: its own models and those that are shared, in the order of their ids. */
  visibleTo(tenant: string): readonly TrainedModel[];
  refresh(): Promise<void>;
  /** Told when one has come, gone or changed. */
  onChange(listener: () => void): void;
  close(): void;
}

export interface TrainedViewParts {
  readonly redis: Redis;
  readonly log: Log;
  get(id: string): Promise<TrainedModel | undefined>;
  all(): Promise<readonly TrainedModel[]>;
}

/** Read anew after this long although nobody said that there is news. */
const FULL_LOOK_MS = 60_000;

export async function openTrainedView(parts: TrainedViewParts, everyMs: number): Promise<TrainedView> {
  const { redis, log } = parts;
  let known: ReadonlyMap<string, TrainedModel> = new Map();
  let seen = '';
  let version: string | null | undefined;
  let readAt = 0;
  const listeners: (() => void)[] = [];

  const take = (models: readonly TrainedModel[]): void => {
    const sorted = [...models].sort((a, b) => (a.id < b.id ? -1 : 1));
    known = new Map(sorted.map((model) => [model.id, model]));
    const now = JSON.stringify(sorted);
    if (now === seen) return;
    seen = now;
    for (const listener of listeners) listener();
  };

  async function refresh(): Promise<void> {
    // Before they are read: what is written meanwhile is seen the next time.
    const current = await redis.get(keys.trainedModelsVersion);
    take(await parts.all());
    version = current;
    readAt = performance.now();
  }

  async function look(): Promise<void> {
    const stale = performance.now() - readAt > FULL_LOOK_MS;
    if (stale || (await redis.get(keys.trainedModelsVersion)) !== version) await refresh();
  }

  const say = (error: unknown): void => log.warn({ error }, 'cannot read the trained models; keeping what was known');
  let looking = false;
  // A process that starts while the store is away starts all the same.
  await refresh().catch(say);
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    look()
      .catch(say)
      .finally(() => {
        looking = false;
      });
  }, everyMs);
  timer.unref();

  const mayUse = (tenant: string) => (model: TrainedModel) => model.shared || model.tenant === tenant;
  return {
    get: (id) => known.get(id),
    async look(id) {
      const here = known.get(id);
      if (here) return here;
      const found = await parts.get(id);
      if (found) take([...known.values(), found]);
      return found;
    },
    all: () => [...known.values()],
    visibleTo: (tenant) => [...known.values()].filter(mayUse(tenant)),
    refresh,
    onChange: (listener) => void listeners.push(listener),
    close: () => clearInterval(timer),
  };
}

/** The models that `tenant` may use: those of models.yaml, then the trained ones. */
export function modelsFor(models: Models, trained: Pick<TrainedView, 'get' | 'visibleTo'>, tenant: string): Models {
  const own = (id: string): (ModelEntry & { readonly version: string }) | undefined => {
    const model = trained.get(id);
    return model && (model.shared || model.tenant === tenant) ? trainedEntry(model) : undefined;
  };
  return {
    default: models.default,
    get ids() {
      return [...models.ids, ...trained.visibleTo(tenant).map(({ id }) => id)];
    },
    get: (id) => models.get(id) ?? own(id),
    resolve: models.resolve,
  };
}
