/** /v1/models and /v1/tools: what there is, and who serves it now. */
import { z } from 'zod';
import { toolSpec } from '../../../shared/contract.ts';
import { CotaError } from '../../../shared/errors.ts';
import { readinessOf } from '../../../shared/fleet.ts';
import type { ApiParts, Handler } from '../http.ts';

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

export const listModels: Handler = async (_request, parts) => {
  return { body: { object: 'list', data: parts.models.ids.map((id) => describe(id, parts)) } };
};

export const getModel: Handler = async ({ params }, parts) => {
  const model = describe(params.id ?? '', parts);
  if (model) return { body: model };
  const named = (params.id ?? '').slice(0, 100);
  throw new CotaError(
    'model_not_found',
    `There is no model '${named}'. The models are: ${parts.models.ids.join(', ')}.`,
    {
      param: 'model',
    },
  );
};

function describe(id: string, { models, modelsCreated, fleet }: ApiParts): z.infer<typeof modelObject> | undefined {
  const entry = models.get(id);
  if (!entry) return undefined;
  const workers = fleet.workers().filter((worker) => (worker.models[id] ?? 0) > 0);
  const atWork = workers.filter((worker) => worker.paused?.[id] === undefined);
  return {
    id,
    object: 'model',
    created: modelsCreated,
    owned_by: 'cota',
    cota: {
      served: atWork.length > 0,
      concurrency: fleet.concurrencyOf(id),
      paused: atWork.length > 0 ? null : (workers[0]?.paused?.[id] ?? null),
      backend: entry.backend,
      dialect: entry.dialect,
      description: entry.description,
      tools: entry.tools ?? null,
      default: models.default === id,
    },
  };
}

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
