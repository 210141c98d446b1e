/** Chat completions: runs for programs that speak no Responses. */
import { chatChunk, chatCompletion } from '../../../shared/chat/completion-schema.ts';
import { chatRequest } from '../../../shared/chat/schema.ts';
import { createChatCompletion } from '../handlers/chat.ts';
import type { RouteGroup } from '../http.ts';

export const chat: RouteGroup = {
  title: 'Chat completions',
  routes: [
    {
      method: 'POST',
      path: '/v1/chat/completions',
      handler: createChatCompletion,
      opensRun: true,
      summary: 'Ask a question about images in the form of a chat. Waits for the answer, or streams it.',
      errors: [
        'model_not_found',
        'unknown_tool',
        'unsupported_parameter',
        'invalid_image_url',
        'idempotency_key_reused',
      ],
      example: { messages: [{ role: 'user', content: 'What is 3 + 4?' }] },
      schema: { body: chatRequest, reply: chatCompletion, events: chatChunk },
    },
  ],
  names: { CreateChatCompletion: chatRequest, ChatCompletion: chatCompletion, ChatCompletionChunk: chatChunk },
};
