/**
 * Stages for tests of the machinery: `make` writes rows that follow from the seed, slowly; `count` reads them again. The
 * recipe's name says what goes wrong: `poison` ends its process, `stubborn` fails each time, `wrong` is the user's fault.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { CotaError } from '../../../shared/errors.ts';
import { readRows, writeLines } from '../../../workers/data/factory/chain-files.ts';
import { type Stage, stage } from '../../../workers/data/factory/stage.ts';
import { serveHand } from '../../../workers/data/hands/hand.ts';

const spec = z.object({ from: z.int(), to: z.int(), waits: z.boolean() });
/** Times that a shard said that it waits, in this process. */
const waited = new Set<string>();

const make = stage<z.infer<typeof spec>>({
  name: 'make',
  spec,
  async plan({ recipe }) {
    const chains = recipe.sources[0]?.program?.chains ?? 0;
    return Array.from({ length: Math.ceil(chains / recipe.shard) }, (_, at) => ({
      ...{ from: at * recipe.shard, to: Math.min(chains, (at + 1) * recipe.shard) },
      waits: recipe.name === 'patient' && at === 1,
    }));
  },
  async make({ from, to, waits }, shard) {
    const { recipe, signal } = shard;
    if (recipe.name === 'wrong')
      throw new CotaError('invalid_value', 'This recipe asks for a cube of seven sides: ask for six.');
    if (recipe.name === 'stubborn') throw new Error('the moon is in the way');
    if (recipe.name === 'poison' && shard.shard === 1) process.kill(process.pid, 'SIGKILL');
    if (waits && !waited.has(shard.id)) {
      waited.add(shard.id);
      return { laterMs: 300, note: '1 of 2 stars' };
    }
    async function* rows() {
      for (let row = from; row < to; row++) {
        await sleep(recipe.name === 'endless' ? 60_000 : 2, undefined, { signal });
        shard.progress(row - from, to - from);
        yield { row, value: (row * 7919 + recipe.seed) % 104_729 };
      }
    }
    const file = await writeLines(shard.objects, shard.key(`rows-${shard.shard}.jsonl.zst`), rows());
    return { files: [file], counts: { chains: file.rows, even: from % 2 } };
  },
});

const count = stage<z.infer<typeof spec>>({
  name: 'count',
  spec,
  plan: async (job) => ((await job.reports('make')).length > 0 ? [{ from: 0, to: 0, waits: false }] : []),
  async make(_, shard) {
    let sum = 0;
    for (const { files } of await shard.reports('make')) {
      for (const file of files)
        for await (const { value } of readRows<{ value: number }>(shard.objects, file.key)) sum += value;
    }
    const file = await writeLines(shard.objects, shard.key('sum.jsonl.zst'), [{ sum }]);
    return { files: [file], counts: { sum } };
  },
});

const nothing = stage<unknown>({
  name: 'nothing',
  spec: z.unknown(),
  plan: async () => [],
  make: async () => ({ files: [], counts: {} }),
});

const STAGES: readonly Stage[] = [make, nothing, count];

serveHand(STAGES);
