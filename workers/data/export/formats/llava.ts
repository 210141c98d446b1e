/** LLaVA: a list of records with `image` (a list of paths) and `conversations` from human and gpt. */
import { conversationOf } from '../conversation.ts';
import type { Format } from '../format.ts';
import { picturePath } from '../pictures.ts';
import { markedConversation, picturesOf } from '../placeholders.ts';
import { readLlava } from '../read/llava.ts';

export const llava: Format = {
  name: 'llava',
  ending: 'json',
  contentType: 'application/json',
  beside: true,
  native: false,
  path: (split, number) => `${split}-${number}.json`,
  async row(chain, { shown }) {
    const messages = conversationOf(chain, shown);
    const [system, request, ...rest] = markedConversation(messages);
    const paths = picturesOf(messages).map(picturePath);
    return {
      id: chain.id,
      // A record with the key is looked on as one with pictures, so an empty list will not do.
      ...(paths.length > 0 ? { image: paths } : {}),
      conversations: [
        { from: 'human', value: `${system?.content}\n${request?.content}` },
        ...rest.map(({ role, content }) => ({ from: role === 'assistant' ? 'gpt' : 'human', value: content })),
      ],
      metadata: { dataset: chain.source },
    };
  },
  read: readLlava,
};
