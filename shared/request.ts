/** A create request -> what a run is pinned to. Pure: bytes of images and Redis are for those who submit. */
import type { JsonObject, RunConfig, ToolSpec } from './contract.ts';
import { dialectLimits, seenLength } from './dialect-limits.ts';
import { CotaError } from './errors.ts';
import { type ModelEntry, type Models, noSuchModel } from './models.ts';
import { assertKey } from './object-store.ts';
import { promptVersionOf } from './prompt-versions.ts';
import { parseStrictly } from './request/issues.ts';
import { type CreateRequest, createRequest, type InputMessage, MAX_QUESTION } from './request/schema.ts';
import { toolsOf } from './request/tools.ts';

/** Model turns where the request says nothing; the last one must be the answer. */
export const DEFAULT_REPLIES = 10;

export interface RequestContext {
  readonly tenant: string;
  readonly models: Models;
  /** Tools that the cluster knows, served just now or not. */
  readonly tools: readonly ToolSpec[];
  /** Name -> why a run that names no tools does without it; see Fleet. */
  readonly withheld: ReadonlyMap<string, string>;
  readonly imagesPerRun: number;
  /** Epoch milliseconds of Redis' clock: deadlines are compared with that. */
  readonly now: number;
}

/** An image as the request has it: a URL of any kind, still unchecked. */
export interface RequestedUrl {
  readonly url: string;
  /** Where it stands, for errors: `input[0].content[1].image_url`. */
  readonly param: string;
}

/** Or the id of a file. */
export type RequestedImage = RequestedUrl | { readonly fileId: string; readonly param: string };

export interface RequestedRun {
  readonly config: Omit<RunConfig, 'sources'>;
  readonly images: readonly RequestedImage[];
  readonly background: boolean;
  /** Whether the answer is server-sent events. */
  readonly stream: boolean;
}

/**
 * @param body the parsed JSON of POST /v1/responses
 * @throws CotaError that names the field and says what it may be
 */
export function readRequest(body: unknown, context: RequestContext): RequestedRun {
  const request = parseStrictly(createRequest, body);
  const { model, entry } = modelOf(request, context.models);
  const { question, system, images } = inputOf(request.input);
  if (question.trim() === '') {
    throw new CotaError('missing_required_parameter', 'There is no question: send text in `input`.', {
      param: 'input',
    });
  }
  if (question.length > MAX_QUESTION) tooLong('The question', question.length);
  assertFits(question, request, model, entry);
  if (images.length > context.imagesPerRun) {
    throw new CotaError(
      'invalid_value',
      `A run takes at most ${context.imagesPerRun} images; there are ${images.length}.`,
      {
        param: 'input',
      },
    );
  }
  const instructions = [request.instructions ?? '', ...system].filter((text) => text.trim() !== '').join('\n\n');
  if (instructions.length > MAX_QUESTION) tooLong('`instructions` and system messages', instructions.length);
  const { seed, deadline, replay, prompt, priority, progress } = request.cota ?? {};
  if (replay) assertOwnKey(replay.key, context.tenant);
  const config: Omit<RunConfig, 'sources'> = {
    model,
    modelVersion: entry.version,
    dialect: entry.dialect,
    prompt: prompt ?? entry.prompt,
    promptVersion: promptVersionOf(entry.dialect),
    // Not kept where the model never sees them: the response then says `instructions: null`.
    ...(instructions === '' || !dialectLimits[entry.dialect].instructions ? {} : { instructions }),
    question,
    tools: toolsOf(request, model, entry, context),
    budgets: budgetsOf(request, entry),
    temperature: request.temperature ?? entry.temperature,
    ...(request.top_p == null ? {} : { topP: request.top_p }),
    ...(seed == null ? {} : { seed }),
    ...(deadline == null ? {} : { deadline: Math.ceil(context.now + deadline * 1000) }),
    priority: priority ?? 'interactive',
    metadata: request.metadata ?? {},
    ...(replay ? { replay } : {}),
    ...(progress ? { progress } : {}),
    echo: echoOf(request),
  };
  if (request.stream_options != null && request.stream !== true) {
    throw new CotaError('invalid_value', 'stream_options goes with stream: true; send both or none.', {
      param: 'stream_options',
    });
  }
  return { config, images, background: request.background ?? false, stream: request.stream ?? false };
}

function tooLong(what: string, length: number): never {
  const words = `${what} may have at most ${MAX_QUESTION.toLocaleString('en')} characters, got ${length.toLocaleString('en')}.`;
  throw new CotaError('string_above_max_length', words, { param: 'input' });
}

/** @throws CotaError for what this model would not get to see */
function assertFits(question: string, request: CreateRequest, model: string, entry: ModelEntry): void {
  const limits = dialectLimits[entry.dialect];
  const length = limits.question === undefined ? 0 : seenLength(question);
  if (length > (limits.question ?? 0)) {
    throw new CotaError(
      'string_above_max_length',
      `The model '${model}' takes questions of at most ${limits.question} characters, got ${length.toLocaleString('en')}: ask shortly, or choose a larger model.`,
      { param: 'input' },
    );
  }
  if (request.cota?.prompt != null && !limits.promptForms) {
    throw new CotaError(
      'unsupported_parameter',
      `The model '${model}' has one form of its prompt: leave cota.prompt out.`,
      {
        param: 'cota.prompt',
      },
    );
  }
  if (request.cota?.replay != null && entry.backend !== 'replay') {
    throw new CotaError(
      'invalid_value',
      `cota.replay needs a model whose backend is "replay" (see docs/models.md); '${model}' would answer by itself.`,
      { param: 'cota.replay' },
    );
  }
}

