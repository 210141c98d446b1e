/** Which model of models.yaml answers the questions of tools. */
import type { Run } from '../../shared/contract.ts';
import { namedSecret, SettingsError } from '../../shared/env.ts';
import { loadModels, type ModelEntry, type Models } from '../../shared/models.ts';
import type { ToolSettings } from './settings.ts';
import { ToolError, type ToolStatus } from './tool.ts';

/** `language` answers in words, `vision` looks at an image first; tools.yaml names a model for each. */
export type Sense = 'language' | 'vision';

export interface AskedModel {
  readonly id: string;
  readonly entry: ModelEntry;
  readonly models: Models;
}

const read = new WeakMap<ToolSettings, Models | string>();

/** @returns what is wrong with models.yaml, where it cannot be read */
function modelsOf(settings: ToolSettings): Models | string {
  const known = read.get(settings);
  if (known !== undefined) return known;
  let models: Models | string;
  try {
    models = loadModels(settings.env.COTA_MODELS);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    models = error.message;
  }
  read.set(settings, models);
  return models;
}

const fieldOf = (sense: Sense) => `${sense}_model` as const;

/** An engine in this process would be loaded a second time to be asked, and would block other tools while it answers. */
const canBeAsked = ({ backend }: ModelEntry): boolean => backend === 'openai' || backend === 'replay';

/** @returns what keeps this model from being asked, as a remedy for the operator */
function problemOf(id: string, models: Models, settings: ToolSettings): string | undefined {
  const entry = models.get(id);
  const file = settings.env.COTA_MODELS;
  if (!entry) return `tools.yaml asks model "${id}", and ${file} has ${models.ids.join(', ') || 'none'}`;
  if (!canBeAsked(entry))
    return `tools.yaml asks model "${id}", whose backend is ${entry.backend}: name one whose backend is openai`;
  const key = entry.backend === 'openai' ? entry.api_key_env : undefined;
  if (key !== undefined && namedSecret(key) === undefined)
    return `model "${id}" takes its key from ${key}, which is not set for this tool worker`;
  return undefined;
}

/** Ready where some run at least finds a model to ask; whether this run does is known when it asks. */
export function statusOfAsking(sense: Sense, settings: ToolSettings): ToolStatus {
  const reason = `No ${sense} model can be asked here. Do without it.`;
  const models = modelsOf(settings);
  if (typeof models === 'string') return { ready: false, reason, remedy: models };
  const named = settings.config[fieldOf(sense)];
  if (named !== undefined) {
    const remedy = problemOf(named, models, settings);
    return remedy === undefined ? { ready: true } : { ready: false, reason, remedy };
  }
  const own = models.ids.filter((id) => models.get(id)?.backend === 'openai');
  const problems = own.map((id) => problemOf(id, models, settings));
  if (problems.includes(undefined)) return { ready: true };
  const none = `write a model whose backend is openai into ${settings.env.COTA_MODELS}, and name it as ${fieldOf(sense)} in tools.yaml`;
  return { ready: false, reason, remedy: problems[0] ?? none };
}

const anyModel = (models: Models): string =>
  [models.default ?? '', ...models.ids].find((id) => models.get(id)?.backend === 'openai') ?? '';

/**
 * The model that tools.yaml names, else the run's own where a server answers it. A call of a tool without a model gets the
 * first that a server answers, the default before others.
 * @throws ToolError `no_language_model` or `no_vision_model`
 */
export function askedModel(sense: Sense, run: Run, settings: ToolSettings): AskedModel {
  const refuse = (why: string): never => {
    throw new ToolError(`no_${fieldOf(sense)}`, `No ${sense} model can be asked here: ${why}. Do without it.`);
  };
  const models = modelsOf(settings);
  if (typeof models === 'string') return refuse('this worker cannot read its list of models');
  const named = settings.config[fieldOf(sense)];
  const id = named ?? (run.config.call ? anyModel(models) : run.config.model);
  const entry = models.get(id);
  if (named === undefined && entry?.backend !== 'openai')
    return refuse(`the model of this run is none that a server answers, and tools.yaml names no ${fieldOf(sense)}`);
  const problem = problemOf(id, models, settings);
  if (!entry || problem !== undefined) return refuse(problem ?? `there is no model "${id}"`);
  return { id, entry, models };
}
