import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type NativeRead, readNativeConversation } from './native-conversation.ts';
import type { ReadChain, ReadPiece } from './read-chain.ts';
import { toolList } from './rows.ts';
import { readTextConversation } from './text-conversation.ts';

const part = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('image_url'), image_url: z.object({ url: z.string() }) }),
]);
const content = z.union([z.string(), z.array(part)]);
const message = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('system'), content: z.string() }),
  z.strictObject({ role: z.literal('user'), content }),
  z.strictObject({ role: z.literal('tool'), tool_call_id: z.string(), content: z.string() }),
  z.strictObject({
    role: z.literal('assistant'),
    content: z.string(),
    tool_calls: z
      .array(
        z.strictObject({
          id: z.string(),
          type: z.literal('function'),
          function: z.strictObject({ name: z.string(), arguments: z.string() }),
        }),
      )
      .min(1)
      .optional(),
  }),
]);
const record = z.strictObject({
  messages: z.array(message),
  tools: toolList.optional(),
  parallel_tool_calls: z.boolean().optional(),
});

const verbatim = (text: string): string => text;

function piecesOf(given: z.infer<typeof content>): ReadPiece[] {
  if (typeof given === 'string') return [given];
  return given.map((one) => {
    if (one.type === 'text') return one.text;
    const base64 = /^data:image\/[a-z]+;base64,(.*)$/s.exec(one.image_url.url)?.[1];
    if (base64 === undefined) throw new Error('a picture is no data URL');
    return { sha256: createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex') };
  });
}

/** @throws Error for what is no line of OpenAI's fine-tuning files */
export function readOpenAi(row: unknown, calls: 'native' | 'text'): ReadChain {
  const { messages, tools = [] } = record.parse(row);
  if (calls === 'text') {
    return readTextConversation(
      messages.map((one) => ({ role: one.role, pieces: piecesOf(one.content) })),
      verbatim,
    );
  }
  if (messages[0]?.role !== 'system') throw new Error('there is no system message');
  const native: NativeRead[] = [];
  let open: string[] = [];
  for (const one of messages.slice(1)) {
    if (one.role === 'assistant') {
      if (open.length > 0) throw new Error('a call has no answer');
      const asked = one.tool_calls ?? [];
      open = asked.filter((call) => call.function.name !== 'Terminate').map(({ id }) => id);
      const actions = asked.map((call) => ({
        name: call.function.name,
        arguments: JSON.parse(call.function.arguments),
      }));
      native.push({ role: 'assistant', thought: one.content, actions });
    } else if (one.role === 'tool') {
      if (open.shift() !== one.tool_call_id) throw new Error(`a tool answers ${one.tool_call_id} out of turn`);
      native.push({ role: 'tool', id: one.tool_call_id, pieces: [one.content] });
    } else if (one.role === 'user') {
      native.push({ role: 'user', pieces: piecesOf(one.content) });
    } else throw new Error('there are two system messages');
  }
  const names = tools.map((one) => one.function.name);
  return readNativeConversation(native, names, verbatim);
}
