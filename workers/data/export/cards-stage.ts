/** Stage `export.cards`: what belongs to an export as a whole: its card, its list of files, and what its loader is told. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { DataFile } from '../../../shared/data/job.ts';
import { exportFormat } from '../../../shared/data/recipe/export.ts';
import { stage } from '../factory/stage.ts';
import { type ExportFacts, factsOf } from './card-facts.ts';
import { cardOf } from './cards.ts';
import { FORMATS } from './formats.ts';
import { loaderFiles } from './loader-files.ts';
import { callsOf, optionsOf } from './stage.ts';

const spec = z.object({ format: exportFormat });

export const cardsStage = stage<z.infer<typeof spec>>({
  name: 'export.cards',
  spec,
  plan: async (job) => [...new Set(job.recipe.export)].map((format) => ({ format })),
  async make({ format }, shard) {
    const reports = await shard.reports('export');
    const facts = factsOf(shard.recipe, format, reports, callsOf(FORMATS[format], optionsOf(shard.recipe)));
    const texts = { 'README.md': cardOf(facts), ...loaderFiles(facts), 'manifest.json': manifest(facts) };
    const files: DataFile[] = [];
    for (const [name, text] of Object.entries(texts)) {
      const path = `${format}/${name}`;
      const bytes = Buffer.from(text);
      const key = shard.key(path);
      await shard.objects.put(key, bytes, { contentType: name.endsWith('.json') ? 'application/json' : 'text/plain' });
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      files.push({ name: path, key, rows: 0, bytes: bytes.length, sha256 });
    }
    return { files, counts: { files: files.length } };
  },
});

/** Every file of the export with its hash, so that a copy of it can be proven whole. */
function manifest(facts: ExportFacts): string {
  const { recipe, format, calls, splits, undrawn } = facts;
  const files = [...facts.files, ...facts.archives].map(({ name, rows, bytes, sha256 }) => ({
    name,
    rows,
    bytes,
    sha256,
  }));
  return `${JSON.stringify({ dataset: recipe.name, seed: recipe.seed, format, calls, splits, undrawn, files }, null, 2)}\n`;
}
