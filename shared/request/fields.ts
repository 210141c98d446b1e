/**
 * What becomes of each field of a create request: one row for every field that the official client can send. The
 * schema takes its refusals from here and `docs/api.md` shows this table, so nothing is silently ignored.
 *
 * - honoured: the run does what the field says.
 * - echoed: kept and given back; nothing else depends on it.
 * - limited: some values are honoured, the others refused.
 * - refused: anything but null is a 400 with these words.
 */
export interface FieldRule {
  readonly does: 'honoured' | 'echoed' | 'limited' | 'refused';
  readonly says: string;
}

export const requestFields = {
  model: { does: 'honoured', says: 'An id of `/v1/models`; left out, the default of models.yaml.' },
  input: {
    does: 'honoured',
    says: 'A question as text, or messages of role `user`, `system` and `developer` with `input_text` and `input_image` parts. Texts of several user messages are joined in order, system texts follow `instructions`. Assistant messages and files are refused: a run answers one question.',
  },
  instructions: {
    does: 'honoured',
    says: 'Added to the system prompt. A model of dialect `nano` has none: it does not read them, and the response says `instructions: null`.',
  },
  background: {
    does: 'honoured',
    says: 'true: answers at once with the response as it is, `queued` or `in_progress`. Otherwise waits, for at most COTA_WAIT_MS, and then answers with the response as it is, perhaps `in_progress`.',
  },
  max_output_tokens: { does: 'honoured', says: 'Output tokens over all model turns; then the answer is asked for.' },
  max_tool_calls: { does: 'honoured', says: 'Tool actions at most; then the answer is asked for.' },
  temperature: { does: 'honoured', says: '0 to 2; left out, that of models.yaml.' },
  top_p: { does: 'honoured', says: '0 to 1.' },
  metadata: { does: 'echoed', says: 'At most 16 pairs; keys of 64, values of 512 characters.' },
  user: { does: 'echoed', says: 'At most 512 characters.' },
  safety_identifier: { does: 'echoed', says: 'At most 64 characters.' },
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
  text: { does: 'limited', says: 'Only {"format": {"type": "text"}} and verbosity "medium": answers are plain text.' },
  reasoning: {
    does: 'limited',
    says: 'Only {"summary": "auto"} or "detailed": thoughts are given in full. Models here have no effort setting.',
  },
  service_tier: {
    does: 'limited',
    says: 'Only "auto" and "default". For work that may wait, set extra_body.cota.priority to "batch".',
  },
  store: {
    does: 'limited',
    says: 'Only true: a run keeps its trace, so that each step can be looked at. DELETE /v1/responses/{id} removes all of it.',
  },
  stream: {
    does: 'honoured',
    says: 'true: server-sent events, numbered, as they are described below. The run goes on if the client goes away, and its events are read on with GET /v1/responses/{id}?stream=true&starting_after=N.',
  },
  truncation: { does: 'limited', says: 'Only "disabled": a conversation that grows too long fails the run.' },
  top_logprobs: { does: 'limited', says: 'Only 0: log probabilities are not kept.' },
  include: {
    does: 'limited',
    says: 'Only values about items that no response of Cota has (web search, file search, code interpreter, computer calls), which add nothing. Encrypted reasoning, input images and log probabilities cannot be included.',
  },
  stream_options: {
    does: 'limited',
    says: 'Only {"include_obfuscation": false}, with stream: true: events are sent without padding.',
  },
  previous_response_id: {
    does: 'refused',
    says: 'Runs do not build on each other: put what the model must know into the question.',
  },
  conversation: {
    does: 'refused',
    says: 'Cota keeps no conversations: put what the model must know into the question.',
  },
  context_management: { does: 'refused', says: 'A run keeps its whole context: leave it out.' },
  moderation: { does: 'refused', says: 'Cota does no moderation: leave it out.' },
  prompt: { does: 'refused', says: 'There are no stored prompts: send the text as `instructions` and `input`.' },
  prompt_cache_options: {
    does: 'refused',
    says: 'The prefix of a run is cached by the worker that holds it: leave it out.',
  },
  prompt_cache_retention: {
    does: 'refused',
    says: 'The prefix of a run is cached while the run lives: leave it out.',
  },
  cota: { does: 'honoured', says: 'Options of Cota itself, below.' },
} as const satisfies Record<string, FieldRule>;

export type RequestField = keyof typeof requestFields;

/** Options under `cota` (in the official clients: `extra_body.cota`, or `cota` in the body of the JavaScript client). */
export const vendorFields = {
  tools:
    "Names of tools that the run may use; left out, those of its model's entry in models.yaml, else all that can work now. [] is none.",
  'budgets.replies': 'Model turns at most, 1 to 100; 10 by default. The last one must be the answer.',
  'budgets.tool_calls': 'Tool actions at most, 0 to 1,000; the same as max_tool_calls.',
  'budgets.output_tokens': 'Output tokens over all turns; the same as max_output_tokens.',
  'budgets.active_seconds': 'Seconds of model and tool time together; waiting in queues does not count.',
  'budgets.tool_seconds': 'Seconds of tool time.',
  deadline: 'Seconds from now after which the run fails, waiting included; at most 30 days.',
  priority: '"interactive" (default) or "batch": batch work goes after interactive work.',
  seed: 'For sampling, where the backend supports it.',
  prompt:
    '"long" explains each tool, "short" is for models trained on this format; left out, that of models.yaml. Refused for models of dialect `nano`, which have one form.',
  replay:
    'For debugging: {key, observations} takes the turns of a recording in your own part of the store, for a model whose backend is `replay`, and "recorded" or "live" observations.',
  progress:
    'true: streams of this run also carry what the model says while it says it, as events of the type `cota.progress`, which have no number. The stream helpers of the official clients may not know that type: read the events yourself (create with stream: true).',
} as const satisfies Record<string, string>;
