/**
 * TRL: `messages` whose contents are lists of parts, calls with their arguments as objects, `images` in order of the
 * parts. Pictures that tools made stand in a user's message: TRL's own preparation passes over those in a tool's.
 */
import { conversationOf, type Part } from '../conversation.ts';
import type { Format } from '../format.ts';
import { type NativeMessage, nativeConversation, withPicturesApart } from '../native.ts';
import { picturePath } from '../pictures.ts';
import { picturesOf } from '../placeholders.ts';
import { readTrl } from '../read/trl.ts';

const content = (parts: readonly Part[]) =>
  parts.map((part) => ('text' in part ? { type: 'text', text: part.text } : { type: 'image' }));
const text = (words: string) => [{ type: 'text', text: words }];

export const trl: Format = {
  name: 'trl',
  ending: 'jsonl',
  contentType: 'application/jsonl',
  beside: true,
  native: true,
  path: (split, number) => `${split}-${number}.jsonl`,
  async row(chain, { shown, calls, functions }) {
    if (calls === 'text') {
      const messages = conversationOf(chain, shown);
      return {
        id: chain.id,
        messages: messages.map(({ role, parts }) => ({ role, content: content(parts) })),
        images: picturesOf(messages).map(picturePath),
      };
    }
    const native = withPicturesApart(nativeConversation(chain, shown));
    return {
      id: chain.id,
      messages: native.map(turnOf),
      // As text: the schemas of different tools have no common shape, which Arrow would give them.
      tools: JSON.stringify(functions(chain.tools)),
      images: picturesOf(native.map((message) => ('parts' in message ? message : {}))).map(picturePath),
    };
  },
  read: readTrl,
};

function turnOf(message: NativeMessage): object {
  switch (message.role) {
    case 'system':
      return { role: 'system', content: text(message.text) };
    case 'user':
      return { role: 'user', content: content(message.parts) };
    case 'tool':
      return { role: 'tool', name: message.name, tool_call_id: message.id, content: content(message.parts) };
    case 'assistant':
      return {
        role: 'assistant',
        content: text(message.thought),
        ...(message.calls.length === 0
          ? {}
          : {
              tool_calls: message.calls.map(({ id, name, arguments: args }) => ({
                id,
                type: 'function',
                function: { name, arguments: args },
              })),
            }),
      };
  }
}
