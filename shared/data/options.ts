/** The options of a multiple choice, where they stand in the text of the question itself. */

/** What people write below the options, in many wordings: `Answer with the option's letter ...`. */
const CLOSING =
  /(?:^|\n)\s*(?:please\s+)?(?:answer|respond|reply|select|choose|pick|give|provide|write|output)\b[^\n]*\b(?:letter|option|choice|choices)s?\b[^\n]*\s*$/i;

export interface Options {
  /** What stands before them: the question, perhaps with a heading. */
  readonly before: string;
  /** Texts of the options A, B, ... */
  readonly choices: readonly string[];
}

const letterAt = (at: number): string => String.fromCharCode(65 + at);

/** Marks A, B, C, ... one after another, each at the start of a line, or all in one line. */
export function optionsIn(said: string): Options | undefined {
  const closing = CLOSING.exec(said);
  const body = (closing ? said.slice(0, closing.index) : said).trim();
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

const plain = (text: string): string => text.toLowerCase().replace(/\s+/g, ' ').trim();

/** The number that a text gives, with at most a sign of money or a unit about it. */
function numberIn(text: string): number | undefined {
  const found = /^[^\d.-]{0,4}(-?\d+(?:\.\d+)?|-?\.\d+)\s*[^\d.]{0,12}$/.exec(
    text.replace(/(\d),(?=\d{3}(?!\d))/g, '$1'),
  );
  return found ? Number(found[1]) : undefined;
}

/**
 * The option that an answer in words or figures is: the same text, else the same number, else the only one that has it
 * as words of its own.
 * @returns its letter, undefined where it is none of them or might be several
 */
export function optionLetter(answer: string, choices: readonly string[]): string | undefined {
  const said = plain(answer);
  if (said === '') return undefined;
  const only = (is: (choice: string) => boolean): string | undefined => {
    const found = choices.flatMap((choice, at) => (is(plain(choice)) ? [letterAt(at)] : []));
    return found.length === 1 ? found[0] : undefined;
  };
  const value = numberIn(said);
  return (
    only((choice) => choice === said) ??
    (value === undefined ? undefined : only((choice) => numberIn(choice) === value)) ??
    (/^[a-h]$/.test(said) && said.charCodeAt(0) - 97 < choices.length ? said.toUpperCase() : undefined) ??
    only((choice) => ` ${choice.replace(/[^\p{L}\p{N}.]+/gu, ' ')} `.includes(` ${said} `))
  );
}
