/** A request for a fine-tuning job -> the job as it begins: what is missing or does not fit shows at once. */
import { z } from 'zod';
import type { DataJob } from '../data/job.ts';
import { newDocumentId } from '../documents.ts';
import { CotaError } from '../errors.ts';
import type { Files } from '../files/files.ts';
import { isTrainedId } from '../models/trained-id.ts';
import { parseStrictly } from '../request/issues.ts';
import { type AskedHyperparameters, type TrainJob, type TrainSource, trainedModelId } from './job.ts';
import { assertModest } from './own-limits.ts';
import { parseTrainRecipe, withHyperparameters } from './parse-recipe.ts';
import { type TrainRecipe, trainRecipe } from './recipe.ts';

const auto = <T extends z.ZodType>(number: T) => z.union([z.literal('auto'), number]).optional();
const asked = z.strictObject({
  n_epochs: auto(z.number().positive().max(1_000)),
  batch_size: auto(z.int().min(1).max(1_000_000)),
  learning_rate_multiplier: auto(z.number().positive().max(1_000)),
});

const refused = (words: string) => z.null({ error: words }).optional();

/** Body of POST /v1/fine_tuning/jobs: OpenAI's fields, and `recipe`. */
export const createTrainJobRequest = z.strictObject({
  model: z.string().max(200).optional().describe('Name of a recipe of this cluster, or the base that one starts from.'),
  recipe: z
    .union([trainRecipe, z.string()])
    .optional()
    .describe('In place of `model`: a recipe of your own, as fields or as the text of a YAML file.'),
  training_file: z.string().max(100).describe('Id of an uploaded file of chains (JSONL), or of a completed data job.'),
  validation_file: z.string().max(100).nullish(),
  hyperparameters: asked.optional(),
  method: z
    .strictObject({
      type: z.literal('supervised', { error: 'Only the method "supervised" is there.' }),
      supervised: z.strictObject({ hyperparameters: asked.optional() }).optional(),
    })
    .optional(),
  seed: z
    .int()
    .nonnegative()
    .max(2 ** 31 - 1)
    .nullish(),
  suffix: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
      'must be letters, digits, . _ and -, 64 at most, beginning with a letter or digit',
    )
    .nullish(),
  metadata: z
    .record(z.string().max(64), z.string().max(512))
    .refine((fields) => Object.keys(fields).length <= 16, 'must have 16 fields at most')
    .nullish(),
  integrations: z
    .union([
      z.null(),
      z.array(z.never({ error: 'Integrations are not there: events and metrics are read from the job.' })),
    ])
    .optional(),
  webhook: refused('Webhooks are made at /v1/webhook_endpoints.'),
});

/** What this cluster can train. */
export interface TrainRecipes {
  readonly all: readonly TrainRecipe[];
}

export interface CreateTrainJobParts {
  readonly files: Pick<Files, 'get'>;
  readonly dataJobs: { find(tenant: string, id: string): Promise<DataJob | undefined> };
  readonly recipes: TrainRecipes;
}

export const newTrainJobId = (): string => newDocumentId('ftjob-');

/**
 * @param body of the request
 * @param mayCommand whether this caller may bring a command that runs on the train worker's machine
 * @throws CotaError that names the field
 */
export async function newTrainJob(
  parts: CreateTrainJobParts,
  {
    tenant,
    body,
    mayCommand,
    id,
    now,
  }: { tenant: string; body: unknown; mayCommand: boolean; id: string; now: number },
): Promise<TrainJob> {
  const fields = typeof body === 'object' && body !== null && !Array.isArray(body) ? body : undefined;
  // The recipe is read apart, so that a fault in it is told by its place there.
  const request = parseStrictly(createTrainJobRequest, fields ? { ...fields, recipe: undefined } : body);
  const given = fields && 'recipe' in fields ? fields.recipe : undefined;
  const own = given === undefined || given === null ? undefined : parseTrainRecipe(given);
  if (own?.trainer.kind === 'command' && !mayCommand) {
    const words =
      'A recipe with a command runs it on the machine of the train worker: that takes a key with the scope "admin". Name one of the recipes of this cluster as `model`.';
    throw new CotaError('insufficient_permissions', words, { param: 'recipe.trainer' });
  }
  if (own && !mayCommand) assertModest(own);
  const base = own ?? shippedRecipe(parts.recipes, request.model);
  const inMethod = request.method?.supervised?.hyperparameters;
  const wanted: AskedHyperparameters = inMethod ?? request.hyperparameters ?? {};
  const param = inMethod ? 'method.supervised.hyperparameters' : 'hyperparameters';
  const recipe = withHyperparameters(base, wanted, param, request.seed ?? undefined);
  const training = await sourceOf(parts, tenant, request.training_file, 'training_file');
  const validation = request.validation_file
    ? await sourceOf(parts, tenant, request.validation_file, 'validation_file')
    : undefined;
  const job: TrainJob = {
    ...{ id, tenant, recipe, model: request.model ?? recipe.base, hyperparameters: wanted, seed: recipe.seed },
    methodGiven: request.method !== undefined,
    ...(request.suffix ? { suffix: request.suffix } : {}),
    ...(request.metadata ? { metadata: request.metadata } : {}),
    training,
    ...(validation ? { validation } : {}),
    status: 'queued',
    progress: { step: 0, tokens: 0, tokensPlanned: 0 },
    createdAt: now,
  };
  // An id that nothing can be served under would cost the whole training.
  if (isTrainedId(trainedModelId(job))) return job;
  throw new CotaError(
    'invalid_value',
    `${trainedModelId(job)} is no id that a model can have: change the recipe's base.`,
    {
      param: 'recipe.base',
    },
  );
}

function shippedRecipe({ all }: TrainRecipes, model: string | undefined): TrainRecipe {
  const names = all.map(({ name }) => name).join(', ');
  if (model === undefined) {
    const words = `Missing required parameter: 'model'. It names a recipe of this cluster (${names}); or send \`recipe\`.`;
    throw new CotaError('missing_required_parameter', words, { param: 'model' });
  }
  const found = all.find(({ name }) => name === model) ?? all.find(({ base }) => base === model);
  if (found) return found;
  const words = `There is no recipe that trains '${model.slice(0, 100)}': the recipes are ${names}. Send \`recipe\` for one of your own.`;
  throw new CotaError('model_not_found', words, { param: 'model' });
}

async function sourceOf(
  { files, dataJobs }: CreateTrainJobParts,
  tenant: string,
  id: string,
  param: string,
): Promise<TrainSource> {
  if (id.startsWith('data_')) {
    const found = await dataJobs.find(tenant, id);
    if (!found) throw new CotaError('invalid_value', `There is no data job '${id}', or it was deleted.`, { param });
    if (found.status === 'completed') return { id, kind: 'data', parts: [] };
    const words = `The data job ${id} is ${found.status}: only one that is completed can be trained on.`;
    throw new CotaError('invalid_value', words, { param });
  }
  const file = await files.get(tenant, id);
  if (file) return { id, kind: 'file', parts: [...file.parts] };
  const words = id.startsWith('file-')
    ? `There is no file '${id}', or it was deleted or has expired.`
    : `'${id}' is neither the id of an uploaded file (file-...) nor that of a completed data job (data_...).`;
  throw new CotaError('invalid_value', words, { param });
}
