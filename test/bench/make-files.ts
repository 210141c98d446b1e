/**
 * `npm run bench -- make N --out=FOLDER [--shard=5000]`: the stage `make` as a recipe would run it, over two processes
 * and with the checker's verdicts; the files stay in FOLDER, where `npm run bench -- mixture --from=FOLDER` takes them up.
 */
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { createZstdDecompress } from 'node:zlib';
import { recipe as recipeSchema } from '../../shared/data/recipe.ts';
import { runStages } from './stage-pool.ts';

const PROCESSES = 2;
const mb = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Different values of fields of the chains' facts, found without parsing millions of lines. */
async function distinct(folder: string, fields: readonly string[]): Promise<Map<string, Set<string>>> {
  const seen = new Map(fields.map((field) => [field, new Set<string>()] as const));
  const patterns = fields.map((field) => [field, new RegExp(`"${field}":("(?:[^"\\\\]|\\\\.)*")`)] as const);
  for (const path of globSync('chains-*.jsonl.zst', { cwd: folder }).sort()) {
    const plain = Readable.from([readFileSync(join(folder, path))]).pipe(createZstdDecompress({ chunkSize: 1 << 18 }));
    for await (const line of createInterface({ input: plain })) {
      const facts = line.slice(Math.max(line.indexOf('"facts":{'), 0));
      for (const [field, pattern] of patterns) {
        const value = pattern.exec(facts)?.[1];
        if (value !== undefined) seen.get(field)?.add(value);
      }
    }
  }
  return seen;
}

export async function makeFiles(chains: number, out: string, shard: number): Promise<void> {
  const folder = resolve(out);
  mkdirSync(folder, { recursive: true });
  if (globSync('chains-*.jsonl.zst', { cwd: folder }).length > 0 || existsSync(join(folder, 't')))
    throw new Error(`${folder} has chains in it; name another folder, or empty it`);
  const recipe = recipeSchema.parse({
    name: 'bench-make',
    seed: 42,
    shard,
    sources: [{ name: 'scenes', program: { chains } }],
  });
  // Beside the files that it is to become, so that they only need new names.
  const root = mkdtempSync(join(folder, '.store-'));
  try {
    for await (const { seconds, cpu, counts, peak, shards, reports } of runStages(['make'], recipe, root, PROCESSES)) {
      const made = counts.chains ?? 0;
      const files = reports.flatMap((report) => report.files);
      say(`${made} chains in ${shards} shards, ${PROCESSES} processes`);
      say(
        `${(seconds / 60).toFixed(2)} minutes, ${Math.round(made / seconds)} chains/s; ${cpu.toFixed(0)} s of CPU, ${Math.round(made / cpu)} chains/s and core`,
      );
      say(`largest memory of all processes at once: ${mb(peak)}`);
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
      say(`${files.length} files, ${mb(bytes)}, ${Math.round(bytes / made)} bytes a chain`);
      const confirmed = counts['checker:confirmed'] ?? 0;
      say(`checker confirms ${confirmed}, ${((100 * confirmed) / made).toFixed(2)} %; scenes ${counts.scenes ?? 0}`);
    }
    for (const path of globSync('**/*chains-*.jsonl.zst', { cwd: root }))
      renameSync(join(root, path), join(folder, path.slice(path.lastIndexOf('chains-'))));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  const seen = await distinct(folder, ['scene', 'skeleton', 'template', 'family']);
  say(
    [...seen]
      .map(([field, values]) => `${values.size} different ${field}s`)
      .join(', ')
      .replace('familys', 'families'),
  );
  say(`near-duplicates: npm run bench -- mixture ${chains} --from=${out}`);
}
