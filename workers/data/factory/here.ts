/**
 * A whole recipe in this process, stage after stage, without queue or Redis: for tests and benchmarks of stages. Files,
 * keys and reports are those that the cluster would write.
 */
import type { DataFile, ShardReport } from '../../../shared/data/job.ts';
import type { Recipe } from '../../../shared/data/recipe.ts';
import { CotaError } from '../../../shared/errors.ts';
import type { ObjectStore } from '../../../shared/object-store.ts';
import type { Services } from './services.ts';
import type { JobView, Made, Stage } from './stage.ts';

export interface Here {
  readonly reports: ReadonlyMap<string, readonly ShardReport[]>;
}

export interface HereOptions {
  readonly id?: string;
  /** Input name -> key in the store. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** Id of an earlier job -> its chain files. */
  readonly datasets?: Readonly<Record<string, readonly DataFile[]>>;
  readonly onShard?: (report: ShardReport) => void;
  /** Those that the stages of this recipe need; asking another is an error. */
  readonly services?: Partial<Services>;
}

export async function runHere(
  stages: readonly Stage[],
  recipe: Recipe,
  objects: ObjectStore,
  { id = 'data_here', inputs = {}, datasets = {}, onShard, services = {} }: HereOptions = {},
): Promise<Here> {
  const reports = new Map<string, ShardReport[]>();
  const missing = (name: string) => (): never => {
    throw new Error(`this recipe needs ${name}, which was not given`);
  };
  const all: Services = {
    act: missing('act'),
    ask: missing('ask'),
    startBatch: missing('startBatch'),
    batchState: missing('batchState'),
    ...services,
  };
  const view: JobView = {
    id,
    tenant: 'here',
    recipe,
    objects,
    input(name) {
      const key = inputs[name];
      if (key === undefined) throw new CotaError('invalid_request', `The recipe names ${name}, which was not given.`);
      return key;
    },
    reports: async (name) => reports.get(name) ?? [],
    async dataset(name) {
      const files = datasets[name];
      if (!files) throw new CotaError('invalid_request', `There is no data job ${name}.`);
      return files;
    },
  };
  for (const stage of stages) {
    const done: ShardReport[] = [];
    for (const [shard, spec] of (await stage.plan(view)).entries()) {
      const make = (): Promise<Made | { laterMs: number }> =>
        stage.make(stage.spec.parse(spec), {
          ...view,
          stage: stage.name,
          shard,
          key: (name) => `t/here/data/${id}/${stage.name}/${name}`,
          progress: () => undefined,
          services: all,
          signal: new AbortController().signal,
        });
      let made = await make();
      while ('laterMs' in made) {
        await new Promise((resolve) => setTimeout(resolve, (made as { laterMs: number }).laterMs));
        made = await make();
      }
      const report = { stage: stage.name, shard, ...made };
      done.push(report);
      onShard?.(report);
    }
    reports.set(stage.name, done);
  }
  return { reports };
}
