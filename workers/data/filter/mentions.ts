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

const TOKEN = /\d+(?:[,\s]\d{3})*(?:\.\d+)?|\.\d+|image-\d+|[\p{L}\p{M}][\p{L}\p{M}\p{N}']*/gu;

/** Collects the words and numbers of several texts. */
export class Mentions {
  readonly words = new Set<string>();
  /** Value -> decimals that it is written with. */
  readonly numbers = new Map<number, number>();
  #squeezed = '';

  add(text: string): void {
    const lower = text.toLowerCase();
    for (const [token] of lower.matchAll(TOKEN)) {
      const first = token.charCodeAt(0);
      if ((first >= 48 && first <= 57) || first === 46) {
        const digits = token.replace(/[,\s]/g, '');
        const dot = digits.indexOf('.');
        this.#number(Number(digits), dot < 0 ? 0 : digits.length - dot - 1);
        continue;
      }
      const value = NUMBER_WORDS.get(token);
      if (value !== undefined) this.#number(value, 0);
      if (token.length > 1 && !COMMON.has(token)) this.words.add(stem(token));
    }
    this.#squeezed += lower.replace(/[^\p{L}\p{N}]/gu, '');
  }

  #number(value: number, decimals: number): void {
    this.numbers.set(value, Math.max(decimals, this.numbers.get(value) ?? 0));
  }

  /** Whether the word is said, also inside others: reading a picture loses spaces. */
  hasWord(word: string): boolean {
    return this.words.has(word) || (word.length >= 5 && this.#squeezed.includes(word));
  }

  /** Whether the number is said, rounded to as many decimals as it is said with, or in per cent. */
  hasNumber(value: number): boolean {
    for (const [said, decimals] of this.numbers) {
      const slack = 0.5 * 10 ** -decimals + 1e-9 * Math.abs(value);
      if (Math.abs(Math.abs(value) - said) <= slack && (decimals > 0 || said > 0 || Math.abs(value) < 0.5)) return true;
      if (said !== 0 && Math.abs(Math.abs(value) * 100 - said) <= slack) return true;
    }
    return false;
  }
}
