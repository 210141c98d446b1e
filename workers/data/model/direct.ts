/** A Direct chain: the truth with no chain at all, of a question that the model never got right. */
import type { Chain } from '../../../shared/data/chain.ts';
import { directThought } from '../mix/direct.ts';

/** Said as one answer: of `<OR>` the first, of `<AND>` all. */
export const sayable = (truth: string): string =>
  truth
    .split(/<AND>/i)
    .map((part) => (part.split(/<OR>/i)[0] ?? '').trim())
    .join(', ');

/** @param wrong one of the question's chains */
export function directChain(wrong: Chain, id: string): Chain {
  const { question, choices, truth, images, source, split, licence, made, skills, version, origin } = wrong;
  const answer = sayable(truth);
  const thought = directThought({ id, truth }, made.seed);
  return {
    ...{ version, id, source, origin, split, outcome: 'Direct', question },
    ...(choices ? { choices } : {}),
    ...{ truth, answer, images, tools: ['Terminate'] },
    turns: [{ thought, actions: [{ name: 'Terminate', arguments: { answer } }], observations: [] }],
    ...(skills ? { skills } : {}),
    verdict: { by: 'none', correct: true, why: 'the truth of the source itself' },
    made: { seed: made.seed, toolVersions: {} },
    licence,
  };
}
