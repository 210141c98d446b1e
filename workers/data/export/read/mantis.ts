import { z } from 'zod';
import { hashOfPath, picturesIn } from './marks.ts';
import type { ReadChain } from './read-chain.ts';
import { splitSystem, turn } from './rows.ts';
import { readTextConversation } from './text-conversation.ts';

const record = z.object({
  id: z.string(),
  images: z.array(z.string()),
  metadata: z.object({ dataset: z.string(), task_instruction: z.string() }),
  conversation: z.array(turn).min(2),
});

/** @throws Error for what is no record of Mantis */
export function readMantis(row: unknown): ReadChain {
  const { id, images, conversation } = record.parse(row);
  const pictures = picturesIn(images.map(hashOfPath));
  const [first, ...rest] = conversation;
  const { system, request } = splitSystem(first?.content ?? '');
  const messages = [
    { role: 'system', pieces: [system] },
    { role: first?.role ?? '', pieces: pictures.pieces(request) },
    ...rest.map(({ role, content }) => ({ role, pieces: pictures.pieces(content) })),
  ];
  pictures.end();
  return { id, ...readTextConversation(messages) };
}
