/** A fine-tuning job, its events and its checkpoints as OpenAI's clients know them. */
import { z } from 'zod';
import { isTrainJobOver, type TrainCheckpoint, type TrainEvent, type TrainJob, trainedModelId } from './job.ts';

const moment = z.int().nullable().describe('Unix seconds.');
const auto = z.union([z.literal('auto'), z.number()]);
const hyperparameters = z.strictObject({ n_epochs: auto, batch_size: auto, learning_rate_multiplier: auto });

export const trainJobObject = z.strictObject({
  id: z.string(),
  object: z.literal('fine_tuning.job'),
  model: z.string().describe('What was asked for: a recipe, or its base.'),
  created_at: z.int().describe('Unix seconds.'),
  finished_at: moment,
  fine_tuned_model: z.string().nullable().describe('Id of the model, once it is served.'),
  organization_id: z.string().describe('The tenant.'),
  result_files: z.array(z.string()).describe('Ids of files: the metrics of all steps as CSV.'),
  status: z.enum(['validating_files', 'queued', 'running', 'paused', 'succeeded', 'failed', 'cancelled']),
  validation_file: z.string().nullable(),
  training_file: z.string(),
  hyperparameters,
  method: z.strictObject({
    type: z.literal('supervised'),
    supervised: z.strictObject({ hyperparameters }),
  }),
  trained_tokens: z.int().nullable(),
  error: z.strictObject({ code: z.string(), message: z.string(), param: z.string().nullable() }).nullable(),
  user_provided_suffix: z.string().nullable(),
  seed: z.int(),
  estimated_finish: moment,
  integrations: z.array(z.never()),
  metadata: z.record(z.string(), z.string()).nullable(),
  cota: z
    .strictObject({
      recipe: z.string().describe('Its name.'),
      phase: z.string().nullable().describe('What is done now: data, training, export.'),
      step: z.int(),
      progress: z.number().describe('0 to 1.'),
      tokens: z.int(),
      tokens_planned: z.int().nullable(),
      notice: z.string().nullable().describe('What it waits for, where it does not go on.'),
    })
    .describe("Cota's own."),
});
export type TrainJobObject = z.infer<typeof trainJobObject>;

export const trainEventObject = z.strictObject({
  id: z.string(),
  object: z.literal('fine_tuning.job.event'),
  created_at: z.int().describe('Unix seconds.'),
  level: z.enum(['info', 'warn', 'error']),
  message: z.string(),
  type: z.enum(['message', 'metrics']),
  data: z.record(z.string(), z.json()).nullable(),
});
export type TrainEventObject = z.infer<typeof trainEventObject>;

export const trainCheckpointObject = z.strictObject({
  id: z.string(),
  object: z.literal('fine_tuning.job.checkpoint'),
  created_at: z.int().describe('Unix seconds.'),
  fine_tuning_job_id: z.string(),
  fine_tuned_model_checkpoint: z.string().describe('Its name; checkpoints are downloaded, not served.'),
  step_number: z.int(),
  metrics: z.record(z.string(), z.number()),
});
export type TrainCheckpointObject = z.infer<typeof trainCheckpointObject>;

export const trainFileObject = z.strictObject({
  object: z.literal('fine_tuning.job.file'),
  name: z.string(),
  bytes: z.int().nonnegative(),
  sha256: z.string().nullable().describe('null: of a file that grows.'),
});
export type TrainFileObject = z.infer<typeof trainFileObject>;

export interface TrainJobFacts {
  /** Jobs that the fleet's train workers carry out at a time. */
  readonly hands: number;
  /** Epoch milliseconds. */
  readonly now: number;
}

const unix = (ms: number | undefined): number | null => (ms === undefined ? null : Math.floor(ms / 1000));

export function shareOf({ progress: { tokens, tokensPlanned, share } }: Pick<TrainJob, 'progress'>): number {
  if (share !== undefined) return share;
  return tokensPlanned > 0 ? Math.min(1, tokens / tokensPlanned) : 0;
}

export function trainJobObjectOf(job: TrainJob, { hands, now }: TrainJobFacts): TrainJobObject {
  const { progress, status, recipe, startedAt } = job;
  const done = status === 'succeeded' ? 1 : shareOf(job);
  const isRunning = status === 'running' && startedAt !== undefined && done > 0.01;
  const finish = isRunning ? unix(startedAt + (now - startedAt) / done) : null;
  const unserved = 'No train worker is running; the job goes on when one does (workers/train/main.ts).';
  const own = recipe.hyperparameters;
  const asked = {
    n_epochs: job.hyperparameters.n_epochs ?? own.n_epochs ?? 'auto',
    batch_size: job.hyperparameters.batch_size ?? own.batch_size ?? 'auto',
    learning_rate_multiplier: job.hyperparameters.learning_rate_multiplier ?? 'auto',
  } as const;
  return {
    ...{ id: job.id, object: 'fine_tuning.job', model: job.model },
    ...{ created_at: Math.floor(job.createdAt / 1000), finished_at: unix(job.endedAt) },
    fine_tuned_model: status === 'succeeded' ? (job.result?.model ?? null) : null,
    ...{
      organization_id: job.tenant,
      result_files: status === 'succeeded' ? (job.result?.resultFiles ?? []) : [],
      status,
    },
    ...{ validation_file: job.validation?.id ?? null, training_file: job.training.id },
    ...{ hyperparameters: asked, method: { type: 'supervised', supervised: { hyperparameters: asked } } },
    trained_tokens: progress.tokens > 0 ? progress.tokens : null,
    ...{ error: job.error ?? null, user_provided_suffix: job.suffix ?? null, seed: job.seed },
    ...{ estimated_finish: finish, integrations: [], metadata: job.metadata ?? null },
    cota: {
      ...{ recipe: recipe.name, phase: isTrainJobOver(job) ? null : (progress.phase ?? null) },
      ...{ step: progress.step, progress: Math.round(done * 10_000) / 10_000, tokens: progress.tokens },
      tokens_planned: progress.tokensPlanned > 0 ? progress.tokensPlanned : null,
      notice: isTrainJobOver(job) || status === 'paused' ? null : hands === 0 ? unserved : (job.note ?? null),
    },
  };
}

const EVENT_ID = /^ftevent-[0-9a-z]{26}-(\d{1,9})$/;
/** The number of an event stands in its id, so that a page can go on behind it. */
export const eventId = (job: string, number: number): string =>
  `ftevent-${job.slice(job.indexOf('-') + 1)}-${String(number).padStart(6, '0')}`;
/** @returns undefined for what is no id of an event of this job */
export function eventNumber(job: string, id: string): number | undefined {
  const [, number] = EVENT_ID.exec(id) ?? [];
  return number !== undefined && eventId(job, Number(number)) === id ? Number(number) : undefined;
}

export function trainEventObjectOf(job: string, number: number, event: TrainEvent): TrainEventObject {
  const { level, message, type, data, at } = event;
  return {
    ...{ id: eventId(job, number), object: 'fine_tuning.job.event', created_at: Math.floor(at / 1000) },
    ...{ level, message, type, data: data ?? null },
  };
}

export const trainCheckpointObjectOf = (job: TrainJob, one: TrainCheckpoint): TrainCheckpointObject => ({
  ...{ id: one.id, object: 'fine_tuning.job.checkpoint', created_at: Math.floor(one.createdAt / 1000) },
  ...{ fine_tuning_job_id: job.id, fine_tuned_model_checkpoint: trainedModelId(job, one.step) },
  ...{ step_number: one.step, metrics: { step: one.step, ...one.metrics } },
});
