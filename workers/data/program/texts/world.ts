/** The world of printed text: menus, receipts, boards, tables, charts, signs, lists, forms, equations. */
import { CANNOT_TELL, type ChainFacts, type ChainTurn } from '../../../../shared/data/chain.ts';
import { askScene } from '../../ask/make.ts';
import { skeletonSplit } from '../../ask/phrase.ts';
import { askPlain } from '../../ask/plain.ts';
import { type Random, random } from '../../random.ts';
import type { Wear } from '../../render/degrade.ts';
import type { Scene } from '../../scene/scene.ts';
import { toolVersions } from '../tool-versions.ts';
import type { SceneRequest, World, WorldChain } from '../world.ts';
import { type Compared, comparison, realiseComparison } from './compare.ts';
import type { PageSet, Realised } from './course.ts';
import { FAMILIES, familyOf, SCENES, type TextFamily, TOOLS } from './families.ts';
import { optionsFor, withOptions } from './options.ts';
import { pageOf, type TextPage } from './page.ts';
import { type Asked, questionOf } from './question.ts';
import { realise } from './realise.ts';
import { sceneFor, templateOf, WEARS } from './splits.ts';
import { say } from './thoughts.ts';
import { withoutAnswer } from './twins.ts';

/** Questions that are tried for each chain that is wanted. */
const TRIES = 8;
/**
 * How much oftener or rarer than by its share a chain without an answer is wanted of a family's scenes, so that the
 * share comes out: few questions of some can be left without their row, those of others nearly always (measured).
 */
const FILL: Partial<Record<TextFamily, number>> = {
  reverse: 0.95,
  difference: 0.9,
  receipt: 1.15,
  'unit-price': 2.4,
  reading: 3,
};
/** `what is the most among drinks`: whether a name or an amount is asked for cannot be told. */
const OPEN = /\bwhat is the (?:most|least) (?:among|under|in|of|from)\b/i;
/** The shortest questions come so often that one of them could be more than a hundredth of all chains: some are passed over. */
const SHORT = 24;
const SHORT_KEPT = 0.3;

const tooCommon = (rng: Random, skeleton: string): boolean => skeleton.length <= SHORT && !rng.chance(SHORT_KEPT);

interface Made {
  readonly family: TextFamily;
  readonly text: string;
  readonly skeleton: string;
  readonly truth: string;
  readonly others: readonly string[];
  readonly realised: Realised;
  readonly pages: readonly TextPage[];
  readonly template: string;
}

const isFamily = (name: string): name is TextFamily => (FAMILIES as readonly string[]).includes(name);

export const textWorld: World = {
  name: 'texts',
  families: FAMILIES,
  tools: TOOLS,
  async make(request) {
    const { seed, index, split, families } = request;
    const scene = `texts-${split}-${index}`;
    const rng = random(seed, scene);
    const wanted = Object.entries(families).filter(([name, share]) => isFamily(name) && share > 0) as [
      TextFamily,
      number,
    ][];
    if (wanted.length === 0) return [];
    const wear: Wear | 'none' = request.observe === 'annotation' ? 'none' : rng.weighted(WEARS[split]);
    const target = rng.weighted(wanted);
    const work: Work = { rng, request, scene, wear, chains: [] };
    if (target === 'arithmetic') return plainChains(work);
    if (target === 'compare-pages') return compareChains(work);
    const page = sceneFor(rng, split, rng.weighted(SCENES[target]));
    if (page) await sceneChains(work, page, target, new Map(wanted));
    return work.chains;
  },
};

interface Work {
  readonly rng: Random;
  readonly request: SceneRequest;
  /** Name of the scene. */
  readonly scene: string;
  readonly wear: Wear | 'none';
  readonly chains: WorldChain[];
}

