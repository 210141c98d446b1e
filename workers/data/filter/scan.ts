/** `filter.scan`: the facts of each chain, one shard a chain file. Filter and mixture then work on facts alone. */
import { z } from 'zod';
import { readChains } from '../factory/chain-files.ts';
import { madeChains } from '../factory/dataset.ts';
import type { JobView, ShardView } from '../factory/stage.ts';
import { stage } from '../factory/stage.ts';
import { benchmarkIndexOf } from './benchmarks.ts';
import { type ChainFactsRow, factsOf } from './facts.ts';
import { writeFacts } from './facts-file.ts';
import { numbered } from './names.ts';

const spec = z.object({ key: z.string(), rows: z.int() });

/** The signal is looked at after so many chains. */
const PACE = 500;

export const scan = stage<z.infer<typeof spec>>({
  name: 'filter.scan',
  spec,
  async plan(job: JobView) {
    if (!job.recipe.filter && !job.recipe.mix) return [];
    return (await madeChains(job)).map(({ key, rows }) => ({ key, rows }));
  },
  async make({ key, rows }, shard: ShardView) {
    const benchmarks = await benchmarkIndexOf(shard);
    const facts: ChainFactsRow[] = [];
    for await (const chain of readChains(shard.objects, { key })) {
      facts.push(factsOf(chain, shard.recipe, benchmarks));
      if (facts.length % PACE !== 0) continue;
      shard.signal.throwIfAborted();
      shard.progress(facts.length, rows);
    }
    const file = await writeFacts(
      shard.objects,
      shard.key(numbered('facts', shard.shard, 'parquet')),
      shard.shard,
      facts,
    );
    return { files: [file], counts: { chains: facts.length } };
  },
});
