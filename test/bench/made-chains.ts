/** Chains for benchmarks: `N` of each family of every world, made in this process and kept nowhere. */
import type { Split } from '../../shared/data/chain.ts';
import { WORLDS } from '../../workers/data/program/program.ts';
import type { World, WorldChain } from '../../workers/data/program/world.ts';
import { random } from '../../workers/data/random.ts';

export interface Wish {
  readonly perFamily: number;
  readonly seed: number;
  readonly split?: Split;
  readonly observe?: 'annotation' | 'noise';
  readonly onlyWorld?: string | undefined;
}

/** Scenes that are tried for each chain that is wanted before a family is given up. */
const PATIENCE = 20;

export async function* madeOf(
  world: World,
  family: string,
  { perFamily, seed, split = 'train', observe }: Wish,
): AsyncGenerator<WorldChain> {
  let made = 0;
  for (let index = 0; made < perFamily && index < perFamily * PATIENCE + 100; index++) {
    const rng = random(seed, `${family} ${index}`);
    const chains = await world.make({
      seed: seed + world.families.indexOf(family) * 7919,
      index,
      split,
      families: { [family]: 1 },
      observe: observe ?? (rng.chance(0.3) ? 'annotation' : 'noise'),
      multipleChoice: 0.5,
      unanswerable: 0.12,
      wanted: Math.min(5, perFamily - made),
    });
    for (const chain of chains) {
      if (made >= perFamily) return;
      made++;
      yield chain;
    }
  }
}

/** Every family with its chains, one family after the other. */
export async function* familiesMade(
  wish: Wish,
): AsyncGenerator<{ world: World; family: string; chains: WorldChain[] }> {
  for (const world of WORLDS) {
    if (wish.onlyWorld !== undefined && world.name !== wish.onlyWorld) continue;
    for (const family of world.families) {
      const chains: WorldChain[] = [];
      for await (const chain of madeOf(world, family, wish)) chains.push(chain);
      yield { world, family, chains };
    }
  }
}
