import { z } from 'zod';
import { hashOfPath, picturesIn } from './marks.ts';
import type { ReadChain } from './read-chain.ts';
import { fromTurn } from './rows.ts';
import { readTextConversation } from './text-conversation.ts';

const record = z.object({
  id: z.string(),
  system: z.string(),
  images: z.array(z.string()),
  // Its converter drops a record with an odd number of them.
  conversations: z.array(fromTurn).refine(({ length }) => length % 2 === 0, { error: 'an odd number of messages' }),
});

/** @throws Error for what is no record of LLaMA-Factory */
export function readLlamaFactory(row: unknown): ReadChain {
  const { id, system, images, conversations } = record.parse(row);
  const pictures = picturesIn(images.map(hashOfPath));
  const messages = [
    { role: 'system', pieces: [system] },
    ...conversations.map(({ from, value }) => ({
      role: from === 'gpt' ? 'assistant' : 'user',
      pieces: pictures.pieces(value),
    })),
  ];
  pictures.end();
  return { id, ...readTextConversation(messages) };
}
