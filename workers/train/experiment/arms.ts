/** The arms of docs/experiment.md: what each is taught to say of the same chain, behind the same reading. */
import type { Chain } from '../../../shared/data/chain.ts';
import type { NanoChain, NanoTurn } from '../../../shared/nano/format.ts';
import type { Random } from '../../data/random.ts';
import { nanoChain } from '../nano/from-chain.ts';

export const ARMS = ['direct', 'cot', 'actions', 'cota'] as const;
export type Arm = (typeof ARMS)[number];

/** Trainings in several forms of each chain, by name. */
export const MIXTURES: Readonly<Record<string, readonly Arm[]>> = {
  'cota+direct': ['cota', 'direct'],
  'cota+cot': ['cota', 'cot'],
  'cota+cot+direct': ['cota', 'cot', 'direct'],
};

export const PRIMARY: readonly string[] = ['look-up', 'reverse', 'reading', 'receipt', 'extremes'];
export const ARITHMETIC: readonly string[] = ['sums', 'difference', 'average', 'unit-price', 'equations'];

/** Tools that stand in the prompt of every arm. */
const TOOLS = ['OCR', 'Calculate', 'Terminate'] as const;

/** The chain in full, where the experiment takes it: one picture, read once, then only Calculate. */
export function wholeChain(chain: Chain, rng: Random): NanoChain | undefined {
  const family = chain.facts?.family ?? '';
  if (chain.choices || ![...PRIMARY, ...ARITHMETIC].includes(family)) return undefined;
  // Numbers are said in full: where nothing is quoted there is no row to name.
  const nano = nanoChain(chain, rng, { references: false });
  if (typeof nano === 'string') return undefined;
  const [first, ...rest] = nano.turns;
  const reads = first && first.action !== 'unknown' && first.action.name === 'OCR';
  const computes = rest.every(({ action }) => action === 'unknown' || ['Calculate', 'Terminate'].includes(action.name));
  const [reading, ...results] = nano.observations;
  if (!reads || !computes || !reading || !('rows' in reading) || results.some((one) => 'rows' in one || 'error' in one))
    return undefined;
  const [image] = nano.prompt.images;
  if (!image || nano.prompt.images.length > 1) return undefined;
  return { ...nano, prompt: { tools: TOOLS, budget: 3, images: [image], question: nano.prompt.question } };
}

/** What an arm is taught of it. */
export function ofArm(arm: Arm, chain: NanoChain): NanoChain {
  const [reading, ...rest] = chain.turns as [NanoTurn, ...NanoTurn[]];
  const last = rest.at(-1) as NanoTurn;
  const brief = arm === 'direct' || arm === 'actions';
  const prompt = brief ? { ...chain.prompt, brief } : chain.prompt;
  switch (arm) {
    case 'direct':
      return {
        prompt,
        turns: [reading, { quotes: [], action: last.action }],
        observations: chain.observations.slice(0, 1),
      };
    case 'cot': {
      const quotes = [...new Set(rest.flatMap((turn) => turn.quotes))];
      return {
        prompt,
        turns: [reading, { quotes, action: last.action }],
        observations: chain.observations.slice(0, 1),
      };
    }
    case 'actions':
      return { ...chain, prompt, turns: [reading, ...rest.map(({ action }) => ({ quotes: [], action }))] };
    case 'cota':
      return chain;
  }
}
