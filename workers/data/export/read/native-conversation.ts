/** Reads a conversation with calls of functions. */
import { type Line, leadingImages, linesOf, readRequest } from './lines.ts';
import { asWritten } from './marks.ts';
import type { ReadChain, ReadImage, ReadPiece, ReadTurn } from './read-chain.ts';

export type NativeRead =
  | { readonly role: 'user'; readonly pieces: readonly ReadPiece[] }
  | { readonly role: 'assistant'; readonly thought: string; readonly actions: ReadTurn['actions'] }
  | {
      readonly role: 'tool';
      /** Of the call, where pictures stand apart from what was found. */
      readonly id?: string | undefined;
      readonly pieces: readonly ReadPiece[];
    };

type Turn = { -readonly [Field in keyof ReadTurn]: ReadTurn[Field] };
const UNREADABLE = 'Your reply could not be read. ';

/** @param messages without the system's; @throws Error for what is no such conversation */
export function readNativeConversation(
  messages: readonly NativeRead[],
  tools: readonly string[],
  plain: (text: string) => string = asWritten,
): Omit<ReadChain, 'id'> {
  const [request, ...rest] = messages;
  if (request?.role !== 'user') throw new Error('it does not begin with a user');
  const { images, question } = readRequest(linesOf(request.pieces), plain);
  const turns: Turn[] = [];
  /** Observations of the newest turn by the ids of their calls. */
  let answered = new Map<string, { found: unknown; images: ReadImage[] }>();
  for (const message of rest) {
    if (message.role === 'assistant') {
      turns.push({ thought: message.thought, actions: message.actions, observations: [] });
      answered = new Map();
      continue;
    }
    const turn = turns.at(-1);
    if (turn === undefined) throw new Error(`a ${message.role} message answers no reply`);
    const lines = linesOf(message.pieces);
    if (message.role === 'user') {
      const text = lines.map((line) => line.text).join('\n');
      if (answered.size > 0) giveBack(lines, answered);
      else if (text.startsWith(UNREADABLE)) turn.problem = plain(text.slice(UNREADABLE.length));
      continue;
    }
    const found: unknown = JSON.parse(lines[0]?.text ?? '');
    const made = leadingImages(lines, 1);
    if (made.length !== lines.length - 1) throw new Error('a tool message holds more than JSON and images');
    const observation = { found, images: made };
    turn.observations = [...turn.observations, observation];
    if (message.id !== undefined) answered.set(message.id, observation);
  }
  const made = turns.flatMap(({ observations }) => observations.flatMap((one) => one.images));
  return { question, images: [...images, ...made], tools, turns };
}

/** Pictures that stand apart, to what was found with them. @throws Error where one belongs to no call */
function giveBack(lines: readonly Line[], answered: ReadonlyMap<string, { images: ReadImage[] }>): void {
  for (let at = 0; at < lines.length; ) {
    const id = /^Images from (\S+):$/.exec(lines[at]?.text ?? '')?.[1];
    const observation = id === undefined ? undefined : answered.get(id);
    if (observation === undefined) throw new Error('there is more than pictures behind the tools');
    const images = leadingImages(lines, at + 1);
    observation.images.push(...images);
    at += 1 + images.length;
  }
}
