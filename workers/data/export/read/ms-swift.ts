import { z } from 'zod';
import { asWritten, hashOfPath, picturesIn } from './marks.ts';
import { type NativeRead, readNativeConversation } from './native-conversation.ts';
import type { ReadChain, ReadTurn } from './read-chain.ts';
import { toolList, turn } from './rows.ts';
import { readTextConversation } from './text-conversation.ts';

const record = z.object({
  id: z.string(),
  messages: z.array(turn),
  images: z.array(z.string()),
  tools: z.string().optional(),
});
const call = z.object({ name: z.string(), arguments: z.unknown() });

/** @throws Error for what is no record of ms-swift */
export function readMsSwift(row: unknown, calls: 'native' | 'text'): ReadChain {
  const { id, messages, images, tools } = record.parse(row);
  const pictures = picturesIn(images.map(hashOfPath));
  const pieces = messages.map(({ role, content }) => ({ role, pieces: pictures.pieces(content) }));
  pictures.end();
  if (calls === 'text') return { id, ...readTextConversation(pieces) };
  if (messages[0]?.role !== 'system') throw new Error('there is no system message');
  const names = toolList.parse(JSON.parse(tools ?? '[]')).map((one) => one.function.name);
  const native: NativeRead[] = [];
  // A thought, and the calls behind it, are one reply; calls may also stand alone.
  let reply: { role: 'assistant'; thought: string; actions: ReadTurn['actions'] } | undefined;
  messages.slice(1).forEach(({ role, content }, i) => {
    if (role === 'tool_call') {
      const { name, arguments: args } = call.parse(JSON.parse(content));
      if (reply === undefined) {
        reply = { role: 'assistant', thought: '', actions: [] };
        native.push(reply);
      }
      reply.actions = [...reply.actions, { name, arguments: args }];
      return;
    }
    reply = undefined;
    const piece = pieces[i + 1]?.pieces ?? [];
    if (role === 'assistant') {
      reply = { role, thought: asWritten(content), actions: [] };
      native.push(reply);
    } else if (role === 'user') native.push({ role, pieces: piece });
    else if (role === 'tool_response') native.push({ role: 'tool', pieces: piece });
    else throw new Error(`there is no role ${role}`);
  });
  return { id, ...readNativeConversation(native, names) };
}
