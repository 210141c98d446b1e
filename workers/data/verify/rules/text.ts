/** Words made comparable: what an answer says, without how it is written. */

const ARTICLES = /\b(?:a|an|the)\b/g;

/**
 * Lower case, without diacritics, punctuation, articles and doubled spaces. Marks within numbers and words (3.5, 1,000,
 * 8:13, Wi-Fi) stay where letters or digits stand on both sides, but hyphens become spaces.
 */
export function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[’‘`´]/g, "'")
    .replace(/[-‐‑‒–—_/]/g, ' ')
    .replace(/(?<![\p{L}\p{N}])[^\p{L}\p{N}\s$€£¥%°]+|[^\p{L}\p{N}\s$€£¥%°]+(?![\p{L}\p{N}])/gu, ' ')
    .replace(ARTICLES, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

export const wordsOf = (text: string): string[] => (text === '' ? [] : text.split(' '));

/** Where a phrase stands in a text as whole words; -1 where it does not. Both plain. */
export function placeOf(phrase: string, text: string): number {
  if (phrase === '') return -1;
  return ` ${text} `.indexOf(` ${phrase} `);
}

const LEADS = [
  /^(?:so|therefore|thus|hence|and|well)[,\s]+/i,
  /^(?:the |my |our |final |correct |right |short )*(?:answer|result|solution|option|choice)(?: to (?:the|this) question)?\s*(?:is|:|=|would be|should be|must be)\s*:?\s*/i,
  /^(?:it|this|that|there|they|these|those)(?:'s|'re| is| are| was| were| reads| says| shows)\s+(?!no\b|not\b)/i,
];

/** Without what people put before an answer: `The answer is`, `Final answer:`, `It is`. */
export function withoutLead(text: string): string {
  let rest = text.trim().replace(/^\*+|\*+$/g, '');
  for (let again = true; again; ) {
    again = false;
    for (const lead of LEADS) {
      const shorter = rest.replace(lead, '').trim();
      if (shorter !== rest && shorter !== '') {
        rest = shorter;
        again = true;
      }
    }
  }
  return rest;
}

const REFUSALS: readonly RegExp[] = [
  /\b(?:cannot|can not|can't|could not|couldn't|unable to|not able to|not possible to|impossible to|no way to) (?:be )?(?:tell|told|say|said|determine|determined|answer|answered|know|known|see|identify|identified|read|find|found|provide|given)\b/,
  /\b(?:i do not|i don't|don't|do not) know\b/,
  /\b(?:not|isn't|is not|aren't) (?:visible|shown|given|stated|specified|provided|mentioned|legible|readable|clear enough|enough information|answerable|available)\b/,
  /\b(?:not enough|insufficient|no) (?:information|detail|details|evidence|context)\b/,
  /^(?:unanswerable|unknown|not answerable|undetermined|n\/a|not applicable|unclear|no answer|cannot tell|can't tell)$/,
];

/** Whether it says that the picture does not tell. */
export function refuses(text: string): boolean {
  const said = text
    .toLowerCase()
    .replace(/[’‘`´]/g, "'")
    .replace(/\s+/g, ' ')
    .replace(/[.!"]+$/, '')
    .trim();
  return REFUSALS.some((refusal) => refusal.test(said));
}

const DENIALS =
  /\b(?:not|no|never|neither|nor|none|without|isn't|aren't|wasn't|weren't|doesn't|don't|didn't|won't|hardly|rather than|instead of|except)\b/;
const HEDGES = /\b(?:or|either|maybe|perhaps|possibly|might|could be|may be|unsure|not sure)\b/;

export const denies = (text: string): boolean => DENIALS.test(text.toLowerCase().replace(/[’‘]/g, "'"));
export const hedges = (text: string): boolean => HEDGES.test(text.toLowerCase());
