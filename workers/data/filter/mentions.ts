/** What a text mentions, so that a tool's result can be looked for in what is said after it. */

/** Words that are in any text, and those that all chains use of pictures and tools. */
const COMMON = new Set(
  `a about all also an and answer any are as at based be been both but by can could do does each find first for from get
  give given has have here how i if image images in information into is it its let me more most my need need not now of
  on one only or other our out picture question result results see should so some text that the their them then there
  these they this those to tool two up us use used using was we were what when where which while who will with would
  you your object objects photo`.split(/\s+/),
);

const NUMBER_WORDS: ReadonlyMap<string, number> = new Map(
  'zero one two three four five six seven eight nine ten eleven twelve'.split(' ').map((word, i) => [word, i] as const),
);

/** Singular and plural, and a name with 's, are the same word. */
const stem = (word: string): string => (word.length > 3 ? word.replace(/(?:'s|ies|es|s)$/, '') : word);

const FOREIGN = /[^\p{Script=Latin}\p{N}\p{M}'-]/u;

/** The same tokens of a text in ASCII, found several times faster: no letter is looked up in tables of Unicode. */
const ASCII = /^[\0-\x7f]*$/;
const ASCII_TOKEN = /\d+(?:[,\s]\d{3})*(?:\.\d+)?|\.\d+|image-\d+|[a-z][a-z0-9']*/g;
const TOKEN = /\d+(?:[,\s]\d{3})*(?:\.\d+)?|\.\d+|image-\d+|[\p{L}\p{M}][\p{L}\p{M}\p{N}']*/gu;

/** A word, or a number with the decimals that it is written with. */
type Token = { readonly word: string } | { readonly value: number; readonly decimals: number };

/**
 * Words that tell something, and numbers, also those in words.
 * @returns true as soon as `stop` says so of one, false where it never does
 */
function someToken(lower: string, stop: (token: Token) => boolean): boolean {
  for (const token of lower.match(ASCII.test(lower) ? ASCII_TOKEN : TOKEN) ?? []) {
    const first = token.charCodeAt(0);
    if ((first >= 48 && first <= 57) || first === 46) {
      const digits = token.replace(/[,\s]/g, '');
      const dot = digits.indexOf('.');
      if (stop({ value: Number(digits), decimals: dot < 0 ? 0 : digits.length - dot - 1 })) return true;
      continue;
    }
    const value = NUMBER_WORDS.get(token);
    if (value !== undefined && stop({ value, decimals: 0 })) return true;
    if (token.length > 1 && !COMMON.has(token) && stop({ word: stem(token) })) return true;
  }
  return false;
}

/** The words and numbers of several texts. */
export class Mentions {
  readonly #words = new Set<string>();
  /** Value -> decimals that it is written with. */
  readonly #numbers = new Map<number, number>();
  readonly #texts: string[] = [];
  #squeezed: string | undefined;

  add(text: string): void {
    const lower = text.toLowerCase();
    someToken(lower, (token) => {
      if ('word' in token) this.#words.add(token.word);
      else this.#numbers.set(token.value, Math.max(token.decimals, this.#numbers.get(token.value) ?? 0));
      return false;
    });
    this.#texts.push(lower);
    this.#squeezed = undefined;
  }

  /** Whether the word is said, also inside others: reading a picture loses spaces. */
  hasWord(word: string): boolean {
    if (this.#words.has(word)) return true;
    if (word.length < 5) return false;
    this.#squeezed ??= this.#texts.join(' ').replace(/[^\p{L}\p{N}]/gu, '');
    return this.#squeezed.includes(word);
  }

  /** Whether the number is said, rounded to as many decimals as it is said with, or in per cent. */
  hasNumber(value: number): boolean {
    const size = Math.abs(value);
    for (const [said, decimals] of this.#numbers) {
      const slack = 0.5 * 10 ** -decimals + 1e-9 * size;
      if (Math.abs(size - said) <= slack && (decimals > 0 || said > 0 || size < 0.5)) return true;
      if (said !== 0 && Math.abs(size * 100 - said) <= slack) return true;
    }
    return false;
  }

  /**
   * What of other texts is said here: `some` as soon as anything is; else whether they hold anything that could be said
   * (`none`), only words of another script (`foreign`), only numbers (`number`), or nothing (`empty`).
   */
  hits(texts: Iterable<string>): 'some' | 'none' | 'foreign' | 'number' | 'empty' {
    let words = 0;
    let foreign = 0;
    let numbers = 0;
    const isSaid = (token: Token): boolean => {
      if ('word' in token) {
        words++;
        if (FOREIGN.test(token.word)) foreign++;
        return this.hasWord(token.word);
      }
      numbers++;
      return this.hasNumber(token.value);
    };
    for (const text of texts) if (someToken(text.toLowerCase(), isSaid)) return 'some';
    if (words > 0) return words === foreign ? 'foreign' : 'none';
    return numbers > 0 ? 'number' : 'empty';
  }

  /** Whether any word of these texts is said. */
  speaksOf(texts: Iterable<string>): boolean {
    const isSaid = (token: Token): boolean => 'word' in token && this.hasWord(token.word);
    for (const text of texts) if (someToken(text.toLowerCase(), isSaid)) return true;
    return false;
  }
}
