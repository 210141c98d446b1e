import { z } from 'zod';
import { hashOfPath } from './marks.ts';
import { type NativeRead, readNativeConversation } from './native-conversation.ts';
import type { ReadChain, ReadPiece } from './read-chain.ts';
import { toolList } from './rows.ts';
import { readTextConversation } from './text-conversation.ts';

const part = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('image') }),
]);
const record = z.object({
  id: z.string(),
  images: z.array(z.string()),
  tools: z.string().optional(),
  messages: z.array(
    z.object({
      role: z.enum(['system', 'user', 'assistant', 'tool']),
      name: z.string().optional(),
      tool_call_id: z.string().optional(),
      content: z.array(part),
      tool_calls: z
        .array(
          z.object({
            type: z.literal('function'),
            function: z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()) }),
          }),
        )
        .optional(),
    }),
  ),
});

/** TRL's texts have no marks, so nothing in them is escaped. */
const verbatim = (text: string): string => text;

/** @throws Error for what is no record of TRL */
export function readTrl(row: unknown, calls: 'native' | 'text'): ReadChain {
  const { id, images, tools, messages } = record.parse(row);
  const hashes = images.map(hashOfPath);
  let next = 0;
  const read = messages.map(({ role, content, tool_calls, tool_call_id }) => ({
    role,
    tool_calls,
    id: tool_call_id,
    pieces: content.map((one): ReadPiece => {
      if (one.type === 'text') return one.text;
      const sha256 = hashes[next++];
      if (sha256 === undefined) throw new Error('there are more image parts than images');
      return { sha256 };
    }),
  }));
  if (next !== hashes.length) throw new Error(`there are ${hashes.length} images and ${next} image parts`);
  if (calls === 'text') return { id, ...readTextConversation(read, verbatim) };
  if (read[0]?.role !== 'system') throw new Error('there is no system message');
  const native = read.slice(1).map(({ role, id: call, pieces, tool_calls = [] }): NativeRead => {
    if (role === 'system') throw new Error('there are two system messages');
    if (role === 'tool') {
      if (pieces.some((piece) => typeof piece !== 'string')) throw new Error('a picture stands in a tool message');
      return { role, id: call, pieces };
    }
    if (role === 'user') return { role, pieces };
    const actions = tool_calls
      .map((one) => one.function)
      .map(({ name, arguments: args }) => ({ name, arguments: args }));
    return { role, thought: pieces.join(''), actions };
  });
  const names = toolList.parse(JSON.parse(tools ?? '[]')).map((one) => one.function.name);
  return { id, ...readNativeConversation(native, names, verbatim) };
}
