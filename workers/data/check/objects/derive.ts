/** Answers to questions about objects, from regions, depths and likenesses; rules of evidence 1 to 7, 10 and 11. */
import type { Derive, Derived, ParsedQuestion } from '../contract.ts';
import { candidatesOf, ofCandidates } from './candidates.ts';
import { Evidence } from './evidence.ts';
import { plainQuestion } from './language.ts';
import type { Meaning } from './meaning.ts';
import { ofSeveral } from './of-several.ts';
import { ofOne } from './one.ts';
import { type Outcome, World } from './outcome.ts';
import { meaningOfSeveral } from './several.ts';
import { meaningOfSingle } from './single.ts';

/** What a question asks; undefined where it is not understood, or is not about objects. */
export function meaningOf({ body, images }: Pick<ParsedQuestion, 'body' | 'images'>): Meaning | undefined {
  const text = plainQuestion(body, images.length);
  if (images.length === 0) return undefined;
  return images.length === 1 && !/@[1-9]/.test(text) ? meaningOfSingle(text) : meaningOfSeveral(text, images.length);
}

/** `In which of the two is ...?` may be answered `both` only where an option says so, or where nothing is offered. */
function byOptions(meaning: Meaning | undefined, { options }: ParsedQuestion): Meaning | undefined {
  if (!options || meaning?.asks !== 'compare-relation' || options.some(({ text }) => /both|neither/i.test(text)))
    return meaning;
  const { thing, side, anchor, first, second } = meaning;
  return { asks: 'select-relation', thing, side, anchor, images: [first, second] };
}

const remembered = new WeakMap<ParsedQuestion, Meaning | 'none'>();

function rememberedMeaning(question: ParsedQuestion): Meaning | undefined {
  let known = remembered.get(question);
  if (known === undefined) {
    known = byOptions(meaningOf(question), question) ?? 'none';
    remembered.set(question, known);
  }
  return known === 'none' ? undefined : known;
}

export const deriveObjects: Derive = (question, seen): Derived => {
  const meaning = rememberedMeaning(question);
  if (!meaning) return { unparsed: 'no question about objects' };
  const candidates = candidatesOf(meaning, question);
  if ('among' in meaning || NEEDS_CANDIDATES.has(meaning.asks)) {
    if (!candidates || candidates.length < 2) return { unparsed: `${meaning.asks}: no candidates are listed` };
  }
  const world = new World(new Evidence(seen));
  return world.settle((here) => decide(here, meaning, candidates ?? []));
};

const NEEDS_CANDIDATES = new Set<Meaning['asks']>([
  'which-is-there',
  'frequency',
  'furthest',
  'depth',
  'depth-to-anchor',
  'head',
  'predicate',
]);

function decide(world: World, meaning: Meaning, candidates: readonly string[]): Outcome {
  switch (meaning.asks) {
    case 'which-is-there':
    case 'frequency':
    case 'furthest':
    case 'depth':
    case 'depth-to-anchor':
    case 'head':
      return ofCandidates(world, meaning, candidates);
    case 'count':
    case 'exists':
    case 'quality':
    case 'relation':
    case 'holds':
    case 'predicate':
      return ofOne(world, meaning, candidates);
    default:
      return ofSeveral(world, meaning);
  }
}
