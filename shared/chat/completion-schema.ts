/** A chat completion and its chunks as zod: OpenAI's fields, thoughts in `reasoning_content`, Cota's facts under `cota`. */
import { z } from 'zod';
import { vendorFacts } from '../response/schema.ts';

const count = z.int().nonnegative();
const finishReason = z.enum(['stop', 'length']);

const usage = z.strictObject({
  prompt_tokens: count,
  completion_tokens: count,
  total_tokens: count,
  prompt_tokens_details: z.strictObject({ cached_tokens: count, audio_tokens: z.literal(0) }),
  completion_tokens_details: z.strictObject({ reasoning_tokens: z.literal(0), audio_tokens: z.literal(0) }),
});
export type ChatUsage = z.infer<typeof usage>;

const common = {
  id: z.string().describe('chatcmpl- and the id of the run.'),
  created: z.int().describe('Unix seconds.'),
  model: z.string(),
  service_tier: z.literal('default'),
  system_fingerprint: z.string().describe("Version of the model's entry in models.yaml and of the prompt texts."),
};

export const chatCompletion = z.strictObject({
  ...common,
  object: z.literal('chat.completion'),
  choices: z.array(
    z.strictObject({
      index: z.literal(0),
      message: z.strictObject({
        role: z.literal('assistant'),
        content: z.string(),
        refusal: z.null(),
        reasoning_content: z.string().nullable().describe('The thoughts of all turns.'),
      }),
      logprobs: z.null(),
      finish_reason: finishReason.describe('length: a budget was spent and no answer came.'),
    }),
  ),
  usage: usage.describe('The sum over all model turns.'),
  cota: vendorFacts,
});
export type ChatCompletion = z.infer<typeof chatCompletion>;

export const chatChunk = z.strictObject({
  ...common,
  object: z.literal('chat.completion.chunk'),
  choices: z.array(
    z.strictObject({
      index: z.literal(0),
      delta: z.strictObject({
        role: z.literal('assistant').optional(),
        content: z.string().optional(),
        reasoning_content: z.string().optional(),
      }),
      logprobs: z.null(),
      finish_reason: finishReason.nullable(),
    }),
  ),
  usage: usage.nullable().optional().describe('With stream_options.include_usage: in the last chunk, null before it.'),
  cota: vendorFacts.optional().describe('In the chunk that has a finish_reason.'),
});
export type ChatChunk = z.infer<typeof chatChunk>;
