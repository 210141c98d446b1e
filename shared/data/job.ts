/** A data job: one recipe on its way through the stages of the factory. */
import { z } from 'zod';
import { recipe } from './recipe.ts';

/** Names of a stage's files, with folders in it where there are many: what a key of the store can hold. */
export const isDataFileName = (name: string): boolean =>
  name.length <= 150 && name.split('/').every((part) => /^[A-Za-z0-9=@+-][A-Za-z0-9_.=@+-]*$/.test(part));

/** Shards at most of one stage: all of them stand in one plan, in the record, and in one list of reports. */
export const MOST_SHARDS = 500_000;

/** One file that a shard wrote. */
export const dataFile = z.object({
  /** `chains-000012.jsonl.zst` */
  name: z.string(),
  /** Where it lies in the object store. */
  key: z.string(),
  rows: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
  sha256: z.string(),
});
export type DataFile = z.infer<typeof dataFile>;

/**
 * What is left of a shard once it is made: its files, and numbers that stages after it and the report add up. It lies
 * in the object store beside the files and is the proof that the shard is done; it is written last.
 */
export const shardReport = z.object({
  stage: z.string(),
  shard: z.int().nonnegative(),
  files: z.array(dataFile),
  /** Counts by name: `chains`, `dropped:too long`, ... Summed over shards they say what a stage did. */
  counts: z.record(z.string(), z.number()),
  /** Anything else of this stage, small. */
  notes: z.json().optional(),
});
export type ShardReport = z.infer<typeof shardReport>;

export const dataJobStatus = z.enum(['queued', 'in_progress', 'completed', 'failed', 'cancelled']);
export type DataJobStatus = z.infer<typeof dataJobStatus>;

export const isDataJobOver = ({ status }: { readonly status: DataJobStatus }): boolean =>
  status !== 'queued' && status !== 'in_progress';

export const stageProgress = z.object({
  name: z.string(),
  shards: z.int().nonnegative(),
  done: z.int().nonnegative(),
  /** Share of the stage that is done, shards in hand with what they have done so far; 0 to 1. */
  progress: z.number().min(0).max(1).default(0),
  /** Rows of the files that were written. */
  rows: z.int().nonnegative().default(0),
  counts: z.record(z.string(), z.number()),
  startedAt: z.int().optional(),
  endedAt: z.int().optional(),
});
export type StageProgress = z.infer<typeof stageProgress>;

export const dataJob = z.object({
  id: z.string(),
  tenant: z.string(),
  recipe,
  /** Names of input files as the recipe gives them -> keys in the object store. */
  inputs: z.record(z.string(), z.string()),
  status: dataJobStatus,
  stages: z.array(stageProgress),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
  /** What of the recipe is hardly what was meant; see recipe-warnings.ts. */
  warnings: z.array(z.string()).default([]),
  /** What it waits for, where it does. */
  note: z.string().optional(),
  /** This and the other times: epoch milliseconds. */
  createdAt: z.int(),
  startedAt: z.int().optional(),
  endedAt: z.int().optional(),
});
export type DataJob = z.infer<typeof dataJob>;
