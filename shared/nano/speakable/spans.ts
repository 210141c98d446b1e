/** Spans of texts, followed character by character: what may come next so that the whole is still a span. */

/** What a character is, as far as words and numbers begin and end with it. */
const kindOf = (char: string | undefined): 'letter' | 'digit' | 'other' | 'space' => {
  if (char === undefined || char === ' ' || char === '\t') return 'space';
  if (char >= '0' && char <= '9') return 'digit';
  return char >= 'a' && char <= 'z' ? 'letter' : 'other';
};

/** Whether a word, a number or a sign of its own begins here; a number's decimals are no beginning. */
export function begins(text: string, at: number): boolean {
  const kind = kindOf(text[at]);
  if (kind === 'space') return false;
  if (kind === 'other') return kindOf(text[at - 1]) !== 'digit' || kindOf(text[at + 1]) !== 'digit';
  const before = text[at - 1];
  if (kind === 'digit' && (before === '.' || before === ',') && kindOf(text[at - 2]) === 'digit') return false;
  return kindOf(before) !== kind;
}

/** Whether one ends before this place. */
export function ends(text: string, at: number): boolean {
  const last = kindOf(text[at - 1]);
  if (last === 'space') return false;
  const next = text[at];
  if (last === 'digit' && (next === '.' || next === ',') && kindOf(text[at + 1]) === 'digit') return false;
  return last === 'other' || kindOf(next) !== last;
}

export interface Spans {
  /** Characters that may follow. */
  next(): Iterable<string>;
  /** Whether what was said so far is a whole span. */
  whole(): boolean;
  say(char: string): void;
}

/** Follows a span of any of the texts from its first character on. */
export function spansOf(texts: readonly string[]): Spans {
  let open: { readonly text: string; at: number }[] = [];
  for (const text of texts.map((one) => one.replaceAll('\t', ' ')))
    for (let at = 0; at < text.length; at++) if (begins(text, at)) open.push({ text, at });
  let said = 0;
  return {
    next: () => new Set(open.flatMap(({ text, at }) => (at < text.length ? [text[at] as string] : []))),
    whole: () => said > 0 && open.some(({ text, at }) => ends(text, at)),
    say(char) {
      said++;
      open = open.filter((one) => one.text[one.at] === char);
      for (const one of open) one.at++;
    },
  };
}

/**
 * Marks that a reader lost or doubled: `8 50` and `13. 99` are read as 8.50 and 13.99. What has decimals of its own is a
 * number beside another: `2023 76.0`.
 */
const TORN = /(?<![.,]\d*)(\d)[ .,-]{1,2}(\d\d)(?![\d.,]*\d)/g;
export const mended = (text: string): string => text.replace(TORN, '$1.$2');
