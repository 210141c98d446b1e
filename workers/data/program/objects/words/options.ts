/** How the options of a multiple-choice question are written under it. */
import type { Random } from '../../../random.ts';

export const LETTERS = ['A', 'B', 'C', 'D', 'E', 'F'] as const;

/** How a letter is set before its option. */
const MARKS: readonly ((letter: string, text: string) => string)[] = [
  (letter, text) => `${letter}. ${text}`,
  (letter, text) => `(${letter}) ${text}`,
  (letter, text) => `${letter}) ${text}`,
  (letter, text) => `${letter}: ${text}`,
];

/** Between the question and the options, where each option has a line. */
const BEFORE_LINES = [
  '\n',
  '\n',
  '\nOptions:\n',
  '\nChoices:\n',
  '\nSelect from the following choices.\n',
  '\nAnswer with a letter.\n',
];
/** Where all options stand on one line. */
const BEFORE_INLINE = [' ', '\n', ' Options: ', ' Choices: ', '\nOptions: '];
const BETWEEN = [' ', ', ', '; '];

/**
 * @param options at most six, in the order in which they are to stand
 * @returns question and options as one text
 */
export function withOptions(rng: Random, question: string, options: readonly string[]): string {
  // A colon after a letter needs a line of its own to be read as a mark.
  const lines = rng.chance(0.6);
  const mark = rng.pick(lines ? MARKS : MARKS.slice(0, 3));
  const marked = options.map((text, i) => mark(LETTERS[i] as string, text));
  return lines
    ? question + rng.pick(BEFORE_LINES) + marked.join('\n')
    : question + rng.pick(BEFORE_INLINE) + marked.join(rng.pick(BETWEEN));
}
