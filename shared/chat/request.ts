/**
 * A chat completions request -> what a run is pinned to. It is put into the words of a create request and read by the
 * same rules, so that both kinds of requests make the same runs. Pure, as request.ts is.
 */
import { CotaError } from '../errors.ts';
import { parseStrictly } from '../request/issues.ts';
import { MAX_QUESTION } from '../request/schema.ts';
import { type RequestContext, type RequestedRun, readRequest } from '../request.ts';
import { questionOf } from './messages.ts';
import { type ChatRequest, chatRequest } from './schema.ts';

/**
 * @param body the parsed JSON of POST /v1/chat/completions
 * @throws CotaError that names the field of the chat request and says what it may be
 */
export function readChatRequest(body: unknown, context: RequestContext): RequestedRun {
  const request = parseStrictly(chatRequest, body);
  const { question, instructions, images } = questionOf(request.messages);
  for (const [what, text] of [
    ['The messages of user and assistant', question],
    ['System messages', instructions],
  ] as const) {
    if (text.length > MAX_QUESTION) throw tooLong(what, text.length);
  }
  if (images.length > context.imagesPerRun) {
    throw new CotaError(
      'invalid_value',
      `A run takes at most ${context.imagesPerRun} images; these messages have ${images.length}.`,
      { param: 'messages' },
    );
  }
  if (request.stream_options != null && request.stream !== true) {
    throw new CotaError('invalid_value', 'stream_options goes with stream: true; send both or none.', {
      param: 'stream_options',
    });
  }
  const tokens = oneOf('max_completion_tokens', request.max_completion_tokens, 'max_tokens', request.max_tokens);
  const seed = oneOf('seed', request.seed, 'cota.seed', request.cota?.seed);
  const parts = images.map(({ url }) => ({ type: 'input_image', image_url: url, detail: 'auto' }));
  const { model, temperature, top_p, metadata, user, safety_identifier, prompt_cache_key } = request;
  const create = {
    ...{ model, temperature, top_p, metadata, user, safety_identifier, prompt_cache_key },
    input: [{ role: 'user', content: [...parts, { type: 'input_text', text: question }] }],
    instructions: instructions === '' ? null : instructions,
    max_output_tokens: tokens,
    parallel_tool_calls: request.parallel_tool_calls,
    tool_choice: request.tool_choice,
    stream: request.stream,
    cota: { ...request.cota, seed },
  };
  const wanted = readInItsWords(create, context, request);
  const stop = typeof request.stop === 'string' ? [request.stop] : (request.stop ?? []);
  const chat = {
    ...(stop.length > 0 ? { stop } : {}),
    ...(request.stream_options?.include_usage === true ? { include_usage: true } : {}),
  };
  return {
    ...wanted,
    config: { ...wanted.config, echo: { ...wanted.config.echo, chat } },
    images: wanted.images.map((image, index) => ({ ...image, param: images[index]?.param ?? image.param })),
  };
}

/** @throws CotaError with the field as the chat request has it */
function readInItsWords(create: unknown, context: RequestContext, request: ChatRequest): RequestedRun {
  try {
    return readRequest(create, context);
  } catch (error) {
    if (!(error instanceof CotaError) || error.param === undefined) throw error;
    const { code, message, retryAfterMs } = error;
    const tokens = request.max_completion_tokens == null ? 'max_tokens' : 'max_completion_tokens';
    const param = error.param.replace(/^input\b.*/, 'messages').replace('max_output_tokens', tokens);
    throw new CotaError(code, message.replace('max_output_tokens', tokens), {
      param,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }
}

/** Two names of one thing; two different values have no meaning. */
function oneOf<T>(first: string, one: T | null | undefined, second: string, other: T | null | undefined) {
  if (one != null && other != null && one !== other) {
    throw new CotaError('invalid_value', `${first} and ${second} are the same: send one of them.`, { param: second });
  }
  return one ?? other;
}

function tooLong(what: string, length: number): CotaError {
  const words = `${what} may have at most ${MAX_QUESTION.toLocaleString('en')} characters together, got ${length.toLocaleString('en')}: send fewer earlier messages.`;
  return new CotaError('string_above_max_length', words, { param: 'messages' });
}