async function sceneChains(
  work: Work,
  scene: Scene,
  target: TextFamily,
  shares: ReadonlyMap<string, number>,
): Promise<void> {
  const { rng, request, chains } = work;
  const { split, wanted, unanswerable } = request;
  const page = await pageOf({ rng, split, scene, wear: work.wear, number: 0, request });
  if (!page) return;
  const set: PageSet = { pages: [page], offsets: [0] };
  const asked = new Set<string>();
  // How many of the scene's chains are to end without an answer is drawn beforehand, whatever makes them do so: a twin
  // without its row, a question about something else, a misreading. Else misreadings would come on top of the share.
  let owed = owing(rng, wanted, Math.min(0.6, unanswerable * (FILL[target] ?? 1)));
  for (let tries = 0; chains.length < wanted && tries < wanted * TRIES; tries++) {
    const ask = askScene(rng, scene, split);
    if (!ask) break;
    const family = familyOf(ask);
    if (!shares.has(family) || (family !== target && tries % 3 !== 2)) continue;
    // Where a split has no wording of its own for a question, the question is another split's.
    if (skeletonSplit(ask.skeleton) !== split || tooCommon(rng, ask.skeleton) || OPEN.test(ask.text)) continue;
    if (ask.family === 'unanswerable' && owed === 0) continue;
    const same = `${ask.kind} ${ask.truth}`;
    if (asked.has(same)) continue;
    asked.add(same);
    const question = questionOf(scene, ask);
    const realised = await realise(rng, set, question);
    if (!realised) continue;
    const untold = realised.answer === CANNOT_TELL;
    if (untold && owed === 0) continue;
    const made: Made = {
      ...question,
      text: ask.text,
      skeleton: ask.skeleton,
      realised,
      pages: [page],
      template: templateOf(scene),
    };
    const chain = chainOf(work, made);
    chains.push(chain);
    if (untold) owed--;
    else if (owed > 0 && chains.length < wanted && (await addTwin(work, scene, question, chain))) owed--;
  }
}

/** Of so many chains, how many are to end without an answer. */
function owing(rng: Random, wanted: number, share: number): number {
  let owed = 0;
  for (let i = 0; i < wanted; i++) if (rng.chance(share)) owed++;
  return owed;
}

/** Adds the same question about the page without the row that answers it; false where that cannot be had. */
async function addTwin(work: Work, scene: Scene, question: Asked, chain: WorldChain): Promise<boolean> {
  const { rng, request, chains } = work;
  const torn = withoutAnswer(scene, question.ask);
  if (!torn) return false;
  const page = await pageOf({ rng, split: request.split, scene: torn, wear: work.wear, number: 0, request });
  if (!page) return false;
  const twin: Asked = {
    ...question,
    ask: { ...question.ask, turns: [{ evidence: [], next: 'unknown' }] },
    truth: CANNOT_TELL,
  };
  const realised = await realise(rng, { pages: [page], offsets: [0] }, twin);
  if (!realised || !chain.facts) return false;
  chains.push({
    ...chain,
    truth: CANNOT_TELL,
    answer: realised.answer,
    images: [page.image],
    turns: [...realised.turns],
    facts: { ...chain.facts, unanswerable: true, twinOf: String(chains.indexOf(chain)) },
  });
  return true;
}

async function compareChains(work: Work): Promise<WorldChain[]> {
  const { rng, request, chains } = work;
  let compared: Compared | undefined;
  for (let tries = 0; !compared && tries < 8; tries++) compared = comparison(rng, request.split);
  if (!compared || skeletonSplit(compared.skeleton) !== request.split) return [];
  const pages: TextPage[] = [];
  const offsets: number[] = [];
  let rows = 0;
  for (const [number, scene] of compared.scenes.entries()) {
    const page = await pageOf({ rng, split: request.split, scene, wear: work.wear, number, request });
    if (!page) return [];
    pages.push(page);
    offsets.push(rows);
    rows += scene.rows.length;
  }
  const realised = realiseComparison(rng, { pages, offsets }, compared);
  if (!realised) return [];
  const templates = [...new Set(compared.scenes.map(templateOf))].sort();
  chains.push(chainOf(work, { family: 'compare-pages', ...compared, realised, pages, template: templates.join('+') }));
  return chains;
}

/** Words that point at an image, where there is none. */
const POINTS = /\b(image|picture|photo|shown|here)\b/;

async function plainChains(work: Work): Promise<WorldChain[]> {
  const { rng, request, chains } = work;
  const nothing: Scene = {
    template: 'none',
    rows: [],
    facts: { kind: 'equations', columns: 0, lines: 0, equations: [] },
  };
  for (let tries = 0; chains.length < request.wanted && tries < request.wanted * TRIES; tries++) {
    const ask = askPlain(rng, request.split);
    if (
      skeletonSplit(ask.skeleton) !== request.split ||
      POINTS.test(ask.skeleton) ||
      (ask.skeleton === 'what is $sum' && !rng.chance(SHORT_KEPT))
    )
      continue;
    const question = questionOf(nothing, ask);
    const realised = await realise(rng, { pages: [], offsets: [] }, question);
    if (!realised) continue;
    const made = {
      ...question,
      text: ask.text,
      skeleton: ask.skeleton,
      realised,
      pages: [],
      template: `sum/${request.split}`,
    };
    chains.push(chainOf(work, made));
  }
  return chains;
}

/** Tools that are offered: always enough, often more. */
function offered(rng: Random, turns: readonly ChainTurn[]): string[] {
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

function chainOf({ rng, request, scene, wear }: Work, made: Made): WorldChain {
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
