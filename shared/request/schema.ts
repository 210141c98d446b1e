/** The create request as zod: strict, so that a field or value that would have no effect is an error with its name. */
import { z } from 'zod';
import { type RequestField, requestFields } from './fields.ts';

/** Characters; also of the instructions. OpenAI allows more, but a question about images of this length is a mistake. */
export const MAX_QUESTION = 32_768;
/** The longest time that a deadline can lie ahead: 30 days, in seconds. */
export const MAX_DEADLINE_S = 2_592_000;

/** Code that an issue of ours carries to the error body. */
export interface IssueParams {
  readonly code: 'unsupported_parameter' | 'invalid_value' | 'invalid_image_url';
}

const says = (field: RequestField): { error: string } => ({
  error: `'${field}' is not supported as sent. ${requestFields[field].says}`,
});
const refused = (field: RequestField) => z.null(says(field)).optional();
const only = <const V extends string | number | boolean>(field: RequestField, ...values: [V, ...V[]]) =>
  z.literal(values, says(field)).nullish();

const unsupportedPart = (input: unknown): string => {
  const type = typeof input === 'object' && input !== null && 'type' in input ? String(input.type).slice(0, 60) : '';
  return type === ''
    ? 'A content part has a type: "input_text" or "input_image".'
    : `Parts of type "${type}" are not supported: a question has parts of type "input_text" and "input_image".`;
};

const noBreakpoint = z
  .null({ error: 'Prompt cache breakpoints are not supported: the prefix of a run is cached by itself.' })
  .optional();

const inputText = z.strictObject({
  type: z.literal('input_text'),
  text: z.string(),
  prompt_cache_breakpoint: noBreakpoint,
});

const inputImage = z.strictObject({
  type: z.literal('input_image'),
  /** An https URL, a data URL with base64, or s3://bucket/key of a bucket that may be read. */
  image_url: z
    .string({ error: 'image_url is a string here: an https URL, or a data URL with base64 (not an object).' })
    .nullish(),
  /** A file of purpose vision or user_data, or an image that a run has: the file_id of its artifact. */
  file_id: z.string().max(100).nullish(),
  detail: z
    .literal(['auto', 'high'], {
      error:
        'detail may be "auto" or "high": a model sees an image up to its own pixel limit, and tools read the original.',
    })
    .nullish(),
  prompt_cache_breakpoint: noBreakpoint,
});

const contentPart = z.discriminatedUnion('type', [inputText, inputImage], {
  error: (issue) => unsupportedPart(issue.input),
});

const message = z.strictObject({
  type: z
    .literal('message', {
      error: (issue) =>
        `Items of type "${String(issue.input).slice(0, 60)}" belong to conversations, which Cota does not keep: send messages only.`,
    })
    .optional(),
  role: z.enum(['user', 'system', 'developer'], {
    error: (issue) =>
      issue.input === 'assistant'
        ? 'Assistant messages are not supported: a run answers one question. Put what was said before into the question.'
        : 'role may be "user", "system" or "developer".',
  }),
  content: z.union([z.string(), z.array(contentPart)]),
  id: z.string().nullish(),
  status: z.literal('completed').nullish(),
  phase: z.null().optional(),
});
export type InputMessage = z.infer<typeof message>;

const tools = z
  .array(z.looseObject({ type: z.string() }))
  .meta({ maxItems: 0 })
  .superRefine((list, context) => {
    const first = list[0];
    if (!first) return;
    const kind = first.type === 'function' ? 'Function tools' : `Tools of type "${first.type.slice(0, 60)}"`;
    const params: IssueParams = { code: 'unsupported_parameter' };
    context.addIssue({
      code: 'custom',
      path: [0],
      params,
      message: `${kind} are not supported. ${requestFields.tools.says}`,
    });
  });

const NOTHING_TO_INCLUDE = /^(web_search_call|file_search_call|code_interpreter_call|computer_call_output)\./;
const include = z.array(z.string().regex(NOTHING_TO_INCLUDE, says('include')));

/** Options of Cota itself; of all kinds of requests. */
export const vendorOptions = z.strictObject({
  tools: z.array(z.string().max(128)).max(128).nullish(),
  budgets: z
    .strictObject({
      replies: z.int().min(1).max(100).nullish(),
      tool_calls: z.int().min(0).max(1000).nullish(),
      output_tokens: z.int().min(1).nullish(),
      active_seconds: z.number().positive().nullish(),
      tool_seconds: z.number().positive().nullish(),
    })
    .nullish(),
  deadline: z.number().positive().max(MAX_DEADLINE_S).nullish(),
  priority: z.enum(['interactive', 'batch']).nullish(),
  seed: z.int().nullish(),
  prompt: z.enum(['long', 'short']).nullish(),
  replay: z
    .strictObject({ key: z.string().max(900), observations: z.enum(['recorded', 'live']).default('recorded') })
    .nullish(),
  progress: z.boolean().nullish(),
});

/** Field by field what `requestFields` says; the official client's fields are compared with it in the tests. */
export const createRequest = z.strictObject({
  model: z.string().nullish(),
  input: z.union([z.string().max(MAX_QUESTION), z.array(message).max(1_000)]),
  instructions: z.string().max(MAX_QUESTION).nullish(),
  background: z.boolean().nullish(),
  max_output_tokens: z.int().min(1).nullish(),
  max_tool_calls: z.int().min(0).max(1000).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  metadata: z
    .record(z.string().max(64), z.string().max(512))
    .refine((pairs) => Object.keys(pairs).length <= 16, 'metadata may have at most 16 pairs.')
    .meta({ maxProperties: 16 })
    .nullish(),
  user: z.string().max(512).nullish(),
  safety_identifier: z.string().max(64).nullish(),
  prompt_cache_key: z.string().max(512).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  tool_choice: only('tool_choice', 'auto', 'none'),
  tools: tools.nullish(),
  text: z
    .strictObject({
      format: z.strictObject({ type: z.literal('text', says('text')) }, says('text')).nullish(),
      verbosity: only('text', 'medium'),
    })
    .nullish(),
  reasoning: z
    .strictObject({
      summary: only('reasoning', 'auto', 'detailed'),
      generate_summary: only('reasoning', 'auto', 'detailed'),
      effort: refused('reasoning'),
      context: refused('reasoning'),
      mode: refused('reasoning'),
    })
    .nullish(),
  service_tier: only('service_tier', 'auto', 'default'),
  store: only('store', true),
  stream: z.boolean().nullish(),
  truncation: only('truncation', 'disabled'),
  top_logprobs: only('top_logprobs', 0),
  include: include.nullish(),
  stream_options: z.strictObject({ include_obfuscation: only('stream_options', false) }).nullish(),
  previous_response_id: refused('previous_response_id'),
  conversation: refused('conversation'),
  context_management: refused('context_management'),
  moderation: refused('moderation'),
  prompt: refused('prompt'),
  prompt_cache_options: refused('prompt_cache_options'),
  prompt_cache_retention: refused('prompt_cache_retention'),
  cota: vendorOptions.nullish(),
} satisfies Record<RequestField, z.ZodType>);
export type CreateRequest = z.infer<typeof createRequest>;
