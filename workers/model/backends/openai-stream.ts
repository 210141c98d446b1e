/** Reads a chat completion as it streams in: text, why it ended, and what it cost. */
import { z } from 'zod';
import type { TokenUsage } from '../../../shared/contract.ts';
import { BackendAway, BackendRefused, type Generation } from './backend.ts';
import { errorOf, readServerError } from './openai-errors.ts';

const content = z.union([z.string(), z.array(z.object({ text: z.string().nullish() }))]).nullish();
const message = z.object({ content, reasoning_content: z.string().nullish(), reasoning: z.string().nullish() });
const usage = z.object({
  prompt_tokens: z.number().nullish(),
  completion_tokens: z.number().nullish(),
  prompt_tokens_details: z.object({ cached_tokens: z.number().nullish() }).nullish(),
});
const chunk = z.object({
  choices: z
    .array(z.object({ delta: message.nullish(), message: message.nullish(), finish_reason: z.string().nullish() }))
    .nullish(),
  usage: usage.nullish(),
  error: z.unknown().optional(),
});

export interface Completion {
  /** Takes one event's data. @returns the text that it brought; undefined when it brought none of any kind */
  take(data: string): { readonly text: string } | undefined;
  /** @throws BackendAway when the stream ended before its end */
  finish(): Generation;
}

/**
 * What of a completion counts as the reply is its `content`. Reasoning that a server parts from it
 * (`reasoning_content`, `reasoning`) is no part of the reply: chat templates drop it from later turns, so it could not
 * stand in the next prompt. It shows only as output tokens, and as a sign of life.
 */
export function openCompletion(server: string): Completion {
  const text: string[] = [];
  let pieces = 0;
  let reason: string | undefined;
  let ended = false;
  let tokens: z.infer<typeof usage> | undefined;
  return {
    take(data) {
      if (data.trim() === '[DONE]') {
        ended = true;
        return undefined;
      }
      const event = readChunk(data, server);
      tokens = event.usage ?? tokens;
      const choice = event.choices?.[0];
      reason = choice?.finish_reason ?? reason;
      const part = choice?.delta ?? choice?.message;
      const piece = contentText(part?.content);
      const thinking = part?.reasoning_content ?? part?.reasoning ?? '';
      if (piece === '' && thinking === '') return undefined;
      pieces++;
      if (piece !== '') text.push(piece);
      return { text: piece };
    },
    finish() {
      if (reason === undefined && !ended) throw broken(`${server} broke off in the middle of its reply`);
      if (reason === 'content_filter') {
        throw new BackendRefused('model_refused', `${server} held the reply back (content_filter)`);
      }
      if (reason === 'abort' || reason === 'error') throw broken(`${server} gave the reply up (${reason})`);
      return {
        text: text.join(''),
        finishReason: reason === 'length' ? 'length' : 'stop',
        usage: tokenUsage(tokens, pieces),
      };
    },
  };
}

const broken = (message: string): BackendAway => new BackendAway(message, undefined, { hadRequest: true });

function readChunk(data: string, server: string): z.infer<typeof chunk> {
  let parsed: ReturnType<typeof chunk.safeParse>;
  try {
    parsed = chunk.safeParse(JSON.parse(data));
  } catch {
    throw broken(`${server} sent something that is no chat completion: ${data.slice(0, 80)}`);
  }
  if (!parsed.success) {
    throw broken(`${server} sent something that is no chat completion: ${data.slice(0, 80)}`);
  }
  const { error } = parsed.data;
  if (error === undefined || error === null) return parsed.data;
  // An error in the middle of a stream carries in its body what the HTTP status would have been.
  const status = Number((error as { code?: unknown }).code);
  throw errorOf(status >= 400 && status < 600 ? status : 500, readServerError(data), server, undefined);
}

const contentText = (value: z.infer<typeof content>): string =>
  typeof value === 'string' ? value : (value?.map((part) => part.text ?? '').join('') ?? '');

/** A server that tells no usage leaves what can be counted from here: pieces of text, of about a token each. */
function tokenUsage(told: z.infer<typeof usage> | undefined, pieces: number): TokenUsage {
  const whole = (value: number | null | undefined, otherwise: number): number =>
    value === null || value === undefined ? otherwise : Math.max(0, Math.round(value));
  return {
    inputTokens: whole(told?.prompt_tokens, 0),
    outputTokens: whole(told?.completion_tokens, pieces),
    cachedTokens: whole(told?.prompt_tokens_details?.cached_tokens, 0),
  };
}
