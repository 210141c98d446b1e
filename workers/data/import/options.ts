/** Multiple choice in instruction data: options stand in the question's own text, the letter in the answer. */
import { optionsIn } from '../../../shared/data/options.ts';
import { truthLetter } from '../verify/rules/letters.ts';

export interface Parted {
  readonly question: string;
  readonly choices?: readonly string[];
  readonly truth: string;
}

const HEADING = /(?:^|\n|\s)(?:options?|choices|possible answers|answer choices)\s*:?\s*$/i;
const LEAD = /^\s*question\s*:\s*/i;

/**
 * @param said what the user says, all of it
 * @param answered the reply of the data
 * @returns the question without its options, and the truth as a letter, where the text lists options and the answer is one
 */
export function partOptions(said: string, answered: string): Parted {
  const truth =
    answered
      .trim()
      .replace(/^(?:the )?(?:final |correct )?answer(?: is)?\s*[:=]?\s*/i, '')
      .trim() || answered.trim();
  const found = optionsIn(said);
  const bare = { question: said.replace(LEAD, '').trim(), truth: truth.replace(/^(\S+(?:\s\S+){0,3})\.$/, '$1') };
  if (!found) return bare;
  const letter = truthLetter(truth, found.choices);
  const question = found.before.replace(HEADING, '').replace(LEAD, '').trim();
  if (letter === undefined || question === '') return bare;
  return { question, choices: found.choices, truth: letter };
}
