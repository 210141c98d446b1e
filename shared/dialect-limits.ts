/**
 * What a dialect can put before its model. What it cannot is refused, or given back as not taken, where a request is
 * read: a question that was cut, or an instruction that nobody read, would look like an answer to it.
 */
import { normalise, QUESTION_LIMIT } from './nano/format.ts';

interface DialectLimits {
  /** Longest question, in characters as the model sees it; undefined: that of the request. */
  readonly question?: number;
  /** Whether `instructions` and system messages reach the model. */
  readonly instructions: boolean;
  /** Whether there is a long and a short form of its prompt. */
  readonly promptForms: boolean;
}

export const dialectLimits: Readonly<Record<'taco' | 'nano', DialectLimits>> = {
  taco: { instructions: true, promptForms: true },
  nano: { question: QUESTION_LIMIT, instructions: false, promptForms: false },
};

/** Length of a question in characters of the model, white space folded as the model sees it. */
export const seenLength = (question: string): number => [...normalise(question).text].length;
