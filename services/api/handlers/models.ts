/** /v1/models and /v1/tools: what there is, and who serves it now; trained models deleted and shared. */
import { z } from 'zod';
import { toolSpec } from '../../../shared/contract.ts';
import { CotaError } from '../../../shared/errors.ts';
import { ofModel, readinessOf } from '../../../shared/fleet.ts';
import { userOfModel } from '../../../shared/models/in-use.ts';
import { bytesOf, type TrainedModel } from '../../../shared/models/trained.ts';
import { modelsFor } from '../../../shared/models/trained-view.ts';
import { noSuchModel, trainedEntry } from '../../../shared/models.ts';
import { parseStrictly } from '../../../shared/request/issues.ts';
import type { ApiParts, ApiRequest, Handler } from '../http.ts';
import { modelsOf } from '../models-of.ts';

const trainedObject = z.strictObject({
  base: z.string().describe('What its training began with.'),
  job: z.string().describe('The job that trained it.'),
  version: z.string().describe('As the traces of its runs name it: of its files, and of what is put before it.'),
  bytes: z.int().describe('Of its weights in the store.'),
  shared: z.boolean().describe('Whether every tenant may use it.'),
});

export const modelObject = z.strictObject({
  id: z.string(),
  object: z.literal('model'),
  created: z.int().describe('Unix seconds.'),
  owned_by: z.string(),
  cota: z.strictObject({
    served: z.boolean().describe('Whether a worker takes runs of this model now; without one, runs wait.'),
    concurrency: z.int().describe('Steps of this model that all workers together work on at a time.'),
    paused: z.string().nullable().describe('Why workers that are there take no work.'),
    backend: z.string(),
    dialect: z.string(),
    description: z.string(),
    tools: z.array(z.string()).nullable().describe('Tools that the model knows; null = all that can work now.'),
    default: z.boolean(),
    trained: trainedObject
      .nullable()
      .describe('Of models that this cluster has trained; null = a model of models.yaml.'),
  }),
});
export const modelList = z.strictObject({ object: z.literal('list'), data: z.array(modelObject) });

const { name, version, description, parameters, returns, example, pool } = toolSpec.shape;
export const toolObject = z.strictObject({
  object: z.literal('tool'),
  ...{ name, version, description },
  parameters: parameters.describe('JSON Schema of the arguments.'),
  returns: returns.describe('What comes back, in words.'),
  example: example.describe('Arguments of a call.'),
  pool: pool.describe('Which workers carry it out: cpu, vision or remote.'),
  engine: z.string().nullable().describe('Engine and weights that do the work, as its workers say.'),
  deterministic: z.boolean().describe('The same arguments and images give the same result, which may be kept.'),
  offered: z
    .boolean()
    .describe('Whether runs that name no tools get it now; named in cota.tools or models.yaml, any run does.'),
  served: z
    .boolean()
    .describe(
      'Whether a worker carries it out now; without one, runs that call it wait, and after a day it is forgotten.',
    ),
  workers: z.int().describe('How many do.'),
  ready: z.boolean().describe('Whether one of them has the weights and settings that it needs.'),
  missing: z.string().nullable().describe('What its operator has to do, where no worker that serves it is ready.'),
});
export const toolList = z.strictObject({ object: z.literal('list'), data: z.array(toolObject) });

export const deletedModel = z.strictObject({ id: z.string(), object: z.literal('model'), deleted: z.literal(true) });
export const shareModelBody = z.strictObject({
  shared: z.boolean().describe('Whether every tenant may use the model, or only the one that trained it.'),
});
export const deleteModelQuery = z.strictObject({
  force: z
    .enum(['true', 'false'])
    .default('false')
    .describe('true: also while runs and batches use it; those runs fail as model_not_found.'),
});

export const listModels: Handler = async ({ tenant }, parts) => {
  const { ids } = modelsFor(parts.models, parts.trainedView, tenant);
  const data = ids.map((id) => describe(id, tenant, parts));
  return { body: { object: 'list', data } };
};

export const getModel: Handler = async ({ tenant, params: { id = '' } }, parts) => {
  const models = await modelsOf(tenant, parts, id);
  const model = describe(id, tenant, parts);
  if (model) return { body: model };
  throw noSuchModel(id, models.ids, 'model');
};

