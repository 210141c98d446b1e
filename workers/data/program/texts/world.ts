/** The world of printed text: menus, receipts, boards, tables, charts, signs, lists, forms, equations. */
import { CANNOT_TELL } from '../../../../shared/data/chain.ts';
import { askScene } from '../../ask/make.ts';
import { skeletonSplit } from '../../ask/phrase.ts';
import { askPlain } from '../../ask/plain.ts';
import { type Random, random } from '../../random.ts';
import type { Wear } from '../../render/degrade.ts';
import type { Scene } from '../../scene/scene.ts';
import type { World, WorldChain } from '../world.ts';
import { chainOf, type Made, mayAsk, SHORT_KEPT, type Work } from './chains.ts';
import { type Compared, comparison, realiseComparison } from './compare.ts';
import { withoutOne } from './compare-twins.ts';
import type { PageSet, Realised } from './course.ts';
import { FAMILIES, familyOf, SCENES, type TextFamily, TOOLS } from './families.ts';
import { addAnswered, addTwin, twinOf } from './make-twins.ts';
import { pageOf, type TextPage } from './page.ts';
import { questionOf } from './question.ts';
import { realise } from './realise.ts';
import { sceneFor, templateOf, WEARS } from './splits.ts';

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
  average: 0.75,
  equations: 0.8,
  'compare-pages': 1.25,
  extremes: 1.35,
};
/** How often a page that lacks something is asked what it does answer, where there is room for one more chain. */
const ANSWERED = 0.7;

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
    if (!mayAsk(work, ask)) continue;
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
    else if (owed > 0 && chains.length < wanted) {
      const torn = await addTwin(work, scene, question, chain);
      if (torn) owed--;
      if (torn?.rest && chains.length < wanted && rng.chance(ANSWERED)) await addAnswered(work, torn, shares);
    }
  }
}

/** Of so many chains, how many are to end without an answer. */
function owing(rng: Random, wanted: number, share: number): number {
  let owed = 0;
  for (let i = 0; i < wanted; i++) if (rng.chance(share)) owed++;
  return owed;
}

async function compareChains(work: Work): Promise<WorldChain[]> {
  const { rng, request, chains } = work;
  const { split, wanted, unanswerable } = request;
  let compared: Compared | undefined;
  for (let tries = 0; !compared && tries < 8; tries++) compared = comparison(rng, split);
  if (!compared || skeletonSplit(compared.skeleton) !== split) return [];
  const made = await comparedPages(work, compared);
  if (!made) return [];
  const templates = [...new Set(compared.scenes.map(templateOf))].sort();
  const chain = chainOf(work, { family: 'compare-pages', ...compared, ...made, template: templates.join('+') });
  chains.push(chain);
  // One chain a scene, and a twin to some: of all of them the twins are to be the share.
  const share = Math.min(0.4, unanswerable * (FILL['compare-pages'] ?? 1));
  if (wanted < 2 || !rng.chance(share / (1 - share))) return chains;
  const torn = withoutOne(rng, compared);
  const twin = torn && (await comparedPages(work, torn));
  if (twin) chains.push(twinOf(work, chain, twin.realised, twin.pages));
  return chains;
}

/** The pages of a comparison, and what becomes of it; undefined where the readings do not bear it out. */
async function comparedPages(
  { rng, request, wear }: Work,
  compared: Compared,
): Promise<{ pages: TextPage[]; realised: Realised } | undefined> {
  const pages: TextPage[] = [];
  const offsets: number[] = [];
  let rows = 0;
  for (const [number, scene] of compared.scenes.entries()) {
    const page = await pageOf({ rng, split: request.split, scene, wear, number, request });
    if (!page) return undefined;
    pages.push(page);
    offsets.push(rows);
    rows += scene.rows.length;
  }
  const realised = realiseComparison(rng, { pages, offsets }, compared);
  return realised && { pages, realised };
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
