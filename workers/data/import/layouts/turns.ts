/** Conversations of instruction data, as questions: each turn of the user with the reply behind it is one. */
import { type Random, random } from '../../random.ts';
import { partOptions } from '../options.ts';
import type { RawImage, RawQuestion, RawRow } from '../raw.ts';

export interface Turn {
  readonly said: string;
  readonly answered: string;
}

export interface Conversation {
  /** Begins the ids of its questions; unique in its file. */
  readonly id: string;
  readonly line: number;
  readonly images: readonly RawImage[];
  readonly turns: readonly Turn[];
  readonly skills: readonly string[];
}

export interface TurnChoice {
  readonly seed: number;
  /** Turns of a conversation at most. */
  readonly most: number;
}

const MARK = /<image(?:\s*\d+)?>/g;

/** @returns questions of turns that the seed chooses, in their order */
export function questionsOf(conversation: Conversation, { seed, most }: TurnChoice): RawRow {
  const { id, line, turns, skills, images } = conversation;
  if (turns.length === 0) return { line, questions: [], problems: ['no turn has a question and an answer'] };
  const marks = turns.reduce((sum, turn) => sum + (turn.said.match(MARK)?.length ?? 0), 0);
  if (marks > 0 && marks !== images.length) {
    return { line, questions: [], problems: [`${marks} <image> marks for ${images.length} images`] };
  }
  const chance: Random = random(seed, `turns ${id}`);
  const chosen = new Set(turns.length <= most ? turns.keys() : chance.sample([...turns.keys()], most));
  const questions: RawQuestion[] = [];
  const problems: string[] = [];
  let seen = 0;
  for (const [at, turn] of turns.entries()) {
    const before = seen;
    seen += turn.said.match(MARK)?.length ?? 0;
    if (!chosen.has(at)) continue;
    // What the user has shown by then; where no turn says which, all of them.
    const shown = marks === 0 ? images : images.slice(0, seen);
    const said = withNames(turn.said, before, shown.length > 1);
    if (said === '' || turn.answered.trim() === '') {
      problems.push(said === '' ? 'a turn without words' : 'a turn without an answer');
      continue;
    }
    questions.push({ id: `${id}-${at}`, ...partOptions(said, turn.answered), images: shown, skills });
  }
  return { line, questions, problems };
}

/** Where one picture is shown, a mark before or behind the words says nothing; any other is the picture's name. */
function withNames(said: string, first: number, several: boolean): string {
  let next = first;
  const bare = several ? said : said.replace(/(^|\n)\s*<image(?:\s*\d+)?>\s*|\s*<image(?:\s*\d+)?>\s*($|\n)/g, '$1$2');
  return bare
    .replace(MARK, () => `image-${next++}`)
    .replace(/[ \t]+/g, ' ')
    .trim();
}

/** An id as a file has it, made fit to be part of a name. */
export const nameOf = (value: unknown): string =>
  (typeof value === 'string' || typeof value === 'number' ? String(value) : '').replace(/[^\w.-]+/g, '_').slice(0, 80);
