/** `filter.benchmarks`: hashes of what the recipe's benchmark files hold, one shard a file, so that each is read once. */
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { DataFile } from '../../../shared/data/job.ts';
import { readRows, writeLines } from '../factory/chain-files.ts';
import { type JobView, stage } from '../factory/stage.ts';
import { type BenchmarkIndex, type BenchmarkRow, indexBenchmarks } from './benchmark-index.ts';
import { type BenchmarkCounts, benchmarkRows } from './benchmark-rows.ts';
import { numbered } from './names.ts';

const spec = z.object({ name: z.string() });

export const benchmarks = stage<z.infer<typeof spec>>({
  name: 'filter.benchmarks',
  spec,
  plan: async ({ recipe }) => recipe.filter?.contamination?.files.map((name) => ({ name })) ?? [],
  async make({ name }, shard) {
    const found: BenchmarkCounts = { rows: 0, pictures: 0, unreadable: 0 };
    const file = await writeLines(
      shard.objects,
      shard.key(numbered('benchmark', shard.shard, 'jsonl.zst')),
      benchmarkRows(shard.objects, { key: shard.input(name), name }, found),
    );
    const { rows, pictures, unreadable } = found;
    return {
      files: [file],
      counts: { rows, questions: file.rows, pictures, 'pictures:unreadable': unreadable },
    };
  },
});

/** A worker scans many shards of one job: the index is made once. Few, since jobs come one after another. */
const indexes = new LRUCache<string, Promise<BenchmarkIndex>>({ max: 2 });

/** What this job's benchmark files hold; undefined where its recipe names none. */
export async function benchmarkIndexOf(job: JobView): Promise<BenchmarkIndex | undefined> {
  const rule = job.recipe.filter?.contamination;
  const files = (await job.reports('filter.benchmarks')).flatMap((report) => report.files);
  if (!rule || files.length === 0) return undefined;
  const key = JSON.stringify([files.map(({ sha256 }) => sha256), rule.ngram_share, rule.image_bits]);
  const made = indexes.get(key) ?? read(job, files, rule.ngram_share, rule.image_bits);
  indexes.set(key, made);
  // What failed is not kept: the store may answer the next time.
  made.catch(() => indexes.delete(key));
  return await made;
}

async function read(
  { objects }: JobView,
  files: readonly DataFile[],
  share: number,
  bits: number,
): Promise<BenchmarkIndex> {
  const rows: BenchmarkRow[] = [];
  for (const { key } of files) for await (const row of readRows<BenchmarkRow>(objects, key)) rows.push(row);
  return indexBenchmarks(rows, share, bits);
}
