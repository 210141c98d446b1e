/** The Response object as zod: OpenAI's fields, and Cota's facts under `cota`. OpenAPI is made from it. */
import { z } from 'zod';

const completed = z.literal('completed');

const item = z.discriminatedUnion('type', [
  z.strictObject({
    id: z.string(),
    type: z.literal('reasoning'),
    summary: z.array(z.strictObject({ type: z.literal('summary_text'), text: z.string() })),
    status: completed,
  }),
  z.strictObject({
    id: z.string(),
    type: z.literal('function_call'),
    call_id: z.string(),
    name: z.string(),
    arguments: z.string().describe('JSON'),
    status: completed,
  }),
  z.strictObject({
    id: z.string(),
    type: z.literal('function_call_output'),
    call_id: z.string(),
    output: z.union([
      z.string().describe('JSON'),
      z.array(
        z.discriminatedUnion('type', [
          z.strictObject({ type: z.literal('input_text'), text: z.string() }),
          z.strictObject({ type: z.literal('input_image'), file_id: z.string(), detail: z.literal('auto') }),
        ]),
      ),
    ]),
    status: completed,
  }),
  z.strictObject({
    id: z.string(),
    type: z.literal('message'),
    role: z.literal('assistant'),
    status: completed,
    content: z.array(
      z.strictObject({
        type: z.literal('output_text'),
        text: z.string(),
        annotations: z.array(z.never()),
        logprobs: z.array(z.never()),
      }),
    ),
  }),
]);
export type ResponseItem = z.infer<typeof item>;

const nullableNumber = z.number().nullable();
const nullableText = z.string().nullable();
const count = z.int().nonnegative();

export const vendorFacts = z.strictObject({
  run_id: z.string(),
  trace: z.string().describe('Where the trace is read once the run has ended.'),
  stop_reason: nullableText.describe(
    'terminate, budget_<name>, error, cancelled or deadline; call: a tool was called without a model.',
  ),
  priority: z.enum(['interactive', 'batch']),
  deadline: nullableNumber.describe('Unix seconds.'),
  seed: nullableNumber,
  prompt: z.enum(['long', 'short']),
  tools: z.array(z.string()),
  budgets: z.strictObject({
    replies: count,
    tool_calls: nullableNumber,
    output_tokens: nullableNumber,
    active_seconds: nullableNumber,
    tool_seconds: nullableNumber,
  }),
  usage: z.strictObject({ replies: count, tool_calls: count, model_ms: z.number(), tool_ms: z.number() }),
  images: z.array(
    z.strictObject({
      name: z.string().describe('image-0, image-1, ...: inputs first, then what tools made.'),
      file_id: z.string(),
      url: z.string(),
      content_type: z.string(),
      width: z.int(),
      height: z.int(),
      bytes: count,
    }),
  ),
  notice: z.string().optional().describe('Why a waiting run does not start, where that is known.'),
});
export type VendorFacts = z.infer<typeof vendorFacts>;

export const responseObject = z.strictObject({
  id: z.string(),
  object: z.literal('response'),
  created_at: z.int().describe('Unix seconds.'),
  status: z.enum(['queued', 'in_progress', 'completed', 'failed', 'cancelled', 'incomplete']),
  background: z.boolean(),
  completed_at: z.int().nullable(),
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  incomplete_details: z.strictObject({ reason: z.string() }).nullable(),
  instructions: nullableText,
  max_output_tokens: nullableNumber,
  max_tool_calls: nullableNumber,
  metadata: z.record(z.string(), z.string()),
  model: z.string(),
  output: z.array(item),
  parallel_tool_calls: z.boolean(),
  previous_response_id: z.null(),
  prompt_cache_key: nullableText,
  reasoning: z.strictObject({ effort: z.null(), summary: z.enum(['auto', 'detailed']).nullable() }),
  safety_identifier: nullableText,
  service_tier: z.literal('default'),
  store: z.literal(true),
  temperature: z.number(),
  text: z.strictObject({ format: z.strictObject({ type: z.literal('text') }), verbosity: z.literal('medium') }),
  tool_choice: z.enum(['auto', 'none']),
  tools: z.array(z.never()).describe('Always empty: Cota runs its own tools, see cota.tools.'),
  top_logprobs: z.literal(0),
  top_p: z.number(),
  truncation: z.literal('disabled'),
  usage: z
    .strictObject({
      input_tokens: count,
      input_tokens_details: z.strictObject({ cached_tokens: count, cache_write_tokens: count }),
      output_tokens: count,
      output_tokens_details: z.strictObject({ reasoning_tokens: count }),
      total_tokens: count,
    })
    .nullable()
    .describe('The sum over all model turns; null until the run has ended.'),
  user: nullableText,
  cota: vendorFacts,
});
export type ResponseObject = z.infer<typeof responseObject>;
