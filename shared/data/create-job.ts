/** A request for a data job -> the job as it begins: its inputs found, so that what is missing shows at once. */
import { z } from 'zod';
import { newDocumentId } from '../documents.ts';
import { CotaError } from '../errors.ts';
import type { StoredFile } from '../files/file.ts';
import type { Files } from '../files/files.ts';
import { paths } from '../keys.ts';
import { noSuchModel } from '../models.ts';
import type { ObjectStore } from '../object-store.ts';
import type { DataJob } from './job.ts';
import type { DataJobStore } from './job-store.ts';
import { parseRecipe } from './parse-recipe.ts';
import { type Recipe, recipe } from './recipe.ts';
import { recipeInputs } from './recipe-inputs.ts';
import { recipeWarnings } from './recipe-warnings.ts';

/** Body of POST /v1/data/jobs. */
export const createDataJobRequest = z.strictObject({
  recipe: z
    .union([recipe, z.string()])
    .describe('What to make, as fields or as the text of a YAML file. Inputs are ids of uploaded files.'),
});

export interface CreateDataJobParts {
  readonly objects: ObjectStore;
  readonly files: Pick<Files, 'get' | 'stream'>;
  readonly jobs: Pick<DataJobStore, 'find'>;
  readonly models: {
    readonly ids: readonly string[];
    get(id: string): { readonly temperature: number } | undefined;
  };
}

export const newDataJobId = (): string => newDocumentId('data_');

/**
 * @param given body of the request
 * @throws CotaError that names the field
 */
export async function newDataJob(
  parts: CreateDataJobParts,
  tenant: string,
  given: unknown,
  id: string,
  now: number,
): Promise<DataJob> {
  const parsed = parseRecipe(given);
  assertModels(parsed, parts.models.ids);
  await assertDatasets(parts, tenant, parsed);
  const inputs: Record<string, string> = {};
  for (const { path, name } of recipeInputs(parsed)) {
    if (Object.hasOwn(inputs, name)) continue;
    const file = await parts.files.get(tenant, name);
    if (!file) throw noInput(path, name);
    inputs[name] = await keyOf(parts, tenant, id, file);
  }
  const warnings = recipeWarnings(parsed, (model) => parts.models.get(model)?.temperature);
  return { id, tenant, recipe: parsed, inputs, status: 'queued', stages: [], warnings, createdAt: now };
}

function noInput(path: string, name: string): CotaError {
  const what = name.startsWith('file-')
    ? `There is no file '${name.slice(0, 100)}', or it was deleted or has expired.`
    : `"${name.slice(0, 100)}" is no id of an uploaded file: upload it (POST /v1/files, purpose "user_data") and name its id, or let \`cota data run\` do both.`;
  return new CotaError('invalid_value', what, { param: `recipe.${path}` });
}

function assertModels({ sources }: Recipe, ids: readonly string[]): void {
  for (const [at, { model, runs }] of sources.entries()) {
    const named = [
      [`sources[${at}].model.model`, model?.model],
      [`sources[${at}].model.judge.model`, model?.judge?.model],
      [`sources[${at}].runs.judge.model`, runs?.judge?.model],
    ] as const;
    for (const [path, id] of named) {
      if (id === undefined || ids.includes(id)) continue;
      throw noSuchModel(id, ids, `recipe.${path}`);
    }
  }
}

async function assertDatasets({ jobs }: CreateDataJobParts, tenant: string, { sources }: Recipe): Promise<void> {
  for (const [at, { dataset }] of sources.entries()) {
    if (dataset === undefined) continue;
    const param = `recipe.sources[${at}].dataset`;
    const earlier = await jobs.find(tenant, dataset);
    if (!earlier)
      throw new CotaError(
        'invalid_value',
        `There is no data job '${dataset.slice(0, 100)}': '${param}' is the id of one of yours that is completed.`,
        { param },
      );
    if (earlier.status === 'completed') continue;
    const words = `The data job ${dataset} is ${earlier.status}: only one that is completed can be a source.`;
    throw new CotaError('invalid_value', words, { param });
  }
}

/** An upload is one object; a batch's results are many, which become one. */
async function keyOf(parts: CreateDataJobParts, tenant: string, id: string, file: StoredFile): Promise<string> {
  const [first] = file.parts;
  if (first && file.parts.length === 1) return first.key;
  const key = paths.dataInput(tenant, id, file.id);
  await parts.objects.put(key, await parts.files.stream(file), { contentType: file.contentType });
  return key;
}
