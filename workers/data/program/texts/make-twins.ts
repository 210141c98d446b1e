/** Chains about pages that lack what a question needs: the twin of an answered question, and one that the page answers. */
import { CANNOT_TELL } from '../../../../shared/data/chain.ts';
import type { Ask } from '../../ask/ask.ts';
import { askScene } from '../../ask/make.ts';
import type { Scene } from '../../scene/scene.ts';
import { toolVersions } from '../tool-versions.ts';
import type { WorldChain } from '../world.ts';
import { chainOf, mayAsk, offered, type Work } from './chains.ts';
import type { Realised } from './course.ts';
import { familyOf } from './families.ts';
import { pageOf, type TextPage } from './page.ts';
import { type Asked, questionOf } from './question.ts';
import { realise } from './realise.ts';
import { pageShows } from './shows.ts';
import { templateOf } from './splits.ts';
import { asksRows, withoutAnswer } from './twins.ts';

/** A torn page, with what can still be asked of it where that is known. */
export interface TornPage {
  readonly page: TextPage;
  readonly rest?: Scene;
}

/** Adds the same question about the page without what answers it; undefined where that cannot be had. */
export async function addTwin(
  work: Work,
  scene: Scene,
  question: Asked,
  chain: WorldChain,
): Promise<TornPage | undefined> {
  const { rng, request, chains } = work;
  const torn = withoutAnswer(rng, scene, question);
  if (!torn) return undefined;
  const page = await pageOf({ rng, split: request.split, scene: torn.scene, wear: work.wear, number: 0, request });
  if (!page) return undefined;
  const pages = { pages: [page], offsets: [0] };
  // That something is missing must be seen: the gap, the name beside it, what else there is.
  const needed = [...(torn.gap ? [torn.gap] : []), ...torn.turns.flatMap(({ evidence }) => evidence.flat())];
  if (needed.some((place) => !page.reading.observed.at(place))) return undefined;
  if (!asksRows(question.ask) && !pageShows(pages, question.ask)) return undefined;
  const twin: Asked = {
    ...question,
    ask: { ...question.ask, turns: torn.turns },
    truth: CANNOT_TELL,
    textAt: ({ row, cell }) => torn.scene.rows[row]?.cells[cell] ?? '',
  };
  const realised = await realise(rng, pages, twin);
  if (realised?.answer !== CANNOT_TELL) return undefined;
  chains.push(twinOf(work, chain, realised, [page]));
  return { page, ...(torn.rest ? { rest: torn.rest } : {}) };
}

/** The twin of an answered chain. */
export function twinOf(
  { rng, chains }: Work,
  chain: WorldChain,
  { turns }: Realised,
  pages: readonly TextPage[],
): WorldChain {
  const used = turns.flatMap(({ actions }) => actions.map(({ name }) => name));
  // A twin looks again where its pair had no need to: what it calls must have been offered to both alike or to it.
  const tools = used.every((name) => chain.tools.includes(name)) ? chain.tools : offered(rng, turns);
  return {
    ...chain,
    truth: CANNOT_TELL,
    answer: CANNOT_TELL,
    images: pages.map(({ image }) => image),
    tools,
    turns: [...turns],
    ...(chain.facts ? { facts: { ...chain.facts, unanswerable: true, twinOf: String(chains.indexOf(chain)) } } : {}),
    made: { ...chain.made, toolVersions: toolVersions(tools) },
  };
}

/** Questions that are tried of a torn page. */
const TRIES = 4;

/** Adds a question that a torn page does answer, so that its gap alone is no reason to give up. */
export async function addAnswered(
  work: Work,
  { page, rest }: TornPage,
  shares: ReadonlyMap<string, number>,
): Promise<void> {
  const { rng, request, chains } = work;
  if (!rest || (rest.facts.kind === 'equations' && rest.facts.equations.length < 2)) return;
  for (let tries = 0; tries < TRIES; tries++) {
    const ask = askScene(rng, rest, request.split);
    if (!ask) return;
    if (!shares.has(familyOf(ask)) || !answeredBy(ask, rest) || !mayAsk(work, ask)) continue;
    const question = questionOf(rest, ask);
    const realised = await realise(rng, { pages: [page], offsets: [0] }, question);
    if (!realised || realised.answer === CANNOT_TELL) continue;
    const { text, skeleton } = ask;
    chains.push(chainOf(work, { ...question, text, skeleton, realised, pages: [page], template: templateOf(rest) }));
    return;
  }
}

/** Whether a question goes by single rows, none of which has the gap. */
const answeredBy = (ask: Ask, { rows }: Scene): boolean =>
  (asksRows(ask) || ask.family === 'equations') &&
  ask.turns.every(({ evidence }) =>
    evidence.flat().every(({ row, cell }) => !/^\?+$/.test(rows[row]?.cells[cell] ?? '')),
  );
