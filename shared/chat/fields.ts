/**
 * What becomes of each field of POST /v1/chat/completions: one row for every field that the official client can send.
 * The schema takes its refusals from here and `docs/api.md` shows this table; the words are those of request/fields.ts.
 */
import type { FieldRule } from '../request/fields.ts';

export const chatFields = {
  model: { does: 'honoured', says: 'An id of `/v1/models`; left out, the default of models.yaml.' },
  messages: {
    does: 'honoured',
    says: "Texts of user messages are the question, their `image_url` parts its images (`detail` is taken, and the model sees each image up to its own pixel limit). `system` and `developer` texts are instructions. Earlier answers of the assistant are put into the question as a dialogue. The last message is the user's. Messages of role `tool` and `function`, tool calls, files and audio are refused.",
  },
  max_completion_tokens: {
    does: 'honoured',
    says: 'Output tokens over all model turns, thoughts and actions included; then the answer is asked for.',
  },
  max_tokens: { does: 'honoured', says: 'The same as max_completion_tokens.' },
  temperature: { does: 'honoured', says: '0 to 2; left out, that of models.yaml.' },
  top_p: { does: 'honoured', says: '0 to 1.' },
  seed: { does: 'honoured', says: 'For sampling, where the backend supports it; the same as cota.seed.' },
  stop: {
    does: 'honoured',
    says: 'At most 4 texts: the answer is cut before the first of them that it has. Thoughts are left alone.',
  },
  stream: {
    does: 'honoured',
    says: 'true: server-sent events of `chat.completion.chunk`, thoughts as they are finished and then the answer, up to `data: [DONE]`.',
  },
  stream_options: {
    does: 'limited',
    says: '`include_usage` is honoured; `include_obfuscation` may only be false: events are sent without padding. Only with stream: true.',
  },
  n: { does: 'limited', says: 'Only 1: ask again for another answer.' },
  metadata: {
    does: 'echoed',
    says: 'At most 16 pairs; keys of 64, values of 512 characters. Shown by /v1/responses/{id}.',
  },
  user: { does: 'echoed', says: 'At most 512 characters. Shown by /v1/responses/{id}.' },
  safety_identifier: { does: 'echoed', says: 'At most 64 characters. Shown by /v1/responses/{id}.' },
  prompt_cache_key: { does: 'echoed', says: 'Cota keeps the turns of one run on one worker by itself.' },
  parallel_tool_calls: {
    does: 'honoured',
    says: 'Actions of a run are always carried out one after another: false is what happens, true allows more than is made use of.',
  },
  tool_choice: {
    does: 'limited',
    says: '"auto" and "none" (no tools at all) are supported. To choose tools, name them in extra_body.cota.tools.',
  },
  tools: {
    does: 'limited',
    says: 'Only an empty list: these tools would be run by the client, Cota runs its own. Name them in extra_body.cota.tools; GET /v1/tools lists them.',
  },
  functions: {
    does: 'limited',
    says: 'Only an empty list: functions would be run by the client, Cota runs its own tools. Name them in extra_body.cota.tools.',
  },
  function_call: {
    does: 'refused',
    says: 'Functions would be run by the client: choose tools with extra_body.cota.tools.',
  },
  response_format: { does: 'limited', says: 'Only {"type": "text"}: answers are plain text.' },
  modalities: { does: 'limited', says: 'Only ["text"]: answers are plain text.' },
  verbosity: { does: 'limited', says: 'Only "medium": how long an answer is, the question says.' },
  reasoning_effort: { does: 'refused', says: 'Models here have no effort setting: leave it out.' },
  logprobs: { does: 'limited', says: 'Only false: log probabilities are not kept.' },
  top_logprobs: { does: 'limited', says: 'Only 0: log probabilities are not kept.' },
  logit_bias: { does: 'limited', says: 'Only {}: single tokens cannot be weighted.' },
  frequency_penalty: { does: 'limited', says: 'Only 0: not every backend has it.' },
  presence_penalty: { does: 'limited', says: 'Only 0: not every backend has it.' },
  service_tier: {
    does: 'limited',
    says: 'Only "auto" and "default". For work that may wait, set extra_body.cota.priority to "batch".',
  },
  store: {
    does: 'limited',
    says: 'Only true: a run keeps its trace, so that each step can be looked at. DELETE /v1/responses/{id} removes all of it.',
  },
  audio: { does: 'refused', says: 'Answers are plain text: leave it out.' },
  moderation: { does: 'refused', says: 'Cota does no moderation: leave it out.' },
  prediction: { does: 'refused', says: 'Answers are not predicted: leave it out.' },
  prompt_cache_options: {
    does: 'refused',
    says: 'The prefix of a run is cached by the worker that holds it: leave it out.',
  },
  prompt_cache_retention: { does: 'refused', says: 'The prefix of a run is cached while the run lives: leave it out.' },
  web_search_options: { does: 'refused', says: 'There is no web search: tools are named in extra_body.cota.tools.' },
  cota: {
    does: 'honoured',
    says: 'Options of Cota itself, as for /v1/responses, without `progress`.',
  },
} as const satisfies Record<string, FieldRule>;

export type ChatField = keyof typeof chatFields;
