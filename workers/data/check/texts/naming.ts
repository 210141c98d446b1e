/** Which names of a page a question says, and where. */
import { alike, distance, tolerance } from './spelling.ts';
import type { Lexicon, Token } from './wording.ts';

/** Something that a question may call by its name. */
export interface Named<T> {
  readonly key: string;
  /** As printed, for the words that it is made of. */
  readonly text: string;
  readonly is: T;
}

/** A place in the question: a name of the page, words of no known meaning, or a word of the language. */
export type Part<T> =
  | { readonly kind: 'name'; readonly of: readonly T[]; readonly said: string; readonly exact: boolean }
  | { readonly kind: 'stranger'; readonly said: string }
  | { readonly kind: 'word'; readonly text: string };

/** Never a name by themselves. */
const GLUE = new Set(
  'a an the of for in on at from with to by as per than that this it is are was were do does did has have i you we they and or how much many what which who where when one two three four five six if me my get'.split(
    ' ',
  ),
);

/** A number of the question, with its currency or unit. */
const FIGURE = /^(?:rm|rs\.?|s\$|[^\p{L}\d\s]{1,2})?\d[\d.,]*(?:%|[€$*]|kr|usd|mcg|mg|kg|km|g|h)?$/iu;

/** Words for things of a kind, which may also be a part of a name. */
const SOFT = new Set(
  'plus pizza pizzas drink drinks gas fuel gasoline petrol dish dishes large small full hot cold double'.split(' '),
);

/** What of there may be several kinds, and a total. */
const NUTRIENT = /\b(?:fats?|sugars?|carb\w*|fib(?:re|er))\b/i;

/** Sizes: behind a part of a name they say which one of its kind is meant. */
const SIZES = new Set('large small full double'.split(' '));

/** Behind these a word for a kind is no name. */
const BEFORE_KIND = /(?:est|most|expensive|affordable|priced|which|what|of)$/;

/** How many words a name has at most. */
const LONGEST = 8;

function keysOf(key: string): string[] {
  const keys = [key];
  if (key.includes('and')) keys.push(key.replaceAll('and', ''));
  return keys;
}

/** Names by the words that they are made of. */
interface Index<T> {
  /** Words that names are made of, squeezed. */
  readonly words: ReadonlySet<string>;
  readonly names: readonly Named<T>[];
  readonly exact: ReadonlyMap<string, readonly Named<T>[]>;
}

