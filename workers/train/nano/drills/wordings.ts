/** How drills ask: as people type, and among words of any kind, so that no wording is learnt in place of looking. */

import type { Random } from '../../../data/random.ts';
import { pseudoWord } from './boards.ts';

/** Words that stand around what is asked for; none of them matters. */
const AROUND =
  'please could you tell me what how much which is are was the a of for in on at by with to it this that here there image picture photo page list shown given say says hello hi quick question according below does do did have has had cost pay paid price amount value number figure read look find report name called listed under from according all and one can see'.split(
    ' ',
  );

/** What is asked for among words of any kind, in any order: it is told by standing in the rows, not by how it is asked. */
export function among(rng: Random, ...asked: string[]): string {
  const filler = (most: number): string[] =>
    Array.from({ length: rng.int(0, most) }, () => (rng.chance(0.85) ? rng.pick(AROUND) : pseudoWord(rng)));
  const words = [...filler(6), ...rng.shuffle(asked).flatMap((one) => [one, ...filler(3)])];
  return `${words.join(' ')}${rng.pick(['', '?', '?', ' ?', '.'])}`;
}
/** Whether a question is asked so: four in ten are. */
export const isJumbled = (rng: Random): boolean => rng.chance(0.4);

/** Asks a name as people type it. */
export const wording = (rng: Random, name: string): string =>
  isJumbled(rng)
    ? among(rng, name)
    : rng.pick([
        name,
        `${name}?`,
        `value of ${name}`,
        `price of ${name}?`,
        `how much is ${name}?`,
        `find ${name}`,
        `what does ${name} say?`,
        `${name} please`,
        `what is written beside ${name}`,
      ]);

/** What people put around a question; it changes nothing. */
export function dressed(rng: Random, question: string): string {
  const kind = rng.next();
  if (kind < 0.6) return question;
  if (kind < 0.8)
    return `${rng.pick(['hello,', 'hey there:', 'on this picture,', 'as the photo shows,', 'please say:', 'i wonder:', 'see the image:', 'quick one,'])} ${question}`;
  return `${question.replace(/[?.]$/, '')} ${rng.pick(['please', 'on this page', 'as you see it here', 'going by the scan', 'in the photo', 'thank you', 'on the picture below'])}${rng.pick(['', '?'])}`;
}

/** Options below a question, as they are printed. @param texts in their order */
export function withOptions(rng: Random, question: string, texts: readonly string[]): string {
  const [before, after] = rng.pick([
    ['(', ') '],
    ['', ') '],
    ['', '. '],
    ['', ': '],
  ] as const);
  return [
    question,
    ...(rng.chance(0.5) ? [rng.pick(['Options:', 'Choices:'])] : []),
    ...texts.map((text, at) => `${before}${String.fromCharCode(65 + at)}${after}${text}`),
    ...(rng.chance(0.5) ? [rng.pick(['Reply with one letter.', 'Choose the right option.', 'Which letter?'])] : []),
  ].join('\n');
}
