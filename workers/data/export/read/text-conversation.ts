/** Reads a conversation whose replies are JSON text: thoughts, actions, observations and images out of its words. */
import { type Line, leadingImages, linesOf, readRequest } from './lines.ts';
import { asWritten } from './marks.ts';
import type { ReadChain, ReadMessage, ReadTurn } from './read-chain.ts';

type Turn = { -readonly [Field in keyof ReadTurn]: ReadTurn[Field] };

/**
 * @param messages system, then user and assistant in turn
 * @param plain takes the marks' escapes out of plain text; not needed by formats that have none
 * @throws Error for what is no such conversation
 */
export function readTextConversation(
  messages: readonly ReadMessage[],
  plain: (text: string) => string = asWritten,
): Omit<ReadChain, 'id'> {
  const [system, request, ...rest] = messages;
  if (system?.role !== 'system' || request?.role !== 'user') throw new Error('it does not begin with system and user');
  const { images, question } = readRequest(linesOf(request.pieces), plain);
  const all = [...images];
  const turns: Turn[] = [];
  rest.forEach((message, i) => {
    if (message.role !== (i % 2 === 0 ? 'assistant' : 'user')) throw new Error(`message ${i + 3} is ${message.role}`);
    if (message.role === 'assistant') {
      turns.push(readReply(textOf(message)));
      return;
    }
    const turn = turns.at(-1);
    if (turn === undefined) throw new Error('a user answers no reply');
    readFeedback(turn, linesOf(message.pieces), plain);
    all.push(...turn.observations.flatMap((one) => one.images));
  });
  if (rest.length % 2 === 0) throw new Error('it does not end with a reply');
  return { question, images: all, tools: toolsIn(textOf(system)), turns };
}

const textOf = ({ pieces }: ReadMessage): string =>
  pieces
    .map((piece) => {
      if (typeof piece !== 'string') throw new Error('a picture stands in a message that cannot hold one');
      return piece;
    })
    .join('');

function toolsIn(system: string): string[] {
  const line = system.split('\n').find((one) => one.startsWith('Actions: '));
  if (line === undefined) throw new Error('the system message lists no actions');
  return line.slice('Actions: '.length).split(', ');
}

function readReply(text: string): Turn {
  const { thought, actions } = JSON.parse(text) as ReadTurn;
  if (typeof thought !== 'string' || !Array.isArray(actions)) throw new Error('a reply has no thought or no actions');
  return { thought, actions, observations: [] };
}

const UNREADABLE = 'Your reply could not be read. ';
const ASK_AGAIN = '\nSend one JSON object and nothing around it: ';

function readFeedback(turn: Turn, lines: readonly Line[], plain: (text: string) => string): void {
  const first = lines[0]?.text ?? '';
  if (first.startsWith(UNREADABLE)) {
    const text = lines.map((line) => line.text).join('\n');
    const end = text.lastIndexOf(ASK_AGAIN);
    if (end < 0) throw new Error('an unreadable reply is not asked for again');
    turn.problem = plain(text.slice(UNREADABLE.length, end));
    return;
  }
  const called = turn.actions.filter(({ name }) => name !== 'Terminate');
  const observations: { found: unknown; images: ReadChain['images'] }[] = [];
  let at = 0;
  for (const [i, { name }] of called.entries()) {
    const head = turn.actions.length === 1 ? 'OBSERVATION:' : `OBSERVATION ${i + 1} (${name}):`;
    const height = head.split('\n').length;
    const there = lines.slice(at, at + height).map((line) => line.text);
    if (plain(there.join('\n')) !== head) break;
    const found: unknown = JSON.parse(lines[at + height]?.text ?? '');
    const images = leadingImages(lines, at + height + 1);
    observations.push({ found, images });
    at += height + 1 + images.length;
  }
  if (lines.slice(at).some(({ sha256 }) => sha256 !== undefined))
    throw new Error('a picture belongs to no observation');
  turn.observations = observations;
}
