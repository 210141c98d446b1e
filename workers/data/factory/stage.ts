/**
 * What a stage of the factory is. A stage first plans its shards, then makes each by itself, on any machine, in any
 * order, as often as need be: what a shard writes is a function of the recipe, the inputs and what earlier stages
 * wrote, and of nothing else. So a shard whose worker died is simply made again and gives the same bytes.
 */
import type { z } from 'zod';
import type { DataFile, ShardReport } from '../../../shared/data/job.ts';
import type { Recipe } from '../../../shared/data/recipe.ts';
import type { ObjectStore } from '../../../shared/object-store.ts';
import type { Services } from './services.ts';

/** What a stage sees of its job. */
export interface JobView {
  readonly id: string;
  readonly tenant: string;
  readonly recipe: Recipe;
  readonly objects: ObjectStore;
  /** Where the input that the recipe names lies in the store. @throws CotaError where the job has none of this name */
  input(name: string): string;
  /** Reports of an earlier stage in the order of its shards; empty where it had nothing to do. */
  reports(stage: string): Promise<readonly ShardReport[]>;
  /** Chain files of an earlier data job of this tenant, by its id. @throws CotaError where there is none, or it is not over */
  dataset(id: string): Promise<readonly DataFile[]>;
}

export interface ShardView extends JobView {
  readonly stage: string;
  readonly shard: number;
  /** Key of a file of this stage: `<folder of the job>/<stage>/<name>`. Names must differ between shards. */
  key(name: string): string;
  /** Tells how far the shard is; cheap, may be called often. */
  progress(done: number, of: number): void;
  readonly signal: AbortSignal;
  /** What the cluster's other workers do for a stage. */
  readonly services: Services;
}

/** The shard waits for something outside: a batch, say. It is taken up again after the pause, and spends no attempt. */
export interface Later {
  readonly laterMs: number;
  /** What it waits for, for people: `3,120 of 10,000 answers`. */
  readonly note: string;
}

export type Made = Pick<ShardReport, 'files' | 'counts' | 'notes'>;

export interface Stage<Spec = unknown> {
  /** A word or two with a dot, and the name of its folder: `make`, `filter.scan`. */
  readonly name: string;
  readonly spec: z.ZodType<Spec>;
  /**
   * The shards, none where the recipe asks nothing of this stage. Called when the earlier stages are done; may be
   * called again by another process and then says the same.
   * @throws CotaError for what the user has to mend: the job fails with it
   */
  plan(job: JobView): Promise<readonly Spec[]>;
  /** @throws CotaError for what the user has to mend; anything else is tried again */
  make(spec: Spec, shard: ShardView): Promise<Made | Later>;
}

/** Keeps the type of the spec between `plan` and `make`. */
export const stage = <Spec>(it: Stage<Spec>): Stage => it as unknown as Stage;
