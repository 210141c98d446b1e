import { CHAIN_VERSION, type Chain } from '../../../shared/data/chain.ts';
import type { NanoChain } from '../../../shared/nano/format.ts';
import { textWorld } from '../../../workers/data/program/texts/world.ts';
import { random } from '../../../workers/data/random.ts';
import { nanoChain } from '../../../workers/train/nano/from-chain.ts';

export interface ValidationChain {
  readonly chain: Chain;
  /** As cota-nano says it. */
  readonly nano: NanoChain;
}

/** Chains about texts of the validation split, of every family, without end; the same for the same seed. */
export async function* validationChains(seed: number): AsyncGenerator<ValidationChain> {
  const families = Object.fromEntries(textWorld.families.map((family) => [family, 1]));
  for (let index = 0; ; index++) {
    const made = await textWorld.make({
      ...{ seed, index, split: 'validation', observe: 'noise', families },
      ...{ multipleChoice: 0.3, unanswerable: 0.12, wanted: 4 },
    });
    for (const [nth, one] of made.entries()) {
      const chain: Chain = {
        ...{ version: CHAIN_VERSION, id: `validation/${index}-${nth}`, source: 'validation' },
        ...{ origin: 'program', licence: 'CC0-1.0', ...one },
      };
      const nano = nanoChain(chain, random(seed, chain.id));
      if (typeof nano !== 'string') yield { chain, nano };
    }
  }
}
