/** The chat completions request as zod: strict, as request/schema.ts is, so that nothing is silently ignored. */
import { z } from 'zod';
import { type IssueParams, MAX_QUESTION, vendorOptions } from '../request/schema.ts';
import { type ChatField, chatFields } from './fields.ts';

const says = (field: ChatField): { error: string } => ({
  error: `'${field}' is not supported as sent. ${chatFields[field].says}`,
});
const refused = (field: ChatField) => z.null(says(field)).optional();
const only = <const V extends string | number | boolean>(field: ChatField, ...values: [V, ...V[]]) =>
  z.literal(values, says(field)).nullish();

const partType = (input: unknown): string =>
  typeof input === 'object' && input !== null && 'type' in input ? String(input.type).slice(0, 60) : '';

const textPart = z.strictObject({ type: z.literal('text'), text: z.string() });
const imagePart = z.strictObject({
  type: z.literal('image_url'),
  image_url: z.strictObject(
    { url: z.string(), detail: z.literal(['auto', 'low', 'high']).nullish() },
    {
      error: (issue) =>
        issue.code === 'invalid_type'
          ? 'image_url is an object here: {"url": "https://..." or a data URL}.'
          : undefined,
    },
  ),
});
const userPart = z.discriminatedUnion('type', [textPart, imagePart], {
  error: (issue) => {
    const type = partType(issue.input);
    return type === ''
      ? 'A content part has a type: "text" or "image_url".'
      : `Parts of type "${type}" are not supported: a user message has parts of type "text" and "image_url".`;
  },
});
const assistantPart = z.discriminatedUnion('type', [
  textPart,
  z.strictObject({ type: z.literal('refusal'), refusal: z.string() }),
]);

const NO_CALLS = 'Tool calls in earlier messages are not supported: Cota runs its own tools and answers in text.';
const none = z.null({ error: NO_CALLS }).optional();

const system = z.strictObject({
  role: z.enum(['system', 'developer']),
  content: z.union([z.string(), z.array(textPart)]),
  name: z.null({ error: 'Only user and assistant messages may have a name.' }).optional(),
});
const user = z.strictObject({
  role: z.literal('user'),
  content: z.union([z.string(), z.array(userPart)]),
  name: z.string().max(64).nullish(),
});
/** Also what an answer of ours holds, since chat programs send that back as it came. */
const assistant = z.strictObject({
  role: z.literal('assistant'),
  content: z.union([z.string(), z.array(assistantPart)]).nullish(),
  refusal: z.string().nullish(),
  reasoning_content: z.string().nullish(),
  reasoning: z.string().nullish(),
  name: z.string().max(64).nullish(),
  annotations: z.array(z.unknown()).nullish(),
  tool_calls: z.array(z.unknown()).max(0, { error: NO_CALLS }).nullish(),
  function_call: none,
  audio: none,
});
const message = z.discriminatedUnion('role', [system, user, assistant], {
  error: (issue) => {
    const role =
      typeof issue.input === 'object' && issue.input !== null && 'role' in issue.input ? issue.input.role : undefined;
    return role === 'tool' || role === 'function'
      ? `Messages of role "${role}" answer tool calls, and Cota's answers have none: it runs its own tools.`
      : 'A message is an object whose role is "user", "assistant", "system" or "developer".';
  },
});
export type ChatMessage = z.infer<typeof message>;

const noTools = (field: 'tools' | 'functions') =>
  z
    .array(z.unknown())
    .meta({ maxItems: 0 })
    .superRefine((list, context) => {
      if (list.length === 0) return;
      const params: IssueParams = { code: 'unsupported_parameter' };
      const kind = field === 'functions' || partType(list[0]) === 'function' ? 'Function tools' : 'These tools';
      const words = `${kind} are not supported. ${chatFields[field].says}`;
      context.addIssue({ code: 'custom', path: [0], params, message: words });
    })
    .nullish();

const stop = z.string().min(1).max(MAX_QUESTION);

/** Field by field what `chatFields` says; the official client's fields are compared with it in the tests. */
export const chatRequest = z.strictObject({
  model: z.string().nullish(),
  messages: z.array(message).min(1, { error: 'There is no message: send at least one of role "user".' }).max(1_000),
  max_completion_tokens: z.int().min(1).nullish(),
  max_tokens: z.int().min(1).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  seed: z.int().nullish(),
  stop: z.union([stop, z.array(stop).max(4)]).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z
    .strictObject({
      include_usage: z.boolean().nullish(),
      include_obfuscation: only('stream_options', false),
    })
    .nullish(),
  n: only('n', 1),
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
  tools: noTools('tools'),
  functions: noTools('functions'),
  function_call: refused('function_call'),
  response_format: z
    .strictObject({ type: z.literal('text', says('response_format')) }, says('response_format'))
    .nullish(),
  modalities: z.array(z.literal('text', says('modalities'))).nullish(),
  verbosity: only('verbosity', 'medium'),
  reasoning_effort: refused('reasoning_effort'),
  logprobs: only('logprobs', false),
  top_logprobs: only('top_logprobs', 0),
  logit_bias: z.strictObject({}, says('logit_bias')).nullish(),
  frequency_penalty: only('frequency_penalty', 0),
  presence_penalty: only('presence_penalty', 0),
  service_tier: only('service_tier', 'auto', 'default'),
  store: only('store', true),
  audio: refused('audio'),
  moderation: refused('moderation'),
  prediction: refused('prediction'),
  prompt_cache_options: refused('prompt_cache_options'),
  prompt_cache_retention: refused('prompt_cache_retention'),
  web_search_options: refused('web_search_options'),
  cota: vendorOptions.extend({ progress: z.literal(false, { error: chatFields.cota.says }).nullish() }).nullish(),
} satisfies Record<ChatField, z.ZodType>);
export type ChatRequest = z.infer<typeof chatRequest>;
