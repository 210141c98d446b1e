/** A fine-tuning job: one recipe on its way from its data to a trained model. */
import { z } from 'zod';
import { trainRecipe } from './recipe.ts';

/** One file that a job keeps in the object store. */
export const trainFile = z.object({
  /** Path below its checkpoint, or below the result. */
  name: z.string(),
  key: z.string(),
  bytes: z.int().nonnegative(),
  sha256: z.string(),
});
export type TrainFile = z.infer<typeof trainFile>;

/** Where chains come from: an uploaded file, or the chains of a completed data job. */
export const trainSource = z.object({
  id: z.string(),
  kind: z.enum(['file', 'data']),
  /** Of a file: the objects that are its content, in order. */
  parts: z.array(z.object({ key: z.string(), bytes: z.int().nonnegative() })).default([]),
});
export type TrainSource = z.infer<typeof trainSource>;

export const trainStatus = z.enum([
  'validating_files',
  'queued',
  'running',
  'paused',
  'succeeded',
  'failed',
  'cancelled',
]);
export type TrainStatus = z.infer<typeof trainStatus>;

export const isTrainJobOver = ({ status }: { readonly status: TrainStatus }): boolean =>
  status === 'succeeded' || status === 'failed' || status === 'cancelled';

const number = z.union([z.literal('auto'), z.number()]).optional();
/** As the request said them; the recipe has them applied. */
export const askedHyperparameters = z.object({
  n_epochs: number,
  batch_size: number,
  learning_rate_multiplier: number,
});
export type AskedHyperparameters = z.infer<typeof askedHyperparameters>;

export const trainError = z.object({ code: z.string(), message: z.string(), param: z.string().nullable() });
export type TrainError = z.infer<typeof trainError>;

/** How far the training is. */
export const trainProgress = z.object({
  /** What is done now: `data`, `training`, `export`, ... */
  phase: z.string().optional(),
  step: z.int().nonnegative().default(0),
  tokens: z.int().nonnegative().default(0),
  /** 0 = not known. */
  tokensPlanned: z.int().nonnegative().default(0),
  /** Share that is done, 0 to 1, where the trainer says it in other units than tokens. */
  share: z.number().min(0).max(1).optional(),
});
export type TrainProgress = z.infer<typeof trainProgress>;

/** What a job leaves: the weights, and under which name they are served, if they are. */
export const trainResult = z.object({
  /** Id of the served model; null where the weights are no ONNX folder. */
  model: z.string().nullable(),
  files: z.array(trainFile),
  /** Ids of uploaded-file documents: the metrics as CSV. */
  resultFiles: z.array(z.string()),
});
export type TrainResult = z.infer<typeof trainResult>;

export const trainJob = z.object({
  id: z.string(),
  tenant: z.string(),
  /** With the hyperparameters of the request applied. */
  recipe: trainRecipe,
  /** As asked for: the name of a recipe, or its base. */
  model: z.string(),
  hyperparameters: askedHyperparameters,
  /** As OpenAI's clients sent it: their newer place of the hyperparameters. */
  methodGiven: z.boolean().default(false),
  suffix: z.string().optional(),
  seed: z.int(),
  metadata: z.record(z.string(), z.string()).optional(),
  training: trainSource,
  validation: trainSource.optional(),
  status: trainStatus,
  progress: trainProgress.default({ step: 0, tokens: 0, tokensPlanned: 0 }),
  error: trainError.optional(),
  /** What it waits for, where it does. */
  note: z.string().optional(),
  result: trainResult.optional(),
  /** Events that it has, once it is over; before that Redis counts them. */
  events: z.int().nonnegative().optional(),
  /** This and the other times: epoch milliseconds. */
  createdAt: z.int(),
  startedAt: z.int().optional(),
  endedAt: z.int().optional(),
});
export type TrainJob = z.infer<typeof trainJob>;

/** A checkpoint that lies whole in the store: this is written last. */
export const trainCheckpoint = z.object({
  id: z.string(),
  step: z.int().nonnegative(),
  tokens: z.int().nonnegative().optional(),
  /** Of a stage that ended with it: kept until the job is deleted. */
  stage: z.string().optional(),
  /** Name below the trainer's {out}, so that it is found there again. */
  path: z.string(),
  files: z.array(trainFile),
  metrics: z.record(z.string(), z.number()).default({}),
  /** Epoch milliseconds. */
  createdAt: z.int(),
});
export type TrainCheckpoint = z.infer<typeof trainCheckpoint>;

export const trainEvent = z.object({
  level: z.enum(['info', 'warn', 'error']),
  type: z.enum(['message', 'metrics']),
  message: z.string(),
  data: z.record(z.string(), z.json()).optional(),
  /** Epoch milliseconds, of Redis' clock. */
  at: z.int(),
});
export type TrainEvent = z.infer<typeof trainEvent>;
export type NewTrainEvent = Omit<TrainEvent, 'at'>;

/**
 * Id of the model that a job makes; with a step, of one of its checkpoints. A job that is taken up again registers the
 * model that it had registered. The short id: 50 random bits at the end of the job's ULID.
 */
export const trainedModelId = (
  { recipe, tenant, suffix, id }: Pick<TrainJob, 'recipe' | 'tenant' | 'suffix' | 'id'>,
  step?: number,
): string =>
  `ft:${recipe.base}:${tenant}:${suffix ?? '-'}:${id.slice(-10)}${step === undefined ? '' : `:ckpt-step-${step}`}`;
