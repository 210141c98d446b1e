/**
 * LLaMA-Factory's ShareGPT form: human and gpt in plain alternation, with thought and actions inside gpt's text. Its
 * roles for calls and observations are not used: their converter keeps no thought beside a call.
 */
import { conversationOf } from '../conversation.ts';
import type { Format } from '../format.ts';
import { picturePath } from '../pictures.ts';
import { markedConversation, picturesOf } from '../placeholders.ts';
import { readLlamaFactory } from '../read/llama-factory.ts';

export const llamaFactory: Format = {
  name: 'llama-factory',
  ending: 'jsonl',
  contentType: 'application/jsonl',
  beside: true,
  native: false,
  // dataset_info.json names a folder, all files of which are one dataset.
  path: (split, number) => `${split}/${number}.jsonl`,
  async row(chain, { shown }) {
    const messages = conversationOf(chain, shown);
    const [system, ...rest] = markedConversation(messages);
    return {
      id: chain.id,
      system: system?.content,
      conversations: rest.map(({ role, content }) => ({
        from: role === 'assistant' ? 'gpt' : 'human',
        value: content,
      })),
      images: picturesOf(messages).map(picturePath),
    };
  },
  read: readLlamaFactory,
};
