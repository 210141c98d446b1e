/** Takes a question apart: what is asked, and the options in any of the ways in which questions list them. */
import type { CheckInput, Option, ParsedQuestion } from './contract.ts';

/** How a letter is marked as an option; each has the letter as its group. */
const MARKS = [
  /\(([A-Z])\)/g,
  /\[([A-Z])\]/g,
  /(?<![A-Za-z0-9])([A-Z])\)/g,
  /(?<![A-Za-z0-9'])([A-Z])\.(?=\s)/g,
  /(?<![A-Za-z0-9])([A-Z]):/g,
  /(?<![A-Za-z0-9])([A-Z]) ?[-=–—>]+ /g,
  /(?<=^|\n)\s*([A-Z])[ \t]+(?=\S)/g,
] as const;

/** A question without two such letters lists nothing, whatever its marks. */
const LISTS = /(?<![A-Za-z0-9])A(?![A-Za-z0-9])[\s\S]*(?<![A-Za-z0-9])B(?![A-Za-z0-9])/;

/** Sentences about how to answer, and headings of the options: they ask nothing. */
const MANNERS =
  /(?:^|(?<=[.?!:\n]))\s*(?:please )?(?:(?:answer|reply|respond)\b[^.?!\n]*|(?:choose|select|pick|give|state|name|write|mark|say|indicate)\b(?:(?!\b(?:in|is|are|there|of these|of the)\b)[^.?!\n])*\b(?:letters?|options?|choices?|alternatives?)(?: (?:below|above|given|alone|only|that fits|of (?:your|the) (?:choice|answer)|from the (?:list|options|choices)))*|(?:the )?(?:options|choices|answers|candidates|alternatives|possible answers|answer options|answer choices)(?: are)?\s*:)[.?!:]?(?=\s|$)/gi;

/** Before the first option, also where no mark ends the question itself. */
const HEADING =
  /\s*\b(?:the )?(?:answer |possible )?(?:options|choices|answers|candidates|alternatives)(?: are)?\s*:\s*$/i;

interface Listed {
  readonly options: readonly Option[];
  readonly start: number;
  readonly end: number;
}

/** The options that one kind of mark shows: the longest A, B, C, ... from the last A on. */
function listed(text: string, mark: RegExp): Listed | undefined {
  const found = [...text.matchAll(mark)];
  for (let first = found.length - 1; first >= 0; first--) {
    if (found[first]?.[1] !== 'A') continue;
    const run = [found[first]!];
    for (const one of found.slice(first + 1)) if (one[1] === String.fromCharCode(65 + run.length)) run.push(one);
    if (run.length < 2) continue;
    const start = run[0]!.index;
    let end = text.length;
    const options = run.map((one, i) => {
      const from = one.index + one[0].length;
      const to = run[i + 1]?.index ?? text.length;
      const [line = ''] = text.slice(from, to).trimStart().split('\n');
      if (i === run.length - 1) end = from + text.slice(from).indexOf(line) + line.length;
      return { letter: one[1]!, text: line.replace(/[\s,;|/]+(?:or|and)?\s*$/i, '').trim() };
    });
    return { options, start, end };
  }
  return undefined;
}

/** Options that stand in one line end with the sentence: `A) red, B) blue. Answer with the letter.` */
function withoutTail({ options, start, end }: Listed): Listed {
  const last = options.at(-1)!;
  const tail =
    /^(.*?)[.?!]?\s+(?:please |just )?(?:answer|reply|respond|choose|select|pick|give|write|state|only)\b.*$/i.exec(
      last.text,
    );
  const text = (tail?.[1] ?? last.text).replace(/(?<=[^.])[.?!]$/, '').trim();
  return { options: [...options.slice(0, -1), { ...last, text }], start, end };
}

export function parseQuestion({ question, images }: Pick<CheckInput, 'question' | 'images'>): ParsedQuestion {
  let best: Listed | undefined;
  for (const mark of LISTS.test(question) ? MARKS : []) {
    const here = listed(question, mark);
    if (here?.options.every(({ text }) => text !== '') && here.options.length > (best?.options.length ?? 0))
      best = here;
  }
  const list = best ? withoutTail(best) : undefined;
  const rest = list ? `${question.slice(0, list.start).replace(HEADING, '')}\n${question.slice(list.end)}` : question;
  const body = rest
    .replace(MANNERS, ' ')
    .replace(/<image>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return list ? { body, options: list.options, images } : { body, images };
}
