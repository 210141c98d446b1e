/** Whether a chain is one that a model can be trained on: it ends, and all that it names is there. */
import type { Action } from '../../../shared/contract.ts';
import type { Chain, ChainTurn } from '../../../shared/data/chain.ts';
import type { Fault } from './fault.ts';

const IMAGE = /^image-\d+$/;

/** Names of images among the arguments, as whole values or members of a list. */
function imagesNamed({ arguments: given }: Action): string[] {
  return Object.values(given)
    .flat()
    .filter((value): value is string => typeof value === 'string' && IMAGE.test(value));
}

/** @returns the first fault; undefined where there is none */
export function formatFault(chain: Chain): Fault | undefined {
  const detail = fault(chain);
  return detail === undefined ? undefined : { reason: 'format', detail };
}

function fault({ question, truth, answer, images, tools, turns }: Chain): string | undefined {
  if (question.trim() === '') return 'no question';
  if (truth.trim() === '') return 'no truth';
  if (turns.length === 0) return 'no turn';
  const known = new Set<string>();
  for (const [i, { name }] of images.entries()) {
    if (name !== `image-${i}`) return `input image ${i} is called ${name}`;
    known.add(name);
  }
  for (const [i, turn] of turns.entries()) {
    const found = turnFault(turn, i === turns.length - 1, tools, known);
    if (found !== undefined) return `turn ${i}: ${found}`;
  }
  if (answer === null) return 'no answer';
  return undefined;
}

function turnFault(
  { thought, actions, observations, problem }: ChainTurn,
  last: boolean,
  tools: readonly string[],
  known: Set<string>,
): string | undefined {
  // A reply that could not be read is judged with the steps; it has no calls.
  if (problem !== undefined) return last ? 'ends with a reply that cannot be read' : undefined;
  const end = actions.findIndex(({ name }) => name === 'Terminate');
  if (last && end < 0) return 'does not end with Terminate';
  if (end >= 0 && (!last || end < actions.length - 1)) return 'goes on after Terminate';
  if (last && thought.trim() === '') return 'no thought';
  const calls = actions.filter(({ name }) => name !== 'Terminate');
  if (calls.length !== observations.length) return `${calls.length} calls, ${observations.length} observations`;
  for (const [i, call] of calls.entries()) {
    const observation = observations[i];
    // A call that failed may well name what there is not: that is often why it failed.
    if (observation === undefined || !observation.ok) continue;
    if (!tools.includes(call.name)) return `${call.name} was not offered`;
    for (const name of imagesNamed(call)) if (!known.has(name)) return `there is no ${name}`;
    for (const { name } of observation.images ?? []) {
      if (known.has(name)) return `${name} is made a second time`;
      known.add(name);
    }
  }
  return undefined;
}
