/** One chain: a question about a scene, its plan carried out, and what is kept of it. */
import type { Split } from '../../../../shared/data/chain.ts';
import { CANNOT_TELL, type ChainFacts } from '../../../../shared/data/chain.ts';
import type { Random } from '../../random.ts';
import type { WorldChain } from '../world.ts';
import { type Ask, type Asking, type Family, QUESTIONS } from './ask/asked.ts';
import type { Eyes } from './eyes.ts';
import { lookWith } from './look.ts';
import { carryOut } from './plans/carry-out.ts';
import { UNKNOWN } from './regions.ts';
import { Unmade } from './rules.ts';
import { LETTERS, withOptions } from './words/options.ts';
import { fill, skeletonFor } from './words/template.ts';

export interface Made {
  readonly chain: WorldChain;
  readonly ask: Ask;
}

export interface Making {
  readonly rng: Random;
  readonly family: Family;
  readonly asked: Asking;
  readonly ask: Ask;
  /** Of the question's answerable twin: the words stay the same. */
  readonly skeleton?: string | undefined;
  readonly split: Split;
  readonly eyes: Eyes;
  readonly seed: number;
  readonly facts: Pick<ChainFacts, 'template' | 'scene' | 'observed' | 'wear'> & { readonly twinOf?: string };
}

/** Tools that a prompt may offer beside those that a chain calls. */
const OFFERED = [
  ...['OCR', 'LocalizeObjects', 'GetObjects', 'EstimateRegionDepth', 'EstimateObjectDepth', 'Crop', 'ZoomIn'],
  ...['GetImageToImagesSimilarity', 'GetImageToTextsSimilarity', 'GetTextToImagesSimilarity', 'DetectFaces'],
  ...['QueryLanguageModel', 'QueryKnowledgeBase', 'Calculate', 'SolveMathEquation'],
];

/** All tools in most prompts; in some only those that are needed and a few more. */
function offered(rng: Random, called: ReadonlySet<string>): string[] {
  const more = rng.chance(0.6) ? OFFERED : rng.sample(OFFERED, rng.int(1, 6));
  return [...OFFERED.filter((name) => called.has(name) || more.includes(name)), 'Terminate'];
}

/** Upper case first, except where people in a hurry leave it; now and then the end mark, too, where no options follow. */
function asSaid(rng: Random, text: string, options: boolean): string {
  const plain = rng.chance(0.85) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return !options && rng.chance(0.06) ? plain.replace(/[?.]$/, '') : plain;
}

const skeletonOf = ({ rng, family, ask, split, skeleton }: Making): string => {
  const wordings = QUESTIONS[family] as Readonly<Record<string, readonly string[]>>;
  return skeleton ?? skeletonFor(rng, wordings[ask.wording]!, split);
};

/** @returns undefined where what was seen does not bear out the truth, nor that there is none to tell */
export async function makeChain(making: Making): Promise<Made | undefined> {
  const { rng, family, asked, ask, eyes, facts } = making;
  const look = lookWith(rng, eyes, facts.observed !== 'tool');
  let found: Awaited<ReturnType<typeof carryOut>>;
  try {
    found = await carryOut(look, ask.plan);
  } catch (error) {
    if (error instanceof Unmade) return undefined;
    throw error;
  }
  const unknown = found.answer === UNKNOWN;
  // Never a truth that nothing shows: what is seen must say it, or must not say anything.
  if (!unknown && found.answer !== ask.truth) return undefined;
  const sceneTruth = ask.sceneTruth ?? (unknown && ask.truth !== UNKNOWN ? ask.truth : undefined);
  const letterOf = (text: string): string => LETTERS[ask.options.indexOf(text)]!;
  const answer = unknown ? CANNOT_TELL : asked.multiple ? letterOf(found.answer) : found.answer;
  const ending = unknown ? 'cannot' : asked.multiple ? 'endLetter' : 'end';
  look.end(look.say(ending, { seen: found.seen, answer, said: found.answer }), answer);
  const skeleton = skeletonOf(making);
  const question = asSaid(rng, fill(skeleton, ask.slots), asked.multiple);
  const called = new Set(look.turns.flatMap(({ actions }) => actions.map(({ name }) => name)));
  return {
    ask,
    chain: {
      split: making.split,
      outcome: 'CoTA-pos',
      question: asked.multiple ? withOptions(rng, question, ask.options) : question,
      ...(asked.multiple ? { choices: [...ask.options] } : {}),
      truth: answer,
      answer,
      images: [...eyes.images],
      tools: offered(rng, called),
      turns: [...look.turns],
      facts: {
        ...facts,
        family,
        skeleton,
        form: asked.multiple ? 'multiple-choice' : 'short-answer',
        unanswerable: unknown,
        ...(sceneTruth === undefined ? {} : { sceneTruth }),
      },
      made: { seed: making.seed, toolVersions: { ...eyes.toolVersions } },
    },
  };
}
