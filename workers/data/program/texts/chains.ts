/** What a question and its course make together: a chain with its tools, options and facts. */
import { CANNOT_TELL, type ChainFacts, type ChainTurn } from '../../../../shared/data/chain.ts';
import type { Ask } from '../../ask/ask.ts';
import { skeletonSplit } from '../../ask/phrase.ts';
import type { Random } from '../../random.ts';
import type { Wear } from '../../render/degrade.ts';
import { toolVersions } from '../tool-versions.ts';
import type { SceneRequest, WorldChain } from '../world.ts';
import type { Realised } from './course.ts';
import type { TextFamily } from './families.ts';
import { optionsFor, withOptions } from './options.ts';
import type { TextPage } from './page.ts';
import { say } from './thoughts.ts';

export interface Made {
  readonly family: TextFamily;
  readonly text: string;
  readonly skeleton: string;
  readonly truth: string;
  readonly others: readonly string[];
  readonly realised: Realised;
  readonly pages: readonly TextPage[];
  readonly template: string;
}

/** The chains of one scene while they are made. */
export interface Work {
  readonly rng: Random;
  readonly request: SceneRequest;
  /** Name of the scene. */
  readonly scene: string;
  readonly wear: Wear | 'none';
  readonly chains: WorldChain[];
}

/** `what is the most among drinks`: whether a name or an amount is asked for cannot be told. */
const OPEN = /\bwhat is the (?:most|least) (?:among|under|in|of|from)\b/i;
/** The shortest questions come so often that one of them could be more than a hundredth of all chains: some are passed over. */
const SHORT = 24;
export const SHORT_KEPT = 0.3;

const tooCommon = (rng: Random, skeleton: string): boolean => skeleton.length <= SHORT && !rng.chance(SHORT_KEPT);

/**
 * Whether a question may be asked in a split. Where a split has no wording of its own for a question, the question is
 * another split's.
 */
export const mayAsk = ({ rng, request }: Work, { skeleton, text }: Ask): boolean =>
  skeletonSplit(skeleton) === request.split && !tooCommon(rng, skeleton) && !OPEN.test(text);

/** Tools that are offered: always enough, often more. */
export function offered(rng: Random, turns: readonly ChainTurn[]): string[] {
  const used = new Set(turns.flatMap(({ actions }) => actions.map(({ name }) => name)));
  for (const name of ['OCR', 'Calculate'] as const) if (rng.chance(0.9)) used.add(name);
  if (rng.chance(0.7))
    for (const name of ['Crop', 'ZoomIn', 'SolveMathEquation', 'LocalizeObjects', 'GetObjects'] as const)
      if (rng.chance(0.6)) used.add(name);
  used.delete('Terminate');
  return [...[...used].sort(), 'Terminate'];
}

/** Puts the answer as a letter, where options are given. */
function lettered(rng: Random, { turns, answer }: Realised, letter: string): { turns: ChainTurn[]; answer: string } {
  if (answer === CANNOT_TELL) return { turns: [...turns], answer };
  const last = turns.at(-1) as ChainTurn;
  const thought = `${last.thought} ${say(rng, 'option', { letter })}`;
  return {
    turns: [
      ...turns.slice(0, -1),
      { ...last, thought, actions: [{ name: 'Terminate', arguments: { answer: letter } }] },
    ],
    answer: letter,
  };
}

/** The chain that a question came to. */
export function chainOf({ rng, request, scene, wear }: Work, made: Made): WorldChain {
  const { realised, pages, family, skeleton, template } = made;
  const told = made.truth !== CANNOT_TELL;
  const options = told && rng.chance(request.multipleChoice) ? optionsFor(rng, made.truth, made.others) : undefined;
  const { turns, answer } = options
    ? lettered(rng, realised, options.letter)
    : { turns: [...realised.turns], answer: realised.answer };
  const untold = realised.answer === CANNOT_TELL;
  const truth = untold ? CANNOT_TELL : options ? options.letter : made.truth;
  const tools = offered(rng, turns);
  const calls = turns.some(({ actions }) => actions.some(({ name }) => name !== 'Terminate'));
  const facts: ChainFacts = {
    family,
    template,
    skeleton,
    scene,
    form: options ? 'multiple-choice' : 'short-answer',
    observed: request.observe,
    wear: pages.length === 0 ? 'none' : wear,
    unanswerable: !told,
    ...(realised.sceneTruth === undefined ? {} : { sceneTruth: options ? options.letter : realised.sceneTruth }),
  };
  return {
    split: request.split,
    outcome: calls ? 'CoTA-pos' : 'CoT-pos',
    question: options ? withOptions(rng, made.text, options.texts) : made.text,
    ...(options ? { choices: [...options.texts] } : {}),
    truth,
    answer,
    images: pages.map(({ image }) => image),
    tools,
    turns,
    facts,
    made: { seed: request.seed, toolVersions: toolVersions(tools) },
  };
}
