/** A question as the user says it to the model. Our own words: the same for every source, so that skeletons are ours. */
import type { DataQuestion } from '../../../shared/data/question.ts';

export function promptOf({ question, hint, choices }: Pick<DataQuestion, 'question' | 'hint' | 'choices'>): string {
  const lines = hint === undefined ? [question] : [`Hint: ${hint}`, question];
  if (choices && choices.length > 0) {
    const options = choices.map((choice, at) => `${String.fromCharCode(65 + at)}. ${choice}`);
    lines.push(...options, 'Answer with the letter of the right option.');
  }
  return lines.join('\n');
}
