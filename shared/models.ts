/** `models.yaml`: which models there are, how each is reached, how it writes, and what it may use. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { SettingsError } from './env.ts';
import { CotaError } from './errors.ts';
import { faultLines } from './file-faults.ts';
import type { TrainedModel } from './models/trained.ts';
import { isTrainedName } from './models/trained-id.ts';
import { promptVersionOf } from './prompt-versions.ts';

const common = {
  dialect: z.enum(['taco', 'nano']),
  prompt: z.enum(['long', 'short']).default('long'),
  /** Tools that the model knows; left out = all tools that some worker serves. A run that asks for another is refused. */
  tools: z.array(z.string()).optional(),
  /** Steps that one worker process works on at a time. */
  concurrency: z.int().min(1).max(1024).default(8),
  limits: z
    .strictObject({
      /** Requests at a time over all processes. */
      concurrency: z.int().min(1).optional(),
      tokens_per_minute: z.int().min(1).optional(),
    })
    .default({}),
  /** Pixels of an image as the model sees it; larger ones are scaled down once. */
  max_pixels: z.int().min(1_024).default(1_600_000),
  max_images: z.int().min(0).default(8),
  /** Output tokens of one turn. */
  max_turn_tokens: z.int().min(1).default(2_000),
  temperature: z.number().min(0).max(2).default(0),
  /** US dollars per million tokens, for what data made with it has cost. */
  price: z.strictObject({ input: z.number().nonnegative(), output: z.number().nonnegative() }).optional(),
  description: z.string().default(''),
};

const openai = z.strictObject({
  ...common,
  backend: z.literal('openai'),
  base_url: z.url(),
  /** The name under which that server knows the model; left out = the id here. */
  model: z.string().optional(),
  /** Environment variable that holds the server's key. */
  api_key_env: z.string().optional(),
  /** Fields added to each request as they stand, for engine options. */
  extra_body: z.record(z.string(), z.json()).default({}),
  max_tokens_field: z.enum(['max_tokens', 'max_completion_tokens']).default('max_tokens'),
  first_token_timeout_s: z.number().positive().default(120),
  token_timeout_s: z.number().positive().default(30),
});

const onnx = z.strictObject({
  ...common,
  backend: z.literal('onnx'),
  /** What the model may say at each place: nothing forbidden, the schema's scaffold, or spans of what it has read. */
  constraint: z.enum(['none', 'scaffold', 'spans']).default('spans'),
  /** Turns that are weighed against each other at temperature 0; 1 takes the likeliest token each time. */
  branches: z.int().min(1).max(16).default(1),
  /** Folder in the Hugging Face ONNX layout, relative to models.yaml. */
  path: z.string(),
  /** Which of its files: `onnx/model.onnx` or `onnx/model_int8.onnx`. */
  dtype: z.enum(['fp32', 'int8']).default('fp32'),
});

/** What a trained model says of itself; the rest is as it is where models.yaml says nothing. */
export const trainedServing = onnx.pick({
  dialect: true,
  constraint: true,
  branches: true,
  max_turn_tokens: true,
  tools: true,
});

const replay = z.strictObject({
  ...common,
  backend: z.literal('replay'),
  /** Folder of recordings, named by the SHA-256 of their question; relative to models.yaml. */
  recordings: z.string().optional(),
  /** Turns given to every run, for load tests. */
  turns: z.array(z.strictObject({ text: z.string(), delay_ms: z.number().min(0).default(0) })).optional(),
});

const entry = z.discriminatedUnion('backend', [openai, onnx, replay]);
export type ModelEntry = z.infer<typeof entry>;
export type OpenAiEntry = z.infer<typeof openai>;
export type ReplayEntry = z.infer<typeof replay>;

const file = z.strictObject({
  /** Model used where a request names none. */
  default: z.string().optional(),
  models: z.record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/, 'not a model id'), entry),
});

/**
 * Fields that do not change what a worker makes of a step: runs are pinned to some of them by value, others say how the
 * worker itself is run. All others are part of a model's version.
 */
const NOT_IN_VERSION: ReadonlySet<string> = new Set([
  ...['prompt', 'tools', 'max_turn_tokens', 'temperature', 'price'],
  ...['concurrency', 'limits', 'description', 'api_key_env', 'first_token_timeout_s', 'token_timeout_s'],
]);

export interface Models {
  readonly default: string | undefined;
  readonly ids: readonly string[];
  /** `version`: `<prompt version>-<hash of the entry>`. Files that the entry names are not part of it. */
  get(id: string): (ModelEntry & { readonly version: string }) | undefined;
  /** A path of the file's, made absolute. */
  resolve(path: string): string;
}

/**
 * @param path of models.yaml
 * @throws SettingsError that names the field and what it may be
 */
export function loadModels(path: string): Models {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new SettingsError(
      `cannot read ${path}: set COTA_MODELS to the file that lists your models (see docs/models.md)`,
    );
  }
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    throw new SettingsError(`${path} is not YAML: ${(error as Error).message}`);
  }
  const parsed = file.safeParse(document);
  if (!parsed.success) {
    throw new SettingsError(`${path} is wrong:\n${faultLines(parsed.error.issues)}`);
  }
  const { models, default: fallback } = parsed.data;
  const reserved = Object.keys(models).find(isTrainedName);
  if (reserved !== undefined) {
    throw new SettingsError(
      `${path}: "${reserved}" is a name as models have that this cluster trains: give the entry another one, and write this one as its \`model\` if a server knows it by that`,
    );
  }
  if (fallback !== undefined && !(fallback in models)) {
    throw new SettingsError(`${path}: default is "${fallback}", which is not among the models`);
  }
  const versioned = new Map(
    Object.entries(models).map(([id, model]) => [id, { ...model, version: versionOf(model) }] as const),
  );
  return {
    default: fallback ?? Object.keys(models)[0],
    ids: Object.keys(models),
    get: (id) => versioned.get(id),
    resolve: (target) => resolve(dirname(path), target),
  };
}

/** A trained model as an entry of models.yaml would have it. The path says which files it has, and so does the version. */
export function trainedEntry({ version, serve, description }: TrainedModel): ModelEntry & { readonly version: string } {
  const made = onnx.parse({ backend: 'onnx', prompt: 'short', path: version, description, ...serve });
  return { ...made, version: versionOf(made) };
}

/** Ids that an error names: a tenant may have trained hundreds of models. */
const NAMED = 12;

/** @returns an error that says which models there are */
export function noSuchModel(id: string, ids: readonly string[], param?: string): CotaError {
  const more = ids.length > NAMED ? ` and ${ids.length - NAMED} more (GET /v1/models)` : '';
  const words = `There is no model '${id.slice(0, 100)}'. The models are: ${ids.slice(0, NAMED).join(', ')}${more}.`;
  return new CotaError('model_not_found', words, param === undefined ? {} : { param });
}

function versionOf(model: ModelEntry): string {
  const fields = Object.entries(model).filter(([name]) => !NOT_IN_VERSION.has(name));
  const hash = createHash('sha256').update(JSON.stringify(fields.sort())).digest('hex').slice(0, 12);
  return `${promptVersionOf(model.dialect)}-${hash}`;
}
