/**
 * OpenAI's fine-tuning JSONL: chat messages, pictures as data URLs, calls with their arguments as JSON text and the
 * thought as the content beside them. Pictures that tools made stand in a user's message behind the tools', as no other
 * role may hold any.
 */
import { conversationOf, type Part } from '../conversation.ts';
import type { Format, RowContext } from '../format.ts';
import { nativeConversation, withPicturesApart } from '../native.ts';
import { readOpenAi } from '../read/openai.ts';

type Content = { type: 'text'; text: string } | { type: 'image_url'; image_url: { url: string } };

async function content(parts: readonly Part[], bytes: RowContext['bytes']): Promise<string | Content[]> {
  if (parts.every((part) => 'text' in part)) return parts.map(({ text }) => text).join('');
  const made: Content[] = [];
  for (const part of parts) {
    if ('text' in part) made.push({ type: 'text', text: part.text });
    else {
      const url = `data:${part.image.contentType};base64,${(await bytes(part.image)).toString('base64')}`;
      made.push({ type: 'image_url', image_url: { url } });
    }
  }
  return made;
}

export const openai: Format = {
  name: 'openai',
  ending: 'jsonl',
  contentType: 'application/jsonl',
  beside: false,
  native: true,
  path: (split, number) => `${split}-${number}.jsonl`,
  async row(chain, { shown, calls, functions, bytes }) {
    const messages: object[] = [];
    if (calls === 'text') {
      for (const { role, parts } of conversationOf(chain, shown)) {
        messages.push({ role, content: await content(parts, bytes) });
      }
      return { messages };
    }
    for (const message of withPicturesApart(nativeConversation(chain, shown))) {
      if (message.role === 'system') messages.push({ role: 'system', content: message.text });
      else if (message.role === 'user') messages.push({ role: 'user', content: await content(message.parts, bytes) });
      else if (message.role === 'tool') {
        messages.push({ role: 'tool', tool_call_id: message.id, content: await content(message.parts, bytes) });
      } else {
        const tool_calls = message.calls.map(({ id, name, arguments: args }) => ({
          ...{ id, type: 'function', function: { name, arguments: JSON.stringify(args) } },
        }));
        const asked = tool_calls.length > 0 ? { tool_calls } : {};
        messages.push({ role: 'assistant', content: message.thought, ...asked });
      }
    }
    return { messages, tools: functions(chain.tools), parallel_tool_calls: true };
  },
  read: readOpenAi,
};
