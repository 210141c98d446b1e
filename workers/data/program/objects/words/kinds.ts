/** Words for what our own scenes show, and which split may use them. */
import type { Split } from '../../../ask/phrase.ts';

/** Names of drawn things; each has a drawing in ../draw. Those held back are seen in one split only. */
export const KINDS: Readonly<Record<Split | 'all', readonly string[]>> = {
  all: [
    ...['ball', 'box', 'cup', 'tree', 'house', 'car', 'fish', 'star', 'bottle', 'chair', 'lamp', 'table', 'book'],
    ...['clock', 'umbrella', 'kite', 'boat', 'flower', 'hat', 'balloon', 'apple', 'candle', 'bucket', 'butterfly'],
    ...['envelope', 'pencil'],
  ],
  train: ['ladder', 'leaf'],
  validation: ['flag', 'shirt', 'mushroom', 'key'],
  holdout: ['heart', 'teapot', 'rocket', 'bird', 'drum', 'bell'],
};

/** Colour words and how they are drawn. */
export const COLOURS: Readonly<Record<string, string>> = {
  red: '#d62728',
  blue: '#1f5fd0',
  green: '#2a9d3a',
  yellow: '#f6d416',
  orange: '#f58518',
  purple: '#7d3cc0',
  brown: '#7b4a22',
  black: '#1b1b1d',
  white: '#fafafa',
  grey: '#8d9096',
  pink: '#ff8fc0',
  turquoise: '#19c5c0',
};

const HELD: Readonly<Record<string, Split>> = { pink: 'validation', turquoise: 'holdout' };

export const kindsFor = (split: Split): readonly string[] => [...KINDS.all, ...KINDS[split]];
export const coloursFor = (split: Split): readonly string[] =>
  Object.keys(COLOURS).filter((colour) => (HELD[colour] ?? split) === split);

const PLURALS: Readonly<Record<string, string>> = {
  fish: 'fish',
  person: 'people',
  man: 'men',
  woman: 'women',
  child: 'children',
  knife: 'knives',
  leaf: 'leaves',
  shelf: 'shelves',
  wolf: 'wolves',
  loaf: 'loaves',
  mouse: 'mice',
  goose: 'geese',
  tooth: 'teeth',
  foot: 'feet',
  sheep: 'sheep',
  deer: 'deer',
  skis: 'skis',
  scissors: 'scissors',
  broccoli: 'broccoli',
};

/** `traffic light` gives `traffic lights`: the last word has the plural. */
export function pluralOf(noun: string): string {
  const at = noun.lastIndexOf(' ') + 1;
  const [before, word] = [noun.slice(0, at), noun.slice(at)];
  const known = PLURALS[word];
  if (known !== undefined) return before + known;
  if (word.endsWith('s') && !/(?:ss|us|is)$/.test(word)) return noun;
  if (/(?:s|x|z|ch|sh)$/.test(word)) return `${noun}es`;
  if (/[^aeiou]y$/.test(word)) return `${noun.slice(0, -1)}ies`;
  return `${noun}s`;
}

/** `a ball`, `an umbrella`. Names that are plurals already take `a pair of` or none. */
export function withArticle(noun: string): string {
  if (/^(?:skis|scissors|pants|jeans|shorts|glasses|sunglasses|goggles)$/.test(noun)) return `a pair of ${noun}`;
  if (/^(?:broccoli|grass|water|snow|sand)$/.test(noun)) return noun;
  return /^(?:[aeio]|u(?!ni|s[aeiu]|ten))/.test(noun) ? `an ${noun}` : `a ${noun}`;
}

/** `a`, `a or b`, `a, b or c`. */
export function listed(items: readonly string[], word = 'or'): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1)}`;
}
