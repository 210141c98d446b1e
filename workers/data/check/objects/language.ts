/** Words of questions about pictures, brought to one form before their meaning is looked for. */
import type { Side } from './meaning.ts';

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth'];

const PICTURE = '(?:image|picture|photo|photograph|pic|scene)';
const ORDINAL = new RegExp(`\\b(?:the )?(${ORDINALS.join('|')}) (?:one of the )?${PICTURE}s?\\b`, 'g');
const LAST = new RegExp(`\\b(?:the )?last ${PICTURE}\\b`, 'g');
const NUMBERED = new RegExp(`\\b${PICTURE} (?:number |no\\. ?|#)?(\\d+)\\b`, 'g');
const IN_PICTURE = new RegExp(
  `\\b(?:anywhere )?(?:in|on|within|inside) (?:the|this) ${PICTURE}\\b(?! (?:in which|that|with|where))|(?<=[\\s,]|^)(?:in @0|here)(?=[\\s,:.?]|$)`,
  'g',
);

/** `image-0`, `the second picture`, `picture 2` (from 1), `the last image` become `@0`, `@1`. */
function imagesNamed(text: string, images: number): string {
  return text
    .replace(/\bimage-(\d+)\b/g, '@$1')
    .replace(ORDINAL, (_, n: string) => `@${ORDINALS.indexOf(n)}`)
    .replace(LAST, `@${images - 1}`)
    .replace(NUMBERED, (_, n: string) => `@${Math.max(0, Number(n) - 1)}`);
}

const POLITE =
  /^(?:(?:please|kindly|(?:can|could|would) you (?=tell|say|please|state|give|report|find out|work out|check|count|name)|i (?:want|would like|need) to know|i'd like to know|tell me|say|state|give|report|find out|work out|check|determine|let me know|now|look and say|answer this|question)\b[:,]?\s*(?:me\b)?\s*)+/;

/** Lower case, one spelling, one blank, no words of politeness, no mark at the end. */
export function plainQuestion(body: string, images: number): string {
  let text = body
    .toLowerCase()
    .replace(/[’`]/g, "'")
    .replace(/\bwhat's\b/g, 'what is')
    .replace(/\bwhich's\b/g, 'which is')
    .replace(/\bwhere's\b/g, 'where is')
    .replace(/\bcolor(s|ed)?\b/g, 'colour$1')
    .replace(/\bfarthest\b/g, 'furthest')
    .replace(/\bfarther\b/g, 'further')
    .replace(/\b(left|right|top|bottom|upper|lower)-most\b/g, '$1most')
    .replace(/^\s*(?:question|q)\s*:\s*/, '');
  text = imagesNamed(text, images)
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^(?:hint|note)\b[^.?!]*[.?!]\s*/, '')
    .replace(POLITE, '')
    .replace(/[\s?.!]+$/, '')
    .trim();
  text = text
    .replace(/^(?:in all|altogether|in total|all in all|all together),?\s+/, '')
    .replace(
      /^(?:comparing|looking at|going by|considering|judging (?:by|from)|taking|when you compare|if you compare|between|of) (@\d+) (?:and|with|to) (@\d+),?\s*/,
      '$1 and $2 : ',
    );
  return text;
}

/** Without `in the picture`, which says nothing where there is one picture alone. */
export const withoutPicture = (text: string): string =>
  text
    .replace(IN_PICTURE, ' ')
    .replace(/\s+/g, ' ')
    .replace(/\s+([,:.?])/g, '$1')
    .replace(/,\s*(?=[,:])/g, '')
    .replace(/^[\s,:]+|[\s,.]+$/g, '');

/** How places are said, longest first. */
const SIDES: readonly (readonly [Side, string])[] = [
  [
    'left',
    '(?:(?:on|to|at) (?:the|its) left(?:[- ]hand)?(?: side)? of|(?:further )?left of|further (?:to the )?left than)',
  ],
  [
    'right',
    '(?:(?:on|to|at) (?:the|its) right(?:[- ]hand)?(?: side)? of|(?:further )?right of|further (?:to the )?right than)',
  ],
  ['above', '(?:above|over|(?:higher|further) up than|higher than|on top of)'],
  ['below', '(?:below|under|underneath|beneath|(?:lower|further) down than|lower than)'],
  ['inside', '(?:inside(?: of)?|within)'],
];

export const SIDE = `(${SIDES.map(([, words]) => words).join('|')})`;

const sides = SIDES.map(([side, words]) => [side, new RegExp(`^${words}$`)] as const);

export const sideOf = (words: string): Side => sides.find(([, pattern]) => pattern.test(words))?.[0] ?? 'left';

/** Words that no name of a thing has. */
const NO_NAME =
  /\b(?:which|what|who|whose|how|where|is|are|was|were|be|been|do|does|has|have|of|there|to|from|than|most|least|fewest|one|ones|say|tell|see|seen|can|that|it|them|they|whether|in|on|at|as|by|depth|distance|same|number|only|neither|closest|nearest|furthest|leftmost|rightmost|topmost|bottommost|highest|lowest)\b/;

const isName = (text: string): boolean => {
  const name = text.trim().replace(/^(?:the|a|an|any)\s+/, '');
  return /^[a-z][a-z' -]*$/.test(name) && name.split(' ').length <= 4 && !NO_NAME.test(name);
};

export interface Listing {
  /** The question without its list. */
  readonly rest: string;
  readonly among: readonly string[];
}

const cut = (list: string): string[] =>
  list
    .split(/\s*,\s*(?:or\s+)?|\s+or\s+/)
    .map((one) => one.trim().replace(/^(?:or\s+)?(?:the|a|an|any)\s+/, ''))
    .filter((one) => one !== '');

/** The list of candidates in a question: `a, b or c`, before or after a colon, or between commas. */
export function listIn(text: string): Listing | undefined {
  for (const colon of text.matchAll(/:/g)) {
    const [head, tail] = [text.slice(0, colon.index).trim(), text.slice(colon.index + 1).trim()];
    for (const [list, rest] of [
      [tail, head],
      [head, tail],
    ] as const) {
      if (/\bor\b/.test(list) && list.split(/,|\bor\b/).every((one) => one.trim() === '' || isName(one)))
        return { rest, among: cut(list) };
    }
  }
  const chunks = text.split(/(,|\bor\b)/);
  const at = chunks.lastIndexOf('or');
  if (at < 1) return undefined;
  const after = chunks[at + 1]!;
  if (!isName(after)) return undefined;
  let from = at;
  while (from >= 1 && isName(chunks[from - 1]!) && (chunks[from] === 'or' || chunks[from] === ',')) from -= 2;
  // `a , b or c` before: from is at the separator that ends the question's own words.
  const first = from + 1;
  if (first >= at) return undefined;
  const list = chunks.slice(first, at + 2).join('');
  const rest = `${chunks.slice(0, first).join('').replace(/,\s*$/, '')} ${chunks
    .slice(at + 2)
    .join('')
    .replace(/^,\s*/, '')}`;
  return {
    rest: rest
      .replace(/\s+/g, ' ')
      .replace(/[\s,.]+$/, '')
      .trim(),
    among: cut(list),
  };
}
