/** What is wrong with a chain's answer, given what follows from its observations. */
import { chosen, says, saysCannotTell } from './answers.ts';
import type { CheckInput, Derived, ParsedQuestion } from './contract.ts';
import { type Fault, fault } from './reasons.ts';
import type { Walked } from './walk.ts';

const shown = (answers: readonly (string | number)[]): string => answers.slice(0, 3).map(String).join(' / ');

export function answerFault(
  { turns }: CheckInput,
  { body, options }: ParsedQuestion,
  { answer }: Walked,
  derived: Derived,
): Fault | undefined {
  const option = options && chosen(answer, options);
  const declines = saysCannotTell(option?.text ?? answer);
  if (derived !== 'unknown' && 'unparsed' in derived) return fault('question-unparsed', `${body}: ${derived.unparsed}`);
  if (derived !== 'unknown' && 'missing' in derived) return fault('not-looked', derived.missing);
  if (derived === 'unknown') {
    return declines ? undefined : fault('not-told', `it says ${answer}`);
  }
  const { answers } = derived;
  if (declines) return fault('can-be-told', `${shown(answers)} follows`);
  if (!options)
    return says(answer, answers) ? undefined : fault('wrong-answer', `it says ${answer}; ${shown(answers)} follows`);
  if (!option) return fault('letter-mismatch', `${answer} is none of the options`);
  if (says(option.text, answers)) return undefined;
  const meant = options.find(({ text }) => says(text, answers));
  // The thought names the right option's text, the letter is another's.
  const last = turns.at(-1)?.thought ?? '';
  const names = (text: string): boolean => last.toLowerCase().includes(text.toLowerCase());
  if (meant && names(meant.text) && !names(option.text))
    return fault('letter-mismatch', `it names ${meant.text} and says ${option.letter} (${option.text})`);
  return fault('wrong-answer', `${option.letter} is ${option.text}; ${shown(answers)} follows`);
}