export function indexOf<T>(names: readonly Named<T>[]): Index<T> {
  const exact = new Map<string, Named<T>[]>();
  for (const one of names) {
    if (one.key === '') continue;
    for (const key of keysOf(one.key)) {
      const others = exact.get(key);
      if (others) others.push(one);
      else exact.set(key, [one]);
    }
  }
  const words = new Set(
    names.flatMap(({ text }) =>
      text
        .replace(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ')
        .toLowerCase()
        .split(/[^a-z0-9]+/),
    ),
  );
  return { names, exact, words };
}

const unique = <T>(found: readonly Named<T>[]): T[] => [...new Set(found.map(({ is }) => is))];

/** Names that a squeezed text stands for by its spelling, the nearest ones. */
function bySpelling<T>(said: string, { names }: Index<T>): { found: Named<T>[]; cost: number } {
  let best = Number.POSITIVE_INFINITY;
  let found: Named<T>[] = [];
  for (const one of names) {
    if (one.key === '') continue;
    const limit = Math.min(tolerance(Math.min(said.length, one.key.length)), best);
    for (const key of keysOf(one.key)) {
      const cost = distance(said, key, limit);
      if (cost > limit) continue;
      if (cost < best) {
        best = cost;
        found = [one];
      } else if (!found.includes(one)) found.push(one);
    }
  }
  return { found, cost: best };
}

/** Names of which a text is a word, or some words in a row: a part that says which one is meant. */
function byPart<T>(said: string, { names }: Index<T>): Named<T>[] {
  if (said.length < 3) return [];
  const exact = names.filter((one) => hasPart(one, said, (word) => word === said || `${word}s` === said));
  return exact.length > 0 || said.length < 4
    ? exact
    : names.filter((one) => hasPart(one, said, (word) => alike(word, said)));
}

function hasPart<T>({ text, key }: Named<T>, said: string, fits: (word: string) => boolean): boolean {
  if (key.length <= said.length) return false;
  const words = text
    .split(/\s+|(?<=\p{Ll})(?=\p{Lu})/u)
    .map((word) =>
      word
        .toLowerCase()
        .normalize('NFKD')
        .replace(/[^a-z0-9]/g, ''),
    )
    .filter((word) => word !== '');
  for (let from = 0; from < words.length; from++) {
    let joined = '';
    for (let to = from; to < words.length; to++) {
      joined += words[to];
      if (joined.length > 2 && fits(joined)) return true;
      if (joined.length > said.length + 1) break;
    }
  }
  // Words that were read without the space between them.
  return said.length >= 4 && (key.startsWith(said) || key.endsWith(said));
}

/** `between it and sales`, `than it`: one side of a comparison is a name, whatever the word. */
function isSide(tokens: readonly Token[], at: number): boolean {
  const [before, after] = [tokens[at - 1]?.text, tokens[at + 1]?.text];
  if (tokens[at]?.text !== 'it') return false;
  if (after === undefined) return /^(?:and|than|in|exceed|beat|top|of|for|the)$/.test(before ?? '');
  // `the figures of IT together`: the department, where there is one.
  if (/^(?:of|for|in)$/.test(before ?? '') && /^(?:add|come|make|together|combined|in|altogether)$/.test(after))
    return true;
  return (
    (/^(?:between|does)$/.test(before ?? '') && /^(?:and|top|beat|exceed)$/.test(after)) ||
    (before === 'is' && after === 'than')
  );
}

/** The names of a page in a question, and what of it is left. */
export function partsOf<T>(tokens: readonly Token[], index: Index<T>, words: Lexicon): Part<T>[] {
  const taken: (Part<T> | undefined)[] = new Array(tokens.length);
  const spans = new Map<number, { to: number; part: Part<T> }>();
  const put = (from: number, to: number, part: Part<T>): void => {
    spans.set(from, { to, part });
    taken.fill(part, from, to);
  };
  const text = (from: number, to: number): string =>
    tokens
      .slice(from, to)
      .map(({ text }) => text)
      .join(' ');
  const joinedKey = (from: number, to: number): string | undefined => {
    let key = '';
    for (let i = from; i < to; i++) {
      if ((tokens[i] as Token).key === '' || taken[i]) return undefined;
      key += (tokens[i] as Token).key;
    }
    return key;
  };
  // As spelt on the page, the longest first.
  for (let length = Math.min(LONGEST, tokens.length); length > 0; length--) {
    for (let from = 0; from + length <= tokens.length; from++) {
      const key = joinedKey(from, from + length);
      if (key === undefined || (length === 1 && GLUE.has((tokens[from] as Token).text) && !isSide(tokens, from)))
        continue;
      // `unleaded 95 gasoline`: what kind of thing a name is, even where that is a name too.
      if (length === 1 && SOFT.has((tokens[from] as Token).text) && taken[from - 1]?.kind === 'name') continue;
      const found =
        index.exact.get(key) ??
        (key.endsWith('s') ? index.exact.get(key.slice(0, -1)) : undefined) ??
        (key.includes('and') && tokens[from]?.key !== 'and' && tokens[from + length - 1]?.key !== 'and'
          ? index.exact.get(key.replaceAll('and', ''))
          : undefined);
      if (found)
        put(from, from + length, { kind: 'name', of: unique(found), said: text(from, from + length), exact: true });
    }
  }
  // What is no word of the language: a name spelt otherwise, a part of one, or a stranger.
  const foreign = (at: number): boolean => {
    const token = tokens[at] as Token;
    if (token.key === '' || taken[at]) return false;
    // `pizza` is a word for any dish, but on a page with one pizza it names that one; not so behind a name.
    if (SOFT.has(token.text))
      return (
        (index.words.has(token.key) || index.words.has(token.key.replace(/s$/, ''))) &&
        taken[at - 1]?.kind !== 'name' &&
        (token.text === 'plus' ||
          !BEFORE_KIND.test(tokens[at - 1]?.text ?? '') ||
          (tokens[at - 1]?.text === 'of' && /^(?:instead|price|cost)$/.test(tokens[at - 2]?.text ?? '')))
      );
    return !words.has(token.text) && !FIGURE.test(token.text);
  };
  for (let from = 0; from < tokens.length; from++) {
    if (!foreign(from)) continue;
    let to = from + 1;
    while (to < tokens.length && foreign(to)) to++;
    let best: { cost: number; size: number; from: number; to: number; found: Named<T>[] } | undefined;
    for (let a = Math.max(0, from - 4); a <= from; a++) {
      for (let b = to; b <= Math.min(tokens.length, to + 4); b++) {
        // A count before a name is no part of a name that is spelt without it.
        if (a < from && FIGURE.test((tokens[a] as Token).text)) continue;
        const key = joinedKey(a, b);
        if (key === undefined) continue;
        const { found, cost } = bySpelling(key, index);
        if (found.length > 0 && (!best || cost < best.cost || (cost === best.cost && key.length > best.size)))
          best = { cost, size: key.length, from: a, to: b, found };
      }
    }
    if (best) {
      put(best.from, best.to, { kind: 'name', of: unique(best.found), said: text(best.from, best.to), exact: false });
      from = best.to - 1;
      continue;
    }
    // With a word of the language beside it first: `iced tea` says more than `iced`.
    let part: { from: number; to: number; found: Named<T>[] } | undefined;
    for (const [a, b] of [
      [from - 1, to + 1],
      [from, to + 1],
      [from - 1, to],
      [from, to],
    ] as const) {
      if (a < 0 || b > tokens.length) continue;
      if (a < from && FIGURE.test((tokens[a] as Token).text)) continue;
      if ((a < from && GLUE.has((tokens[a] as Token).text)) || (b > to && GLUE.has((tokens[b - 1] as Token).text)))
        continue;
      const key = joinedKey(a, b);
      // `total fat` is not the fat of another kind.
      const whole = tokens[a - 1]?.text === 'total';
      const found = (key === undefined ? [] : byPart(key, index)).filter(
        ({ text: name }) => !whole || /\btotal\b/i.test(name) || !NUTRIENT.test(name),
      );
      if (found.length > 0) {
        part = { from: a, to: b, found };
        break;
      }
    }
    const size = tokens[part?.to ?? to];
    // `oolong full` is not the oolong of another size.
    const other =
      part !== undefined && size !== undefined && SIZES.has(size.text) && !taken[part.to] && !index.words.has(size.key);
    if (other && part) {
      put(part.from, part.to + 1, { kind: 'stranger', said: text(part.from, part.to + 1) });
      from = part.to;
      continue;
    }
    if (part)
      put(part.from, part.to, { kind: 'name', of: unique(part.found), said: text(part.from, part.to), exact: false });
    else put(from, to, { kind: 'stranger', said: text(from, to) });
    from = (part?.to ?? to) - 1;
  }
  const parts: Part<T>[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const span = spans.get(at);
    if (span) {
      // `N plus N` where the page has something of that name.
      const joins = span.part.kind === 'name' && span.part.said === 'plus' && at > 0 && parts.at(-1)?.kind !== 'word';
      parts.push(joins ? { kind: 'word', text: 'plus' } : span.part);
      at = span.to - 1;
    } else parts.push({ kind: 'word', text: (tokens[at] as Token).text });
  }
  return parts;
}

/** A question with its names masked: `how much is N and U`, N a name of the page, U a stranger. */
export const masked = <T>(parts: readonly Part<T>[]): string =>
  parts
    .map((part) => (part.kind === 'word' ? part.text : part.kind === 'name' ? 'N' : 'U'))
    .join(' ')
    .replace(/ ([,.:;?])/g, '$1');
