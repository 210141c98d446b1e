/** A chain as text: what its tokens are counted of, and the words by which chains are compared. */
import type { Chain, ChainTurn } from '../../../shared/data/chain.ts';

/** One reply as a model writes it. */
export const replyText = ({ thought, actions }: Pick<ChainTurn, 'thought' | 'actions'>): string =>
  JSON.stringify({ thought, actions });

/** What goes back to the model after a reply. */
const observed = (turn: ChainTurn): string =>
  turn.problem ?? turn.observations.map((it) => JSON.stringify(it.ok ? it.result : { error: it.error })).join('\n');

/**
 * The dialogue without the system text: the request, then each reply and what came back. Trainers' templates add a few
 * tokens a turn, and pictures as many as the model spends on them.
 */
export function dialogue({ question, turns }: Pick<Chain, 'question' | 'turns'>): string {
  const parts = [question];
  for (const turn of turns) {
    parts.push(replyText(turn));
    const back = observed(turn);
    if (back !== '') parts.push(back);
  }
  return parts.join('\n');
}

/** Puts the texts and numbers of a JSON value into a list in their order, without the names of fields. */
function collect(value: unknown, into: string[]): void {
  if (typeof value === 'string') into.push(value);
  else if (typeof value === 'number' || typeof value === 'boolean') into.push(String(value));
  else if (Array.isArray(value)) for (const item of value) collect(item, into);
  else if (typeof value === 'object' && value !== null)
    for (const name of Object.keys(value)) collect((value as Record<string, unknown>)[name], into);
}

/**
 * What two chains are compared by: question, thoughts, calls' arguments and observations. Names of fields and tools are
 * left out, as they are the same in all chains and would make all of them alike.
 */
export function comparedText({ question, turns }: Pick<Chain, 'question' | 'turns'>): string {
  const parts = [question];
  for (const { thought, actions, observations, problem } of turns) {
    parts.push(thought);
    for (const action of actions) collect(action.arguments, parts);
    for (const it of observations) collect(it.ok ? it.result : it.error, parts);
    if (problem !== undefined) parts.push(problem);
  }
  return parts.join('\n');
}

/** Letter case, punctuation and spaces apart, the same question. */
export const plainQuestion = (question: string): string =>
  question
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
