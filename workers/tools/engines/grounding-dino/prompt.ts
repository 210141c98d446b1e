import type { Tokenizer } from '../tokenizer.ts';

/** Tokens that the network takes at most, with those that begin and end the text. */
export const MOST_TOKENS = 256;

/** What the network reads, and where in it each label stands. */
export interface Prompt {
  readonly tokens: readonly number[];
  /** Places of tokens, from `start` up to but without `end`. */
  readonly spans: readonly { readonly label: string; readonly start: number; readonly end: number }[];
}

/**
 * Labels as Grounding DINO was trained to read them: lower case, each closed by a full stop. A full stop or a question
 * mark inside a label would cut it in two.
 * @param labels as they were asked for
 * @returns as many prompts as the labels need; a label that says nothing ("...") is in none, and of two that read alike
 *   the first is
 */
export function promptsOf(labels: readonly string[], tokenizer: Tokenizer): Prompt[] {
  const [begin = 0, stop = 0, finish = 0] = tokenizer.encode('.');
  const prompts: Prompt[] = [];
  let tokens: number[] = [begin];
  let spans: Prompt['spans'][number][] = [];
  const close = (): void => {
    if (spans.length > 0) prompts.push({ tokens: [...tokens, finish], spans });
    tokens = [begin];
    spans = [];
  };
  const seen = new Set<string>();
  for (const label of labels) {
    const said = label.toLowerCase().replace(/[.?]/g, ' ').replace(/\s+/g, ' ').trim();
    if (said === '' || seen.has(said)) continue;
    seen.add(said);
    const words = tokenizer
      .encode(said)
      .slice(1, -1)
      .slice(0, MOST_TOKENS - 3);
    if (words.length === 0) continue;
    if (tokens.length + words.length + 2 > MOST_TOKENS) close();
    spans.push({ label, start: tokens.length, end: tokens.length + words.length });
    tokens.push(...words, stop);
  }
  close();
  return prompts;
}
