/** Names of things: singular and plural, articles, colours before them. */
import { remembered } from '../remember.ts';

const IRREGULAR: Readonly<Record<string, string>> = {
  people: 'person',
  persons: 'person',
  men: 'man',
  women: 'woman',
  children: 'child',
  mice: 'mouse',
  geese: 'goose',
  teeth: 'tooth',
  feet: 'foot',
  oxen: 'ox',
  dice: 'die',
  cacti: 'cactus',
  leaves: 'leaf',
  loaves: 'loaf',
  knives: 'knife',
  wives: 'wife',
  lives: 'life',
  scarves: 'scarf',
  shelves: 'shelf',
  wolves: 'wolf',
  calves: 'calf',
  halves: 'half',
  hooves: 'hoof',
  thieves: 'thief',
};

/** What a word may be the plural of, and the word itself. */
const singularsOf = remembered((word: string): readonly string[] => {
  const last = word.slice(word.lastIndexOf(' ') + 1);
  const head = word.slice(0, word.length - last.length);
  const found = new Set([last]);
  const irregular = Object.hasOwn(IRREGULAR, last) ? IRREGULAR[last] : undefined;
  if (irregular !== undefined) found.add(irregular);
  // `firemen`, `snowmen`, `policewomen`
  if (/[a-z]men$/.test(last)) found.add(`${last.slice(0, -2)}an`);
  if (last.endsWith('ies') && last.length > 4) found.add(`${last.slice(0, -3)}y`);
  if (/(?:s|x|z|ch|sh|o)es$/.test(last)) found.add(last.slice(0, -2));
  if (last.endsWith('zzes')) found.add(last.slice(0, -3));
  if (last.endsWith('s') && !last.endsWith('ss') && last.length > 3) found.add(last.slice(0, -1));
  return [...found].map((one) => head + one);
});

/** Without articles and words of amount, `the two balls` as `balls`. */
export const bare = remembered((phrase: string): string =>
  phrase
    .trim()
    .toLowerCase()
    .replace(
      /^(?:(?:any one of|all of|at least one|even one|at least a|either|both|some|any|all|each|every|these|those|the|an|a|one)\s+)+/,
      '',
    )
    .replace(/[\s?.!,;:]+$/g, '')
    .replace(/\s+/g, ' '),
);

/** Whether two names are of the same kind of thing: `ball`, `Balls`, `the ball`. */
export function sameNoun(a: string, b: string): boolean {
  const [one, other] = [bare(a), bare(b)];
  if (one === other) return true;
  const others = singularsOf(other);
  return singularsOf(one).some((word) => others.includes(word));
}

/** What stands before the noun: `red` of `red balls` for `ball`; undefined where that is not the noun. */
export function before(phrase: string, noun: string): string | undefined {
  const [whole, last] = [bare(phrase), bare(noun)];
  const length = last.split(' ').length;
  const words = whole.split(' ');
  if (words.length <= length) return undefined;
  return sameNoun(words.slice(-length).join(' '), last) ? words.slice(0, -length).join(' ') : undefined;
}

/** One spelling of colours. */
export const colour = (word: string): string =>
  word
    .toLowerCase()
    .replace(/\bgray\b/g, 'grey')
    .trim();

/** How an answer may name a candidate: as it is listed, and in the singular. */
export const spellings = (candidate: string): readonly string[] => [
  ...new Set([bare(candidate), ...singularsOf(bare(candidate))]),
];
