/** The Cauldron, Mantis-Instruct and LLaVA: pictures and a conversation about them, each under names of its own. */
import { badRow, type RawRow } from '../raw.ts';
import { imagesOf, isMap } from './images.ts';
import { nameOf, questionsOf, type Turn, type TurnChoice } from './turns.ts';

type Reader = (row: unknown, line: number, choice: TurnChoice) => RawRow;

/** `{images: [{bytes, path}], texts: [{user, assistant, source}]}` */
export const cauldron: Reader = (row, line, choice) => {
  if (!isMap(row) || !Array.isArray(row.texts)) return badRow(line, 'no list "texts": a row has images and texts');
  const images = imagesOf(row.images);
  if (typeof images === 'string') return badRow(line, images);
  const texts = row.texts.filter(isMap);
  const turns = texts.flatMap(({ user, assistant }) => turnOf(user, assistant));
  const sources = texts.flatMap(({ source }) => (typeof source === 'string' && source !== '' ? [source] : []));
  return questionsOf({ id: String(line), line, images, turns, skills: [...new Set(sources)] }, choice);
};

/** `{id, images: [path | {bytes, path}], conversation: [{role, content}]}` */
export const mantis: Reader = (row, line, choice) => {
  if (!isMap(row) || !Array.isArray(row.conversation))
    return badRow(line, 'no list "conversation": a row has id, images and conversation');
  const images = imagesOf(row.images);
  if (typeof images === 'string') return badRow(line, images);
  const said = row.conversation.filter(isMap).map(({ role, content }) => ({ role: String(role), text: content }));
  const turns = pairs(said, 'user', 'assistant');
  const { metadata } = row;
  const skills = isMap(metadata) && typeof metadata.dataset === 'string' ? [metadata.dataset] : [];
  return questionsOf({ id: idOf(row.id, line), line, images, turns, skills }, choice);
};

/** `{id, image | images, conversations: [{from: human | gpt, value}]}` */
export const llava: Reader = (row, line, choice) => {
  if (!isMap(row) || !Array.isArray(row.conversations))
    return badRow(line, 'no list "conversations": a row has id, image and conversations');
  const images = imagesOf(row.images ?? row.image);
  if (typeof images === 'string') return badRow(line, images);
  const said = row.conversations.filter(isMap).map(({ from, value }) => ({ role: String(from), text: value }));
  return questionsOf(
    { id: idOf(row.id ?? row.sample_id, line), line, images, turns: pairs(said, 'human', 'gpt'), skills: [] },
    choice,
  );
};

const idOf = (id: unknown, line: number): string => {
  const name = nameOf(id);
  return name === '' ? String(line) : `${name}-${line}`;
};

const turnOf = (said: unknown, answered: unknown): Turn[] =>
  typeof said === 'string' && typeof answered === 'string' ? [{ said, answered }] : [];

/** What the user says with the reply right behind it. */
function pairs(said: readonly { role: string; text: unknown }[], user: string, assistant: string): Turn[] {
  return said.flatMap(({ role, text }, at) => {
    const reply = said[at + 1];
    return role === user && reply?.role === assistant ? turnOf(text, reply.text) : [];
  });
}
