/**
 * The messages of a chat -> one question, its images and its instructions. A run answers one question and remembers
 * nothing, so what was said before goes into the question, as a dialogue that the model can read.
 */
import { CotaError } from '../errors.ts';
import type { RequestedUrl } from '../request.ts';
import type { ChatMessage } from './schema.ts';

export interface ChatQuestion {
  readonly question: string;
  readonly instructions: string;
  /** In the order of the messages: image-0, image-1, ... */
  readonly images: readonly RequestedUrl[];
}

type Spoken = Extract<ChatMessage, { role: 'user' | 'assistant' }>;

/** @throws CotaError when there is no question, or the last word is not the user's */
export function questionOf(messages: readonly ChatMessage[]): ChatQuestion {
  const instructions: string[] = [];
  const turns: { readonly role: Spoken['role']; readonly speaker: string; readonly text: string }[] = [];
  const images: RequestedUrl[] = [];
  const dialogue = messages.some((message) => message.role === 'assistant');
  for (const [index, message] of messages.entries()) {
    if (message.role === 'system' || message.role === 'developer') {
      instructions.push(textOf(message.content));
      continue;
    }
    if (message.role === 'assistant') {
      // An answer that was empty, as of a run whose budget was spent, said nothing.
      const text = [textOf(message.content ?? ''), message.refusal ?? ''].filter(isText).join('\n');
      turns.push({ role: 'assistant', speaker: message.name ?? 'Assistant', text });
      continue;
    }
    const shown: string[] = [];
    for (const [place, part] of typeof message.content === 'string' ? [] : message.content.entries()) {
      if (part.type !== 'image_url') continue;
      // The names by which the model asks for the images; said only where it could not know otherwise which is meant.
      if (dialogue) shown.push(`[image-${images.length}]`);
      images.push({ url: part.image_url.url, param: `messages[${index}].content[${place}].image_url.url` });
    }
    const text = [shown.join(' '), textOf(message.content)].filter(isText).join('\n');
    turns.push({ role: 'user', speaker: message.name ?? 'User', text: named(text, message.name, dialogue) });
  }
  return { question: dialogue ? dialogueOf(turns) : questionsOf(turns), instructions: joined(instructions), images };
}

interface Turn {
  readonly role: Spoken['role'];
  readonly speaker: string;
  readonly text: string;
}

const isText = (text: string): boolean => text.trim() !== '';
const joined = (texts: readonly string[]): string => texts.filter(isText).join('\n\n');

/** In a dialogue each turn says whose it is anyway. */
const named = (text: string, name: string | null | undefined, dialogue: boolean): string =>
  name != null && !dialogue && isText(text) ? `${name}: ${text}` : text;

function questionsOf(turns: readonly Turn[]): string {
  const question = joined(turns.map((turn) => turn.text));
  if (question === '') throw noQuestion();
  return question;
}

function dialogueOf(turns: readonly Turn[]): string {
  const last = turns.at(-1);
  if (last?.role !== 'user') {
    throw new CotaError(
      'invalid_value',
      "The last message must be the user's: Cota answers questions, it does not go on with an answer.",
      { param: 'messages' },
    );
  }
  const begins = turns.findLastIndex((turn) => turn.role === 'assistant') + 1;
  const asked = joined(turns.slice(begins).map((turn) => turn.text));
  if (asked === '') throw noQuestion();
  const earlier = turns.slice(0, begins).filter((turn) => isText(turn.text));
  const said = earlier.map((turn) => `${turn.speaker}: ${turn.text}`);
  if (said.length === 0) return asked;
  return `This is what was said so far:\n\n${said.join('\n\n')}\n\nNow answer this:\n\n${asked}`;
}

const noQuestion = (): CotaError =>
  new CotaError('missing_required_parameter', 'There is no question: send text in a message of role "user".', {
    param: 'messages',
  });

function textOf(content: Exclude<ChatMessage['content'], null | undefined>): string {
  if (typeof content === 'string') return content;
  const texts = content.map((part) => (part.type === 'text' ? part.text : part.type === 'refusal' ? part.refusal : ''));
  return texts.filter(isText).join('\n');
}
