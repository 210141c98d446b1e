import { z } from 'zod';
import { hashOfPath, picturesIn } from './marks.ts';
import type { ReadChain } from './read-chain.ts';
import { fromTurn, splitSystem } from './rows.ts';
import { readTextConversation } from './text-conversation.ts';

const record = z.object({
  id: z.string(),
  image: z.array(z.string()).min(1).optional(),
  conversations: z.array(fromTurn).min(2),
});

/** @throws Error for what is no record of LLaVA */
export function readLlava(row: unknown): ReadChain {
  const { id, image = [], conversations } = record.parse(row);
  const pictures = picturesIn(image.map(hashOfPath));
  const [first, ...rest] = conversations;
  const { system, request } = splitSystem(first?.value ?? '');
  const messages = [
    { role: 'system', pieces: [system] },
    ...[{ from: first?.from, value: request }, ...rest].map(({ from, value }) => ({
      role: from === 'gpt' ? 'assistant' : 'user',
      pieces: pictures.pieces(value),
    })),
  ];
  pictures.end();
  return { id, ...readTextConversation(messages) };
}
