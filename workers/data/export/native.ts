/**
 * A chain as a conversation with calls of functions, for trainers whose chat templates know tools. The words around
 * observations that Cota's own prompt has are left out: a tool's message is what it found, and nothing else.
 */
import type { Action } from '../../../shared/contract.ts';
import type { Chain, ChainImage } from '../../../shared/data/chain.ts';
import type { Part, ShownImage } from './conversation.ts';

export const NATIVE_SYSTEM =
  'Answer the question about the images step by step: say what you think and call the tools you need, until Terminate gives the answer. Results can be wrong or incomplete: check them against the images and the question.';

export type NativeMessage =
  | { readonly role: 'system'; readonly text: string }
  | { readonly role: 'user'; readonly parts: readonly Part[] }
  | {
      readonly role: 'assistant';
      readonly thought: string;
      readonly calls: readonly (Action & { readonly id: string })[];
    }
  | { readonly role: 'tool'; readonly id: string; readonly name: string; readonly parts: readonly Part[] };

/** What a reply that asks for nothing hears, and before which words the fault of an unreadable one stands. */
export const NO_CALL = 'You called no tool. Call the tool you need, or end with Terminate if you can answer.';
export const UNREADABLE = 'Your reply could not be read. ';

/** @param shown pictures that are shown; further ones are named with their size */
export function nativeConversation(chain: Chain, shown: number): readonly NativeMessage[] {
  let left = shown;
  const line = (image: ChainImage): Part[] => imageLine(image, left-- > 0);
  const messages: NativeMessage[] = [
    { role: 'system', text: NATIVE_SYSTEM },
    {
      role: 'user',
      parts: joined([
        ...chain.images.flatMap((image) => [...line(image), { text: '\n' }]),
        { text: `Question: ${chain.question}` },
      ]),
    },
  ];
  chain.turns.forEach((turn, t) => {
    const { thought, actions, observations, problem } = turn;
    const calls = actions.map((action, i) => ({ ...action, id: `call_${t}_${i}` }));
    messages.push({ role: 'assistant', thought, calls });
    if (t === chain.turns.length - 1) return;
    if (problem !== undefined) messages.push({ role: 'user', parts: [{ text: UNREADABLE + problem }] });
    else if (calls.length === 0) messages.push({ role: 'user', parts: [{ text: NO_CALL }] });
    const carriedOut = calls.filter(({ name }) => name !== 'Terminate');
    observations.forEach((found, i) => {
      const call = carriedOut[i];
      if (call === undefined) return;
      const images = found.ok ? (found.images ?? []) : [];
      const parts = [
        { text: JSON.stringify(found.ok ? found.result : { error: found.error }) },
        ...images.flatMap((image) => [{ text: '\n' }, ...line(image)]),
      ];
      messages.push({ role: 'tool', id: call.id, name: call.name, parts: joined(parts) });
    });
  });
  return messages;
}

/**
 * The same with the pictures that tools made in a user's message behind the tools', under the ids of their calls: for
 * formats that take pictures from nobody else.
 */
export function withPicturesApart(messages: readonly NativeMessage[]): readonly NativeMessage[] {
  const out: NativeMessage[] = [];
  let made: Part[] = [];
  const flush = (): void => {
    if (made.length > 0) out.push({ role: 'user', parts: joined(made) });
    made = [];
  };
  for (const message of messages) {
    if (message.role !== 'tool') {
      flush();
      out.push(message);
      continue;
    }
    const [first, ...rest] = message.parts;
    if (first === undefined || !('text' in first) || rest.length === 0) {
      out.push(message);
      continue;
    }
    // Up to the line's end it is JSON; then come the images.
    const end = first.text.indexOf('\n');
    out.push({ ...message, parts: [{ text: first.text.slice(0, end) }] });
    const head = `${made.length > 0 ? '\n' : ''}Images from ${message.id}:\n${first.text.slice(end + 1)}`;
    made.push({ text: head }, ...rest);
  }
  flush();
  return out;
}

function imageLine(image: ChainImage, shown: boolean): Part[] {
  const { name, width, height, key, sha256, contentType = 'image/png' } = image;
  if (!shown || key === undefined || sha256 === undefined) {
    return [{ text: `${name}: not shown (${width} x ${height} pixels)` }];
  }
  const picture: ShownImage = { name, width, height, key, sha256, contentType };
  return [{ text: `${name}: ` }, { image: picture }];
}

/** Neighbouring texts as one. */
function joined(parts: readonly Part[]): Part[] {
  const out: Part[] = [];
  for (const part of parts) {
    const last = out.at(-1);
    if ('text' in part && last !== undefined && 'text' in last) out[out.length - 1] = { text: last.text + part.text };
    else out.push(part);
  }
  return out;
}
