/** Chains of both worlds, defects sown into those that are sound, and what the checker says of them. */
import { CHAIN_VERSION, type Chain } from '../../../shared/data/chain.ts';
import { checkChain } from '../../../workers/data/check/check-chain.ts';
import { WORLDS } from '../../../workers/data/program/program.ts';
import type { World } from '../../../workers/data/program/world.ts';
import { hashText, random } from '../../../workers/data/random.ts';
import { ANSWERS } from './answers.ts';
import type { Defect } from './defect.ts';
import { STEPS } from './steps.ts';

export const DEFECTS: readonly Defect[] = [...ANSWERS, ...STEPS];

/** Chains of a world, all families alike, half with noise and half as annotated. */
export async function* chainsOf(world: World, seed: number): AsyncGenerator<Chain> {
  const families = Object.fromEntries(world.families.map((family) => [family, 1]));
  for (let index = 0; ; index++) {
    const made = await world.make({
      seed,
      index,
      split: 'train',
      families,
      observe: index % 2 === 0 ? 'noise' : 'annotation',
      multipleChoice: 0.5,
      unanswerable: 0.12,
      wanted: 5,
    });
    for (const [k, one] of made.entries())
      yield {
        version: CHAIN_VERSION,
        id: `${world.name}/${index}-${k}`,
        source: world.name,
        origin: 'program',
        licence: 'CC0-1.0',
        ...one,
      };
  }
}

export interface Clean {
  readonly chains: number;
  /** Of those whose answer is the truth: rejected ones, by reason. */
  readonly rejected: ReadonlyMap<string, number>;
}

export interface Found {
  readonly name: string;
  readonly sown: number;
  readonly rejected: number;
  /** Rejected for one of the reasons that name the defect. */
  readonly rightly: number;
  /** By reason, most frequent first; `none` for those that passed. */
  readonly reasons: readonly (readonly [string, number])[];
}

export interface Sown {
  readonly clean: ReadonlyMap<string, Clean>;
  readonly found: readonly Found[];
  /** CPU seconds of one check of a clean chain. */
  readonly seconds: number;
}

export interface Passed {
  readonly defect: string;
  readonly reason: string;
  readonly detail: string;
  readonly chain: Chain;
}

/**
 * @param wanted spoilt chains of each defect
 * @param most chains made in search of room for all defects
 * @param watch is told of each spoilt chain that was not rejected for the right reason
 */
export async function sowDefects(
  wanted: number,
  most: number,
  watch?: (passed: Passed) => void,
  worlds: readonly World[] = WORLDS,
): Promise<Sown> {
  const clean = new Map<string, { chains: number; rejected: Map<string, number> }>();
  const sown = new Map<string, number>();
  const reasons = new Map(DEFECTS.map(({ name }) => [name, new Map<string, number>()]));
  const sources = worlds.map((world) => ({ world, chains: chainsOf(world, 20_611) }));
  let checks = 0;
  let micros = 0;
  for (let made = 0; made < most; made++) {
    const { world, chains } = sources[made % sources.length]!;
    const { value: chain } = await chains.next();
    if (!chain || chain.answer !== chain.truth) continue;
    const begun = process.cpuUsage();
    const result = checkChain(chain);
    const { user, system } = process.cpuUsage(begun);
    micros += user + system;
    checks++;
    const here = clean.get(world.name) ?? { chains: 0, rejected: new Map<string, number>() };
    clean.set(world.name, here);
    here.chains++;
    if (!result.ok) {
      here.rejected.set(result.reason, (here.rejected.get(result.reason) ?? 0) + 1);
      continue;
    }
    const open = DEFECTS.filter(({ name }) => (sown.get(name) ?? 0) < wanted);
    if (open.length === 0) break;
    for (const defect of open) {
      const spoilt = defect.sow(chain, random(hashText(chain.id), defect.name));
      if (!spoilt || JSON.stringify(spoilt) === JSON.stringify(chain)) continue;
      sown.set(defect.name, (sown.get(defect.name) ?? 0) + 1);
      const found = checkChain(spoilt);
      const reason = found.ok ? 'none' : found.reason;
      const counts = reasons.get(defect.name)!;
      counts.set(reason, (counts.get(reason) ?? 0) + 1);
      if (found.ok || !defect.right.includes(found.reason))
        watch?.({ defect: defect.name, reason, detail: found.ok ? '' : found.detail, chain: spoilt });
    }
  }
  const found = DEFECTS.map(({ name, right }): Found => {
    const counts = [...reasons.get(name)!].sort((a, b) => b[1] - a[1]);
    const sum = (fits: (reason: string) => boolean): number =>
      counts.reduce((total, [reason, n]) => total + (fits(reason) ? n : 0), 0);
    return {
      name,
      sown: sown.get(name) ?? 0,
      rejected: sum((reason) => reason !== 'none'),
      rightly: sum((reason) => (right as readonly string[]).includes(reason)),
      reasons: counts,
    };
  });
  return { clean, found, seconds: micros / 1e6 / Math.max(1, checks) };
}
