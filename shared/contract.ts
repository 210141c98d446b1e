/**
 * What a run is made of. Every document that crosses a process (job payloads, step records, traces) has its schema
 * here; types are inferred from the schemas so that the two cannot differ.
 */
import { z } from 'zod';

/** Version of the record in Redis. A process that meets another version leaves the run to a process that knows it. */
export const RECORD_VERSION = 1;

/** Any JSON value: arguments and results of tools are JSON, never Python reprs or class instances. */
export const jsonObject = z.record(z.string(), z.json());
export type JsonObject = z.infer<typeof jsonObject>;

/** An image of a run, by reference: bytes lie in the object store under their hash, owned by tenant and run. */
export const imageRef = z.object({
  /** `image-0`, `image-1`, ...: input images first, then each image that a tool made takes the next number. */
  name: z.string().regex(/^image-\d+$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  contentType: z.string(),
  /** Pixels, after the EXIF orientation is applied. */
  width: z.int().positive(),
  height: z.int().positive(),
  bytes: z.int().nonnegative(),
  /** Key of the bytes in the object store. */
  key: z.string(),
});
export type ImageRef = z.infer<typeof imageRef>;

/** What the model asks for. Image arguments hold names (`image-0`), never paths or bytes. */
export const action = z.object({ name: z.string(), arguments: jsonObject });
export type Action = z.infer<typeof action>;

/** What a tool gave back: a JSON result and the images it made, or an error that the model can read and act on. */
export const observation = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), result: jsonObject, images: z.array(imageRef) }),
  z.object({ ok: z.literal(false), error: z.object({ code: z.string(), message: z.string() }) }),
]);
export type Observation = z.infer<typeof observation>;

export const tokenUsage = z.object({
  inputTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
  cachedTokens: z.int().nonnegative(),
});
export type TokenUsage = z.infer<typeof tokenUsage>;

/** One model turn. */
export const modelStep = z.object({
  kind: z.literal('model'),
  /** The reply byte for byte, as the backend gave it: what a replay gives again. */
  text: z.string(),
  thought: z.string(),
  actions: z.array(action),
  /** Set when the reply could not be read: the words that go back to the model. */
  problem: z.string().optional(),
  finishReason: z.enum(['stop', 'length']),
  usage: tokenUsage,
  /** Version of the model that said it: the run's own, unless a deploy left no worker of that. */
  modelVersion: z.string().optional(),
});
export type ModelStep = z.infer<typeof modelStep>;

/** One action carried out. */
export const actionStep = z.object({
  kind: z.literal('action'),
  action,
  observation,
  toolVersion: z.string(),
  /** True when the observation came from the tool cache. */
  cached: z.boolean(),
  /** Milliseconds that the tool itself took; 0 from the cache. */
  toolMs: z.number().nonnegative(),
  /** Tokens of the models that the tool asked; they count in the run's budget. */
  usage: tokenUsage.optional(),
});
export type ActionStep = z.infer<typeof actionStep>;

export const step = z.discriminatedUnion('kind', [modelStep, actionStep]);
export type Step = z.infer<typeof step>;

/** A job in any step queue, and nothing more: the record is the truth, a queue carries only hints. */
export const stepJob = z.object({ runId: z.string(), step: z.int(), epoch: z.int().nonnegative() });
export type StepJob = z.infer<typeof stepJob>;

/** How a tool is shown to a model and to a client. */
export const toolSpec = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  /** JSON Schema of the arguments. */
  parameters: jsonObject,
  /** What comes back, in words for the prompt. */
  returns: z.string(),
  example: jsonObject,
  pool: z.string(),
  /** Engine and its weights, as its workers have them: `ppocr-v4@<hash>`. */
  engine: z.string().optional(),
  /** Same arguments and images, same result. */
  deterministic: z.boolean().optional(),
  /** False: only runs that name it get it. */
  offered: z.boolean().optional(),
});
export type ToolSpec = z.infer<typeof toolSpec>;

/** Where an input image comes from, before intake has stored it. */
export const imageSource = z.discriminatedUnion('from', [
  /** https, or s3 for a bucket that may be read. */
  z.object({ from: z.literal('url'), url: z.string() }),
  /** Already in the store (a data URL that the API wrote there, an uploaded file, an artifact), still unchecked. */
  z.object({
    from: z.literal('store'),
    key: z.string(),
    bytes: z.int().nonnegative(),
    /** The object is another's, which may delete it: the run gets a copy. */
    copy: z.literal(true).optional(),
  }),
]);
export type ImageSource = z.infer<typeof imageSource>;

