/**
 * Marks that stand for a picture in a text. Loaders count `<image>` wherever it stands and fail, or put a picture at
 * the wrong place, where a question or a thought has the word itself; so such words are written another way, from
 * which they can be told again.
 */
import type { Message, Part, ShownImage } from './conversation.ts';

export const IMAGE = '<image>';

/** Words that LLaMA-Factory, ms-swift, LLaVA or Mantis look for in texts, without their brackets. */
const WORDS = 'image|video|audio|bbox|ref-object|cot-process|start-image';
const MARK = new RegExp(`<(\\\\*)(${WORDS})>`, 'g');
/** Only the opening bracket changes, by an escape that JSON reads as the bracket. */
const IN_JSON = new RegExp(`<(?=(${WORDS})>)`, 'g');

/**
 * JSON text says the same with the bracket as `\u003c`; in plain text a backslash stands behind the bracket, and one
 * more where some stood there already.
 */
export const protectJson = (json: string): string => json.replace(IN_JSON, '\\u003c');
export const protectPlain = (text: string): string => text.replace(MARK, '<\\$1$2>');

/** What a text is: a reply, or a tool's message, is JSON; an observation turn has lines of JSON among its own. */
export type TextKind = 'json' | 'plain' | 'lines';

export function protect(text: string, kind: TextKind): string {
  if (kind === 'json') return protectJson(text);
  if (kind === 'plain') return protectPlain(text);
  const line = (one: string) => (one.startsWith('{') ? protectJson(one) : protectPlain(one));
  return text.split('\n').map(line).join('\n');
}

/** What the texts of a message of the conversation are, by its place. */
export function kindOf({ role, parts }: Message, index: number): TextKind {
  if (role === 'assistant') return 'json';
  const first = parts[0];
  const observed = index > 1 && first !== undefined && 'text' in first && first.text.startsWith('OBSERVATION');
  return observed ? 'lines' : 'plain';
}

/** Parts as one text with `<image>` where a picture stands. */
export const markedText = (parts: readonly Part[], kind: TextKind): string =>
  parts.map((part) => ('text' in part ? protect(part.text, kind) : IMAGE)).join('');

/** A conversation with its texts marked, for formats that have one text a message. */
export const markedConversation = (messages: readonly Message[]): { role: Message['role']; content: string }[] =>
  messages.map((message, i) => ({ role: message.role, content: markedText(message.parts, kindOf(message, i)) }));

export const picturesOf = (messages: readonly { readonly parts?: readonly Part[] }[]): ShownImage[] =>
  messages.flatMap(({ parts = [] }) => parts.flatMap((part) => ('image' in part ? [part.image] : [])));
