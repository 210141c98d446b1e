/**
 * Whether chains are true, before any filter: what the independent checker confirms, what agrees with the scene, and why
 * the rest does not: `npm run bench -- truth [chains per family] [world]`.
 */
import { CANNOT_TELL } from '../../shared/data/chain.ts';
import { checkChain } from '../../workers/data/check/check-chain.ts';
import type { WorldChain } from '../../workers/data/program/world.ts';
import { familiesMade } from './made-chains.ts';

const perFamily = Number(process.argv[3] ?? 1_000);
const DEPTH = /^(closer|farther)/;

const skeletons = new Map<string, number>();
const sequences = new Set<string>();
const layouts = new Set<string>();
let all = 0;
let confirmed = 0;
let depth = 0;
let depthRight = 0;
let twins = 0;

/** A chain agrees where it says what is true of the scene, or says that it cannot tell what it does not show. */
const agrees = ({ answer, truth, facts }: WorldChain): 'agrees' | 'untold' | 'differs' =>
  answer !== truth && !sameText(answer, truth)
    ? 'differs'
    : facts?.sceneTruth === undefined || truth !== CANNOT_TELL
      ? 'agrees'
      : 'untold';
const sameText = (a: string | null, b: string): boolean =>
  a !== null && a.toLowerCase().replace(/[^\p{L}\p{N}.]/gu, '') === b.toLowerCase().replace(/[^\p{L}\p{N}.]/gu, '');

const percent = (n: number, of: number): string => `${((100 * n) / Math.max(1, of)).toFixed(1)} %`.padStart(9);

console.log(
  `${'family'.padEnd(24)}${'chains'.padStart(7)}${'confirmed'.padStart(11)}${'agree'.padStart(9)}${'untold'.padStart(9)}${'differ'.padStart(9)}  why not confirmed`,
);
for await (const { family, chains } of familiesMade({ perFamily, seed: 17, onlyWorld: process.argv[4] })) {
  const why = new Map<string, number>();
  const kinds = { agrees: 0, untold: 0, differs: 0 };
  let sound = 0;
  for (const chain of chains) {
    const checked = checkChain(chain);
    kinds[agrees(chain)]++;
    if (checked.ok) sound++;
    else why.set(checked.reason, (why.get(checked.reason) ?? 0) + 1);
    const { facts } = chain;
    sequences.add(chain.turns.flatMap(({ actions }) => actions.map(({ name }) => name)).join('>'));
    if (!facts) continue;
    skeletons.set(facts.skeleton, (skeletons.get(facts.skeleton) ?? 0) + 1);
    layouts.add(facts.template);
    if (facts.unanswerable) twins++;
    if (DEPTH.test(family) && !facts.unanswerable && facts.sceneTruth === undefined) {
      depth++;
      if (chain.answer === chain.truth) depthRight++;
    }
  }
  all += chains.length;
  confirmed += sound;
  const reasons = [...why]
    .sort((a, b) => b[1] - a[1])
    .map(([reason, n]) => `${reason} ${n}`)
    .join(', ');
  console.log(
    `${family.padEnd(24)}${String(chains.length).padStart(7)}${percent(sound, chains.length).padStart(11)}${percent(kinds.agrees, chains.length)}${percent(kinds.untold, chains.length)}${percent(kinds.differs, chains.length)}  ${reasons}`,
  );
}
console.log(`
${all} chains, the checker confirms ${percent(confirmed, all).trim()}; ${percent(twins, all).trim()} unanswerable.
Order in depth: ${depth === 0 ? 'no chains' : `${depthRight} of ${depth} agree with the scene`}.
${skeletons.size} question skeletons, the commonest in ${percent(Math.max(...skeletons.values()), all).trim()}; ${sequences.size} action sequences; ${layouts.size} layouts.`);
