/**
 * A Direct chain: the question and its truth, with no step between. TACO makes them of chains that went wrong, so that
 * their questions are not lost. The thought says no more than there is to say.
 */
import { CANNOT_TELL, type Chain } from '../../../shared/data/chain.ts';
import type { Recipe } from '../../../shared/data/recipe.ts';
import { random } from '../random.ts';

const SEEN = [
  'I can answer this from the image.',
  'The image shows what is asked for.',
  'Looking at the image is enough here.',
  'No tool is needed for this question.',
  'This can be told at sight.',
  'What I see answers the question.',
] as const;

const UNSEEN = [
  'The image does not show what is asked for.',
  'Nothing in the image tells this.',
  'There is not enough in the image to say.',
] as const;

/** The first of several ways in which the truth may be said, and all that must be said. */
const spoken = (truth: string): string =>
  (truth.split('<OR>')[0] as string)
    .split('<AND>')
    .map((part) => part.trim())
    .join(' and ');

/** What a Direct chain says before its answer: a model that is trained on it must not learn to think nothing. */
export const directThought = ({ id, truth }: Pick<Chain, 'id' | 'truth'>, seed: number): string =>
  random(seed, `direct ${id}`).pick(truth === CANNOT_TELL ? UNSEEN : SEEN);

/** @param seed of the recipe; the wording is drawn from it and the chain's id */
export function toDirect(chain: Chain, seed: number): Chain {
  const answer = spoken(chain.truth);
  const thought = directThought(chain, seed);
  const { verdict: _, ...rest } = chain;
  return {
    ...rest,
    outcome: 'Direct',
    answer,
    turns: [{ thought, actions: [{ name: 'Terminate', arguments: { answer } }], observations: [] }],
    verdict: { by: 'none', correct: true, why: 'the truth itself' },
  };
}

/** Whether the recipe's mixture would turn a chain into a Direct one: then nothing but its question and truth matters. */
export const turnsDirect = ({ outcome }: Pick<Chain, 'outcome'>, { mix }: Pick<Recipe, 'mix'>): boolean =>
  outcome !== 'Direct' && (mix?.direct_of.includes(outcome) ?? false);

/**
 * A chain as duplicates of it are looked for: of what is or becomes a Direct chain the question and the truth. So of several
 * samples of one question that all went wrong one is left.
 */
export function compared(chain: Chain, recipe: Pick<Recipe, 'mix'>): Pick<Chain, 'question' | 'turns'> {
  if (chain.outcome !== 'Direct' && !turnsDirect(chain, recipe)) return chain;
  const { turns, question } = toDirect(chain, 0);
  return { question, turns: turns.map((turn) => ({ ...turn, thought: '' })) };
}