function modelOf(request: CreateRequest, models: Models): { model: string; entry: ModelEntry & { version: string } } {
  const model = request.model ?? models.default;
  if (model === undefined) {
    throw new CotaError('missing_required_parameter', 'Name a model: models.yaml has no default.', { param: 'model' });
  }
  const entry = models.get(model);
  if (entry) return { model, entry };
  throw noSuchModel(model, models.ids, 'model');
}

interface Input {
  readonly question: string;
  /** Texts of system and developer messages. */
  readonly system: readonly string[];
  readonly images: readonly RequestedImage[];
}

/** One question out of the messages: user texts in order, images numbered as they come. */
function inputOf(input: CreateRequest['input']): Input {
  if (typeof input === 'string') return { question: input, system: [], images: [] };
  const user: string[] = [];
  const system: string[] = [];
  const images: RequestedImage[] = [];
  for (const [index, message] of input.entries()) {
    const { text, urls } = contentOf(message, `input[${index}].content`);
    if (message.role === 'user') {
      user.push(text);
      images.push(...urls);
      continue;
    }
    if (urls[0]) {
      throw new CotaError('invalid_value', 'Images belong into user messages.', { param: urls[0].param });
    }
    system.push(text);
  }
  return { question: user.filter((text) => text.trim() !== '').join('\n\n'), system, images };
}

function contentOf(message: InputMessage, at: string): { text: string; urls: readonly RequestedImage[] } {
  if (typeof message.content === 'string') return { text: message.content, urls: [] };
  const texts: string[] = [];
  const urls: RequestedImage[] = [];
  for (const [index, part] of message.content.entries()) {
    if (part.type === 'input_text') {
      texts.push(part.text);
      continue;
    }
    urls.push(imageOf(part, `${at}[${index}]`));
  }
  return { text: texts.join('\n'), urls };
}

function imageOf(
  part: Extract<Exclude<InputMessage['content'], string>[number], { type: 'input_image' }>,
  at: string,
): RequestedImage {
  const { image_url: url, file_id: fileId } = part;
  const param = `${at}.image_url`;
  if (url != null && fileId != null) {
    throw new CotaError('invalid_value', 'image_url and file_id name two images: send one of them.', {
      param: `${at}.file_id`,
    });
  }
  if (fileId != null) return { fileId, param: `${at}.file_id` };
  if (url != null) return { url, param };
  throw new CotaError('missing_required_parameter', `Missing required parameter: '${param}'.`, { param });
}

function budgetsOf(request: CreateRequest, entry: ModelEntry): RunConfig['budgets'] {
  const own = request.cota?.budgets ?? {};
  const toolCalls = oneOf('tool_calls', own.tool_calls, 'max_tool_calls', request.max_tool_calls);
  const outputTokens = oneOf('output_tokens', own.output_tokens, 'max_output_tokens', request.max_output_tokens);
  return {
    replies: own.replies ?? DEFAULT_REPLIES,
    turnTokens: entry.max_turn_tokens,
    ...(toolCalls == null ? {} : { toolCalls }),
    ...(outputTokens == null ? {} : { outputTokens }),
    ...(own.active_seconds == null ? {} : { activeSeconds: own.active_seconds }),
    ...(own.tool_seconds == null ? {} : { toolSeconds: own.tool_seconds }),
  };
}

/** A budget can be named twice; two different values have no meaning. */
function oneOf(budget: string, own: number | null | undefined, field: string, theirs: number | null | undefined) {
  if (own != null && theirs != null && own !== theirs) {
    throw new CotaError('invalid_value', `${field} and cota.budgets.${budget} are the same budget: send one of them.`, {
      param: field,
    });
  }
  return own ?? theirs;
}

/** Recordings are read from the tenant's own part of the store, and from nowhere else. */
function assertOwnKey(key: string, tenant: string): void {
  const own = `t/${tenant}/`;
  try {
    assertKey(key);
    if (key.startsWith(own)) return;
  } catch {
    // Told below, in the words of the request.
  }
  throw new CotaError('invalid_value', `cota.replay.key must be the key of a recording under ${own}.`, {
    param: 'cota.replay.key',
  });
}

/** Fields that the response gives back as they were sent. What the run itself is pinned to is read from its config. */
const ECHOED = [
  'background',
  'max_output_tokens',
  'max_tool_calls',
  'parallel_tool_calls',
  'prompt_cache_key',
  'reasoning',
  'safety_identifier',
  'service_tier',
  'text',
  'tool_choice',
  'user',
] as const satisfies readonly (keyof CreateRequest)[];

function echoOf(request: CreateRequest): JsonObject {
  const given = ECHOED.filter((field) => request[field] != null).map((field) => [field, request[field]]);
  return JSON.parse(JSON.stringify(Object.fromEntries(given))) as JsonObject;
}