/** The record of a trained model that the caller may see. @throws CotaError */
async function trainedFor({ tenant, params: { id = '' } }: ApiRequest, parts: ApiParts): Promise<TrainedModel> {
  // From Redis, not from this process' memory: it is about to be changed.
  const model = await parts.trained.get(id);
  if (model && (model.tenant === tenant || model.shared)) return model;
  if (parts.models.get(id)) {
    throw new CotaError('invalid_value', `'${id}' is a model of models.yaml: its operator changes it there.`, {
      param: 'model',
    });
  }
  throw noSuchModel(id, modelsFor(parts.models, parts.trainedView, tenant).ids, 'model');
}

export const deleteModel: Handler = async (request, parts) => {
  const model = await trainedFor(request, parts);
  const { id } = model;
  if (model.tenant !== request.tenant) {
    throw new CotaError(
      'insufficient_permissions',
      `The model '${id}' is of another tenant, which shares it with you.`,
    );
  }
  const { force } = request.query as z.infer<typeof deleteModelQuery>;
  const user = force === 'true' ? undefined : await userOfModel(parts, id);
  if (user !== undefined) {
    throw new CotaError(
      'model_in_use',
      `The model '${id}' is in use (${user}): wait for the end of its runs and batches, cancel them, or delete it with ?force=true.`,
    );
  }
  await parts.trained.remove(id);
  await parts.trainedView.refresh();
  const details = { job: model.job, bytes: bytesOf(model), force: force === 'true' };
  return { body: { id, object: 'model', deleted: true }, audit: { target: id, details } };
};

export const shareModel: Handler = async (request, parts) => {
  const { shared } = parseStrictly(shareModelBody, request.body);
  const { id = '' } = request.params;
  // The operator's key may name the models of all tenants.
  const model = await parts.trained.share(id, shared);
  if (!model)
    throw noSuchModel(
      id,
      parts.trainedView.all().map((one) => one.id),
      'model',
    );
  await parts.trainedView.refresh();
  return { body: describe(id, model.tenant, parts), audit: { target: id, details: { shared } } };
};

function describe(
  id: string,
  tenant: string,
  { models, trainedView, modelsCreated, fleet }: ApiParts,
): z.infer<typeof modelObject> | undefined {
  const entry = modelsFor(models, trainedView, tenant).get(id);
  if (!entry) return undefined;
  const trained = trainedView.get(id);
  const workers = fleet.workers().filter((worker) => (ofModel(worker.models, id) ?? 0) > 0);
  const atWork = workers.filter((worker) => worker.paused?.[id] === undefined);
  return {
    id,
    object: 'model',
    created: trained?.createdAt ?? modelsCreated,
    owned_by: trained?.tenant ?? 'cota',
    cota: {
      served: atWork.length > 0,
      concurrency: fleet.concurrencyOf(id),
      paused: atWork.length > 0 ? null : (workers[0]?.paused?.[id] ?? null),
      backend: entry.backend,
      dialect: entry.dialect,
      description: entry.description,
      tools: entry.tools ?? null,
      default: models.default === id,
      trained: trained ? trainedFacts(trained) : null,
    },
  };
}

const trainedFacts = (model: TrainedModel): z.infer<typeof trainedObject> => ({
  base: model.base,
  job: model.job,
  version: trainedEntry(model).version,
  bytes: bytesOf(model),
  shared: model.shared,
});

export const listTools: Handler = async (_request, { fleet }) => {
  const data = fleet.tools().map((spec): z.infer<typeof toolObject> => {
    const { name, version, description, parameters, returns, example, pool, engine = null } = spec;
    const { workers, ready, missing = null } = readinessOf(name, fleet.workers());
    return {
      ...{ object: 'tool', name, version, description, parameters, returns, example, pool, engine },
      deterministic: spec.deterministic ?? false,
      offered: spec.offered !== false && !fleet.withheld().has(name),
      ...{ served: workers > 0, workers, ready: ready > 0, missing },
    };
  });
  return { body: { object: 'list', data } };
};
