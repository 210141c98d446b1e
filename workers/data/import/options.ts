/** Multiple choice in instruction data: options stand in the question's own text, the letter in the answer. */
import { truthLetter } from '../verify/rules/letters.ts';

export interface Parted {
  readonly question: string;
  readonly choices?: readonly string[];
  readonly truth: string;
}

/** What people write below the options, in many wordings: `Answer with the option's letter ...`. */
const CLOSING =
  /(?:^|\n)\s*(?:please\s+)?(?:answer|respond|reply|select|choose|pick|give|provide|write|output)\b[^\n]*\b(?:letter|option|choice|choices)s?\b[^\n]*\s*$/i;
const HEADING = /(?:^|\n|\s)(?:options?|choices|possible answers|answer choices)\s*:?\s*$/i;
const LEAD = /^\s*question\s*:\s*/i;

const letterAt = (at: number): string => String.fromCharCode(65 + at);

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
  const closing = CLOSING.exec(said);
  const body = (closing ? said.slice(0, closing.index) : said).trim();
  const found = optionsOf(body);
  const bare = { question: said.replace(LEAD, '').trim(), truth: truth.replace(/^(\S+(?:\s\S+){0,3})\.$/, '$1') };
  if (!found) return bare;
  const letter = truthLetter(truth, found.choices);
  const question = found.before.replace(HEADING, '').replace(LEAD, '').trim();
  if (letter === undefined || question === '') return bare;
  return { question, choices: found.choices, truth: letter };
}

/** Marks A, B, C, ... one after another, each at the start of a line, or all in one line. */
function optionsOf(body: string): { readonly before: string; readonly choices: string[] } | undefined {
  for (const pattern of [
    /(?:^|\n)[ \t]*\(?([A-H])[).:\]]\s+/g,
    /(?:^|[\s,;])\(([A-H])\)\s*/g,
    /(?:^|[\s,;])([A-H])[.):]\s+/g,
  ]) {
    const marks = [...body.matchAll(pattern)];
    // The last run of A, B, C, ...: a question may speak of a point A first.
    for (let start = marks.length - 2; start >= 0; start--) {
      if (marks[start]?.[1] !== 'A') continue;
      const run = marks.slice(start);
      if (!run.every((mark, at) => mark[1] === letterAt(at))) continue;
      const choices = run.map((mark, at) =>
        body
          .slice(mark.index + mark[0].length, run[at + 1]?.index ?? body.length)
          .trim()
          .replace(/[,;]$/, '')
          .trim(),
      );
      if (choices.some((choice) => choice === '' || choice.length > 500)) continue;
      return { before: body.slice(0, marks[start]?.index), choices };
    }
  }
  return undefined;
}
