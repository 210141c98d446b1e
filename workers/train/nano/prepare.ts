/** From chains of the data factory to the token shards that cota-nano is trained on. */
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import type { Chain } from '../../../shared/data/chain.ts';
import type { NanoChain } from '../../../shared/nano/format.ts';
import type { NanoData } from '../../../shared/train/nano-data.ts';
import { random } from '../../data/random.ts';
import { drill } from './drills/drill.ts';
import { nanoChain } from './from-chain.ts';
import { sayable } from './sayable.ts';
import { sequences } from './sequences.ts';
import { type ShardSummary, shardWriter, writeVocabulary } from './shards.ts';

/** Computed at a stretch, milliseconds. */
const BREATH_MS = 50;

export interface Prepared {
  /** Chains by what became of them: `kept`, or why they were left out. */
  readonly chains: Readonly<Record<string, number>>;
  readonly shards: Readonly<Record<string, ShardSummary>>;
}

/**
 * Writes `<out>/vocabulary.json`, `<out>/drills/<name>-*`, `<out>/chains/train-*` and `<out>/chains/validation-*`.
 * The same chains, recipe and seed give the same bytes.
 * @param progress called now and then with the chains that were read so far
 */
export async function prepareNano(options: {
  readonly chains: AsyncIterable<Chain>;
  readonly recipe: NanoData;
  readonly out: string;
  readonly seed: number;
  readonly thoughts?: boolean;
  readonly progress?: (chains: number) => void;
  /** Asked now and then while drills are made; what it throws ends the preparation. */
  readonly goOn?: () => void;
}): Promise<Prepared> {
  const { recipe, out, seed } = options;
  let breath = performance.now();
  writeVocabulary(out);
  const shards: Record<string, ShardSummary> = {};
  for (const kind of recipe.drills) {
    const writer = shardWriter(`${out}/drills`, kind.name, recipe.shard);
    const rng = random(seed, `${kind.held_out ? 'held out ' : ''}${kind.name}`);
    for (let made = 0; made < kind.examples; ) {
      // Drills take minutes: timers must come in between, such as the word that the job is in hand.
      if (performance.now() - breath > BREATH_MS) {
        await turnOfLoop();
        options.goOn?.();
        breath = performance.now();
      }
      for (const one of sequences(rng, drill(rng, { ...kind, rows: kind.rows as [number, number] }))) {
        writer.add(one);
        made++;
      }
    }
    shards[`drills/${kind.name}`] = writer.end();
  }
  const writers = {
    train: shardWriter(`${out}/chains`, 'train', recipe.shard),
    validation: shardWriter(`${out}/chains`, 'validation', recipe.shard),
  };
  const counts: Record<string, number> = {};
  const count = (what: string): void => {
    counts[what] = (counts[what] ?? 0) + 1;
  };
  let read = 0;
  let scene: Chain[] = [];
  const flush = (): void => {
    const [first] = scene;
    if (!first) return;
    const rng = random(seed, first.id);
    const kept: NanoChain[] = [];
    for (const chain of scene) {
      const made =
        chain.choices && !rng.chance(recipe.multiple_choice)
          ? 'multiple-choice'
          : nanoChain(chain, rng, { thoughts: options.thoughts });
      const why = typeof made === 'string' ? made : sayable(made) ? 'kept' : 'not-a-span';
      count(why);
      if (why === 'kept') kept.push(made as NanoChain);
    }
    const writer = writers[first.split === 'train' ? 'train' : 'validation'];
    for (const one of sequences(rng, kept)) writer.add(one);
    scene = [];
  };
  for await (const chain of options.chains) {
    read++;
    if (read % 5_000 === 0) options.progress?.(read);
    // Chains that were refused teach nothing, held-out ones are for judging.
    if (chain.verdict?.correct === false || chain.split === 'holdout') {
      count(chain.split === 'holdout' ? 'held out' : 'refused');
      continue;
    }
    if (
      scene.length > 0 &&
      (scene[0]?.facts?.scene !== chain.facts?.scene || scene[0]?.split !== chain.split || !chain.facts)
    )
      flush();
    scene.push(chain);
  }
  flush();
  shards['chains/train'] = writers.train.end();
  shards['chains/validation'] = writers.validation.end();
  return { chains: counts, shards };
}
