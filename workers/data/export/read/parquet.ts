import { createHash } from 'node:crypto';
import { z } from 'zod';
import { picturesIn } from './marks.ts';
import type { ReadChain } from './read-chain.ts';
import { turn } from './rows.ts';
import { readTextConversation } from './text-conversation.ts';

const record = z.object({
  id: z.string(),
  question: z.string(),
  images: z.array(z.object({ bytes: z.instanceof(Uint8Array), path: z.string() })),
  messages: z.array(turn),
});

/** @throws Error for what is no row of the table */
export function readParquetRow(row: unknown): ReadChain {
  const { id, question, images, messages } = record.parse(row);
  const hashes = images.map(({ bytes, path }) => {
    const hash = createHash('sha256').update(bytes).digest('hex');
    if (!path.startsWith(`${hash}.`)) throw new Error(`the bytes of ${path} are another picture's`);
    return hash;
  });
  const pictures = picturesIn(hashes);
  const read = readTextConversation(messages.map(({ role, content }) => ({ role, pieces: pictures.pieces(content) })));
  pictures.end();
  if (read.question !== question) throw new Error('the question of the row is not that of its messages');
  return { id, ...read };
}
