/** `mix.manifest`: what the mixture is, in one file beside it: enough to know it by, and to make it again. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ShardReport } from '../../../shared/data/job.ts';
import { madeChains } from '../factory/dataset.ts';
import { stage } from '../factory/stage.ts';
import { TOKENIZER } from '../filter/tokens.ts';
import type { SelectNotes } from './select.ts';
import { mixSummary } from './summary.ts';

export const mixManifest = z.object({
  version: z.literal(1),
  recipe: z.object({ name: z.string(), seed: z.int(), sha256: z.string() }),
  /** SHA-256 over the hashes of the chain files that the filter was given, in order. */
  chains: z.object({ files: z.int(), rows: z.int(), sha256: z.string() }),
  ...mixSummary.shape,
  tokenizer: z.literal(TOKENIZER),
  files: z.array(z.object({ name: z.string(), rows: z.int(), bytes: z.int(), sha256: z.string() })),
  /** SHA-256 over the hashes of the files: equal where the mixture is the same, byte for byte. */
  sha256: z.string(),
});
export type MixManifest = z.infer<typeof mixManifest>;

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

/** JSON with the fields of objects in the order of their names: the same for the same recipe, however it was written. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, it: unknown) =>
    typeof it === 'object' && it !== null && !Array.isArray(it)
      ? Object.fromEntries(Object.entries(it).sort(([a], [b]) => (a < b ? -1 : 1)))
      : it,
  );
}

const spec = z.object({});

export const manifest = stage<z.infer<typeof spec>>({
  name: 'mix.manifest',
  spec,
  plan: async ({ recipe }) => (recipe.mix ? [{}] : []),
  async make(_, shard) {
    const { recipe } = shard;
    const [selected] = await shard.reports('mix.select');
    const { summary } = (selected as ShardReport).notes as unknown as SelectNotes;
    const files = (await shard.reports('mix.write')).flatMap((report) =>
      report.files.map(({ name, rows, bytes, sha256 }) => ({ name, rows, bytes, sha256 })),
    );
    const from = await madeChains(shard);
    const all: MixManifest = {
      version: 1,
      recipe: { name: recipe.name, seed: recipe.seed, sha256: hash(canonical(recipe)) },
      chains: {
        files: from.length,
        rows: from.reduce((sum, { rows }) => sum + rows, 0),
        sha256: hash(from.map(({ sha256 }) => sha256).join('\n')),
      },
      ...summary,
      tokenizer: TOKENIZER,
      files,
      sha256: hash(files.map(({ sha256 }) => sha256).join('\n')),
    };
    const bytes = Buffer.from(`${JSON.stringify(all, undefined, 2)}\n`);
    const key = shard.key('manifest.json');
    await shard.objects.put(key, bytes, { contentType: 'application/json' });
    const file = {
      name: 'manifest.json',
      key,
      rows: 1,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    };
    return { files: [file], counts: { rows: summary.rows, tokens: all.tokens } };
  },
});
