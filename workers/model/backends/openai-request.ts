/** The body of a chat completion request, in the part of the API that every compatible server has. */
import type { JsonObject } from '../../../shared/contract.ts';
import type { GenerateRequest, PromptMessage, PromptPart } from './backend.ts';

export interface OpenAiOptions {
  /** Up to and with the version: `http://localhost:8000/v1`. */
  readonly baseUrl: string;
  /** The name under which the server knows the model. */
  readonly model: string;
  readonly apiKey?: string | undefined;
  readonly maxTokensField?: 'max_tokens' | 'max_completion_tokens' | undefined;
  /** Added to each request as they stand, over everything else; null takes a field out. */
  readonly extraBody?: JsonObject | undefined;
  readonly connectTimeoutMs?: number | undefined;
  /** From sending the request to the first piece of text: prompt processing and the server's own queue. */
  readonly firstTokenTimeoutMs?: number | undefined;
  /** Between two pieces of text. */
  readonly tokenTimeoutMs?: number | undefined;
  readonly totalTimeoutMs?: number | undefined;
}

/** What a server turned out not to know. Learned from its first refusal and kept while the process lives. */
export interface Quirks {
  streamOptions: boolean;
  maxTokensField: 'max_tokens' | 'max_completion_tokens';
}

type ChatPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image_url'; readonly image_url: { readonly url: string } };

export interface ChatMessage {
  readonly role: PromptMessage['role'];
  readonly content: string | readonly ChatPart[];
}

export function requestBody(
  options: OpenAiOptions,
  quirks: Quirks,
  request: GenerateRequest,
  messages: readonly ChatMessage[],
): string {
  const body: Record<string, unknown> = {
    model: options.model,
    messages,
    stream: true,
    temperature: request.temperature,
    [quirks.maxTokensField]: request.maxTokens,
  };
  if (quirks.streamOptions) body.stream_options = { include_usage: true };
  if (request.topP !== undefined) body.top_p = request.topP;
  if (request.seed !== undefined) body.seed = request.seed;
  for (const [field, value] of Object.entries(options.extraBody ?? {})) {
    if (value === null) delete body[field];
    else body[field] = value;
  }
  return JSON.stringify(body);
}

/**
 * The conversation as chat messages. Text goes as a string, which servers without images take too; pictures go as data
 * URLs in parts. Images that tools made stand in user messages, as few servers take them in any other role.
 */
export async function chatMessages(request: GenerateRequest): Promise<readonly ChatMessage[]> {
  const urls = new Map<string, Promise<string>>();
  const urlOf = (part: Extract<PromptPart, { type: 'image' }>): Promise<string> => {
    const known = urls.get(part.image.sha256);
    if (known !== undefined) return known;
    const url = request.image(part.image).then(({ bytes, contentType }) => {
      return `data:${contentType};base64,${bytes.toString('base64')}`;
    });
    urls.set(part.image.sha256, url);
    return url;
  };
  return await Promise.all(
    request.messages.map(async ({ role, content }) => {
      if (content.every((part) => part.type === 'text'))
        return { role, content: content.map((part) => part.text).join('') };
      const parts = await Promise.all(
        content.map(async (part): Promise<ChatPart> => {
          return part.type === 'text' ? part : { type: 'image_url', image_url: { url: await urlOf(part) } };
        }),
      );
      return { role, content: parts };
    }),
  );
}

/**
 * Learns from a refusal which field the server does not know.
 * @param sent what the refused request was sent with; others may have learned since
 * @returns true when the request is worth sending once more
 */
export function learn(quirks: Quirks, sent: Quirks, refusal: string): boolean {
  if (sent.streamOptions && /stream_options|include_usage/i.test(refusal)) {
    quirks.streamOptions = false;
    return true;
  }
  if (sent.maxTokensField === 'max_tokens' && /max_completion_tokens/i.test(refusal)) {
    quirks.maxTokensField = 'max_completion_tokens';
    return true;
  }
  return false;
}
