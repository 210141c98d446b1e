/** A data job as the API shows it. */
import { z } from 'zod';
import { type DataJob, dataJobStatus, isDataJobOver } from './job.ts';
import { recipe } from './recipe.ts';

const moment = z.int().nullable().describe('Unix seconds.');
const count = z.int().nonnegative();

const stageObject = z.strictObject({
  name: z.string(),
  shards: count,
  done: count,
  progress: z.number().describe('0 to 1; shards that are being made count with what they have done so far.'),
  rows: count.describe('Of the files that were written.'),
  rows_per_second: z.number().nullable(),
  counts: z.record(z.string(), z.number()),
  started_at: moment,
  ended_at: moment,
});

export const dataJobObject = z.strictObject({
  id: z.string(),
  object: z.literal('data.job'),
  name: z.string().describe('Of the recipe.'),
  status: dataJobStatus,
  stages: z.array(stageObject).describe('In their order; those that have nothing to do have no shards.'),
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  warnings: z.array(z.string()).describe('What of the recipe is hardly what was meant.'),
  notice: z.string().nullable().describe('What it waits for, where it does not go on.'),
  created_at: z.int().describe('Unix seconds.'),
  started_at: moment,
  ended_at: moment,
  recipe,
});
export type DataJobObject = z.infer<typeof dataJobObject>;

export const dataFileObject = z.strictObject({
  object: z.literal('data.file'),
  stage: z.string(),
  name: z.string(),
  rows: count,
  bytes: count,
  sha256: z.string(),
});
export type DataFileObject = z.infer<typeof dataFileObject>;

export interface DataJobFacts {
  /** Shards that the fleet's data workers make at a time. */
  readonly hands: number;
  /** Epoch milliseconds. */
  readonly now: number;
}

export function dataJobObjectOf(job: DataJob, { hands, now }: DataJobFacts): DataJobObject {
  const { id, status, recipe, error, createdAt, startedAt, endedAt } = job;
  const unserved = 'No data worker is running; the job goes on when one does (workers/data/main.ts).';
  return {
    ...{ id, object: 'data.job', name: recipe.name, status },
    stages: job.stages.map((stage) => {
      const seconds = stage.startedAt === undefined ? 0 : ((stage.endedAt ?? now) - stage.startedAt) / 1000;
      return {
        ...{ name: stage.name, shards: stage.shards, done: stage.done, progress: stage.progress, rows: stage.rows },
        rows_per_second: stage.rows > 0 && seconds > 0 ? Math.round((stage.rows / seconds) * 10) / 10 : null,
        counts: stage.counts,
        ...{ started_at: unixOf(stage.startedAt), ended_at: unixOf(stage.endedAt) },
      };
    }),
    ...{ error: error ?? null, warnings: job.warnings },
    notice: isDataJobOver(job) ? null : hands === 0 ? unserved : (job.note ?? null),
    ...{ created_at: Math.floor(createdAt / 1000), started_at: unixOf(startedAt), ended_at: unixOf(endedAt) },
    recipe,
  };
}

const unixOf = (ms: number | undefined): number | null => (ms === undefined ? null : Math.floor(ms / 1000));
