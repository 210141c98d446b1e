/** ms-swift: `messages` with its own roles for calls and what they found, `tools` as JSON text, `images` as paths. */
import { conversationOf } from '../conversation.ts';
import type { Format } from '../format.ts';
import { type NativeMessage, nativeConversation } from '../native.ts';
import { picturePath } from '../pictures.ts';
import { markedConversation, markedText, picturesOf, protect } from '../placeholders.ts';
import { readMsSwift } from '../read/ms-swift.ts';

export const msSwift: Format = {
  name: 'ms-swift',
  ending: 'jsonl',
  contentType: 'application/jsonl',
  beside: true,
  native: true,
  path: (split, number) => `${split}-${number}.jsonl`,
  async row(chain, { shown, calls, functions }) {
    if (calls === 'text') {
      const messages = conversationOf(chain, shown);
      return { id: chain.id, messages: markedConversation(messages), images: picturesOf(messages).map(picturePath) };
    }
    const native = nativeConversation(chain, shown);
    return {
      id: chain.id,
      messages: native.flatMap(turnsOf),
      tools: JSON.stringify(functions(chain.tools)),
      images: picturesOf(native.map((message) => ('parts' in message ? message : {}))).map(picturePath),
    };
  },
  read: readMsSwift,
};

function turnsOf(message: NativeMessage): { role: string; content: string }[] {
  switch (message.role) {
    case 'system':
      return [{ role: 'system', content: message.text }];
    case 'user':
      return [{ role: 'user', content: markedText(message.parts, 'plain') }];
    case 'tool':
      return [{ role: 'tool_response', content: markedText(message.parts, 'json') }];
    case 'assistant':
      return [
        // Its templates join a thought to the calls that follow it; a reply of neither is an empty one.
        ...(message.thought !== '' || message.calls.length === 0
          ? [{ role: 'assistant', content: protect(message.thought, 'plain') }]
          : []),
        ...message.calls.map(({ name, arguments: args }) => ({
          role: 'tool_call',
          content: protect(JSON.stringify({ name, arguments: args }), 'json'),
        })),
      ];
  }
}
