/**
 * Several questions about one picture as one training sequence: the first stands before the rows, as in service; the
 * others come after an answer and are answered from the same rows. Rows are most of a chain's tokens, so this gives
 * about twice the answers to learn from for the same work.
 */
import {
  encodeChain,
  encodeQuestion,
  encodeTurns,
  ID,
  type NanoChain,
  type NanoExample,
} from '../../../shared/nano/format.ts';

/** Longest sequence in tokens that training takes. */
export const LONGEST = 1280;

/** Whether a chain reads its picture once, without trouble, and so may share the reading with others. */
function plain(chain: NanoChain): boolean {
  const [first] = chain.observations;
  return (
    first !== undefined &&
    'rows' in first &&
    first.rows.length > 0 &&
    !first.answerNow &&
    chain.prompt.budget === 3 &&
    chain.prompt.images.length > 0
  );
}

/** The turns that follow the reading, with the question before them. */
function more(chain: NanoChain): NanoExample {
  const question = [ID.question, ...encodeQuestion(chain.prompt.question), ID.turn];
  const turns = encodeTurns(chain.turns.slice(1), chain.observations.slice(1));
  return { ids: [...question, ...turns.ids], weights: [...question.map(() => 0), ...turns.weights] };
}

/**
 * Sequences for chains about one picture, in their order: neighbours that share a reading are joined while they fit into
 * `limit` tokens. Chains that alone exceed it are left out.
 */
export function together(chains: readonly NanoChain[], limit = LONGEST): NanoExample[] {
  const made: NanoExample[] = [];
  let open: { chain: NanoChain; parts: NanoExample[]; length: number } | undefined;
  const close = (): void => {
    if (!open) return;
    const [, ...others] = open.parts;
    // Only now is it known which tools all of them need.
    const first = encodeChain(open.chain);
    made.push({
      ids: [...first.ids, ...others.flatMap((part) => part.ids)],
      weights: [...first.weights, ...others.flatMap((part) => part.weights)],
    });
    open = undefined;
  };
  for (const chain of chains) {
    if (open && plain(chain)) {
      const part = more(chain);
      const tools = [...new Set([...open.chain.prompt.tools, ...chain.prompt.tools])];
      const length = open.length + part.ids.length + tools.length - open.chain.prompt.tools.length;
      if (length <= limit) {
        open = {
          chain: { ...open.chain, prompt: { ...open.chain.prompt, tools } },
          parts: [...open.parts, part],
          length,
        };
        continue;
      }
    }
    close();
    const alone = encodeChain(chain);
    if (alone.ids.length > limit) continue;
    if (plain(chain)) open = { chain, parts: [alone], length: alone.ids.length };
    else made.push(alone);
  }
  close();
  return made;
}