export const budgets = z.object({
  /** Model turns at most. */
  replies: z.int().min(1).max(100),
  /** Tool actions at most; undefined = as many as the replies allow. */
  toolCalls: z.int().min(0).max(1000).optional(),
  /** Output tokens over all turns. */
  outputTokens: z.int().min(1).optional(),
  /** Output tokens of one turn. */
  turnTokens: z.int().min(1),
  /** Active seconds (model and tool time, not waiting). */
  activeSeconds: z.number().positive().optional(),
  /** Tool seconds over all actions. */
  toolSeconds: z.number().positive().optional(),
});
export type Budgets = z.infer<typeof budgets>;

/** Everything that should not change while a run lives: pinned when the run is created. How versions are kept: versions.ts. */
export const runConfig = z.object({
  model: z.string(),
  /** Of the model's entry in models.yaml and the prompt texts; see Models. Each turn records the one that it was made with. */
  modelVersion: z.string(),
  dialect: z.string(),
  prompt: z.enum(['long', 'short']),
  /** Version of the prompt texts. */
  promptVersion: z.string(),
  instructions: z.string().optional(),
  question: z.string(),
  sources: z.array(imageSource),
  tools: z.array(toolSpec),
  budgets,
  temperature: z.number().min(0).max(2),
  topP: z.number().min(0).max(1).optional(),
  seed: z.int().optional(),
  /** Waiting and working may not pass this; epoch milliseconds. */
  deadline: z.int().optional(),
  priority: z.enum(['interactive', 'batch']),
  metadata: z.record(z.string(), z.string()),
  /** The line of a batch that this run answers. */
  batch: z
    .object({
      id: z.string(),
      window: z.int().nonnegative(),
      /** Place in its window, from 0. */
      index: z.int().nonnegative(),
      customId: z.string(),
      endpoint: z.string(),
    })
    .optional(),
  /** A single action that a client asked for itself (over MCP): carried out once, with no model. */
  call: action.optional(),
  /** The run that this one asks again. */
  retryOf: z.string().optional(),
  /** Debugging and tests: take recorded turns, and recorded observations where asked, from this document. */
  replay: z.object({ key: z.string(), observations: z.enum(['recorded', 'live']) }).optional(),
  /** Whether workers tell what the model says while it says it; only where somebody asked to see that. */
  progress: z.boolean().optional(),
  /** Fields of the request that are only echoed in the response. */
  echo: jsonObject,
});
export type RunConfig = z.infer<typeof runConfig>;

export const runStatus = z.enum(['pending', 'running', 'finalizing', 'closed']);
export type RunStatus = z.infer<typeof runStatus>;

/** What the run is at: the kind of work that its current step needs. */
export const stepKind = z.enum(['intake', 'model', 'action', 'finalize']);
export type StepKind = z.infer<typeof stepKind>;

export const runError = z.object({ code: z.string(), message: z.string(), param: z.string().optional() });
export type RunError = z.infer<typeof runError>;

export const outcome = z.object({
  status: z.enum(['completed', 'failed', 'cancelled', 'incomplete']),
  answer: z.string().optional(),
  /** Why it ended: `terminate`, `budget_<name>` with a forced answer, `error`, `cancelled`, `deadline`; `call` where a client's own action was all of it. */
  stopReason: z.string(),
  error: runError.optional(),
});
export type Outcome = z.infer<typeof outcome>;

/** The run record, as workers see it. Times are epoch milliseconds of Redis' clock. */
export interface Run {
  readonly version: number;
  readonly id: string;
  readonly tenant: string;
  readonly status: RunStatus;
  readonly kind: StepKind;
  /** Current step; -1 while intake stores the images, 0 where that is the beginning of a call. */
  readonly step: number;
  /** Raised whenever a step is handed out anew; a worker with an older epoch is too late. */
  readonly epoch: number;
  /** Starts of the current step that did not end in a report: each is a process that died or froze. */
  readonly starts: number;
  /** Attempts of the current step that ended in a reported error that spends an attempt. */
  readonly fails: number;
  readonly config: RunConfig;
  readonly images: readonly ImageRef[];
  readonly steps: readonly (Step & { readonly startedAt: number; readonly endedAt: number })[];
  readonly usage: RunUsage;
  /** Step number of the model turn whose actions are being carried out. */
  readonly turn: number;
  /** Set once a budget is spent: the next reply must be the answer. */
  readonly answerNow: string | undefined;
  /** Model worker that holds the prefix of this run in its cache. */
  readonly holder: string | undefined;
  readonly outcome: Outcome | undefined;
  readonly createdAt: number;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
}

export const runUsage = z.object({
  replies: z.int().nonnegative(),
  toolCalls: z.int().nonnegative(),
  inputTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
  cachedTokens: z.int().nonnegative(),
  /** Active milliseconds of model turns and of tools. */
  modelMs: z.number().nonnegative(),
  toolMs: z.number().nonnegative(),
});
export type RunUsage = z.infer<typeof runUsage>;
