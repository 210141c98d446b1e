/** Mantis and TACO: a list of records with `images`, `conversation` and `metadata`; the system text leads the first message. */
import { conversationOf } from '../conversation.ts';
import type { Format } from '../format.ts';
import { picturePath } from '../pictures.ts';
import { markedConversation, picturesOf } from '../placeholders.ts';
import { readMantis } from '../read/mantis.ts';

export const mantis: Format = {
  name: 'mantis',
  ending: 'json',
  contentType: 'application/json',
  beside: true,
  native: false,
  path: (split, number) => `${split}-${number}.json`,
  async row(chain, { shown }) {
    const messages = conversationOf(chain, shown);
    const [system, request, ...rest] = markedConversation(messages);
    return {
      id: chain.id,
      images: picturesOf(messages).map(picturePath),
      // Loaders put the task's instruction before the conversation, where the system text stands already.
      metadata: { dataset: chain.source, task_instruction: '' },
      conversation: [{ role: 'user', content: `${system?.content}\n${request?.content}` }, ...rest],
    };
  },
  read: readMantis,
};
