/** `filter.decide`: which chains stay, of all of a job's at once and by their facts alone. One shard. */

import { createHash } from 'node:crypto';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { z } from 'zod';
import type { DataFile } from '../../../shared/data/job.ts';
import type { FilterRecipe } from '../../../shared/data/recipe/filter.ts';
import { writeLines } from '../factory/chain-files.ts';
import { madeChains } from '../factory/dataset.ts';
import { type Made, type ShardView, stage } from '../factory/stage.ts';
import { capSkeletons, dropEqual, dropSamePictures, dropUseless, judgeSources } from './common-rules.ts';
import { type Decisions, loadDecisions } from './decisions.ts';
import { SIGNATURE_BYTES } from './facts.ts';
import { banding } from './minhash.ts';
import { numbered } from './names.ts';
import { nearDuplicates } from './near-duplicates.ts';
import type { DecideNotes } from './reasons.ts';
import { type Tables, withTables } from './tables.ts';

const spec = z.object({});

/** A line of a decision file: a chain that goes. Files go with the chain files, one each; rows ascend. */
export const decision = z.object({
  row: z.int(),
  id: z.string(),
  source: z.string(),
  reason: z.string(),
  detail: z.string(),
});
export type Decision = z.infer<typeof decision>;

export const decide = stage<z.infer<typeof spec>>({
  name: 'filter.decide',
  spec,
  plan: async ({ recipe }) => (recipe.filter ? [{}] : []),
  make: async (_, shard) => await decideWith(shard),
});

/** @param threads of DuckDB; what is decided does not depend on it */
export async function decideWith(shard: ShardView, threads?: number): Promise<Made> {
  const filter = shard.recipe.filter as FilterRecipe;
  const scanned = await shard.reports('filter.scan');
  const facts = scanned.flatMap(({ files }) => files);
  const chains = await madeChains(shard);
  if (facts.length === 0) return { files: [], counts: { chains: 0, kept: 0 } };
  return await withTables(
    shard.objects,
    async (tables) => {
      const parquet = await tables.parquet(facts);
      const decisions = await loadDecisions(
        tables,
        parquet,
        facts.map(({ rows }) => rows),
      );
      const notes = await applyRules(tables, decisions, filter, shard, parquet, chains);
      const files = await writeDecisions(tables, decisions, shard, facts.length);
      const kept = await writeKept(decisions, shard);
      const counts: Record<string, number> = { chains: decisions.count, kept: kept.rows };
      return { files: [kept, ...files], counts, notes: notes as unknown as NonNullable<Made['notes']> };
    },
    threads === undefined ? {} : { threads },
  );
}

async function applyRules(
  tables: Tables,
  decisions: Decisions,
  { action_useless, duplicates, skeleton_share }: FilterRecipe,
  shard: ShardView,
  parquet: string,
  chains: readonly DataFile[],
): Promise<DecideNotes> {
  const sources = await judgeSources(tables, action_useless);
  await dropUseless(tables, decisions, sources);
  await dropEqual(tables, decisions, 'id', 'same-id');
  if (duplicates.exact) await dropEqual(tables, decisions, 'exact', 'duplicate');
  shard.signal.throwIfAborted();
  shard.progress(1, 3);
  const near = await dropNear(tables, decisions, duplicates.text, shard, parquet, chains);
  shard.progress(2, 3);
  if (duplicates.image_bits !== undefined) await dropSamePictures(tables, decisions, duplicates.image_bits);
  const cap =
    skeleton_share === undefined ? undefined : await capSkeletons(tables, decisions, skeleton_share, shard.recipe.seed);
  return { sources, nearDuplicates: near, ...(cap !== undefined && { skeletonCap: cap }) };
}

async function dropNear(
  tables: Tables,
  decisions: Decisions,
  threshold: number,
  shard: ShardView,
  parquet: string,
  chains: readonly DataFile[],
): Promise<DecideNotes['nearDuplicates']> {
  if (threshold === 0) return { threshold, bands: 0, rows: 0, suspects: 0, dropped: 0, rate: 0 };
  const alive = decisions.alive();
  const signatures = new Uint8Array(decisions.count * SIGNATURE_BYTES);
  for await (const [file = [], row = [], bytes = []] of tables.columns(
    `SELECT file, row, signature FROM ${parquet} WHERE reason = ''`,
  ))
    for (let i = 0; i < file.length; i++) {
      const at = decisions.numberAt(file[i] as number, row[i] as number) * SIGNATURE_BYTES;
      signatures.set((bytes[i] as { bytes: Uint8Array }).bytes, at);
    }
  const { dropped, suspects } = await nearDuplicates({
    objects: shard.objects,
    recipe: shard.recipe,
    files: chains,
    file: decisions.file,
    row: decisions.row,
    numberAt: (file, row) => decisions.numberAt(file, row),
    signatures,
    alive,
    threshold,
    folder: tables.folder,
    signal: shard.signal,
  });
  for (const [number, [other, alike]] of dropped)
    decisions.drop(number, 'near-duplicate', { other, detail: `${Math.floor(alike * 1000) / 10} % like` });
  const rate = alive.length === 0 ? 0 : dropped.size / alive.length;
  return { threshold, ...banding(threshold), suspects, dropped: dropped.size, rate };
}

/** One file of decisions for each chain file, also where all of it stays. */
async function writeDecisions(
  tables: Tables,
  decisions: Decisions,
  shard: ShardView,
  files: number,
): Promise<DataFile[]> {
  const others = decisions.others();
  const names = new Map<number, string>();
  if (others.size > 0)
    for await (const [number = [], id = []] of tables.columns('SELECT number, id FROM facts'))
      for (let i = 0; i < number.length; i++)
        if (others.has(number[i] as number)) names.set(number[i] as number, id[i] as string);
  const written: DataFile[] = [];
  let rows: Decision[] = [];
  const flush = async (): Promise<void> => {
    const name = numbered('decisions', written.length, 'jsonl.zst');
    written.push(await writeLines(shard.objects, shard.key(name), rows));
    rows = [];
  };
  for await (const [file = [], row = [], number = [], id = [], source = [], reason = [], detail = []] of tables.columns(
    'SELECT file, row, number, id, source, reason, detail FROM facts ORDER BY file, row',
  ))
    for (let i = 0; i < file.length; i++) {
      while (written.length < (file[i] as number)) await flush();
      const at = number[i] as number;
      const common = decisions.commonReason(at);
      const own = { row: row[i] as number, id: id[i] as string, source: source[i] as string };
      if (common) {
        const other = decisions.other(at);
        const text = [decisions.detail(at), other === undefined ? '' : (names.get(other) ?? '')].filter(Boolean);
        rows.push({ ...own, reason: common, detail: text.join(' ') });
      } else if (!decisions.isAlive(at))
        rows.push({ ...own, reason: reason[i] as string, detail: detail[i] as string });
    }
  while (written.length < files) await flush();
  return written;
}

/** The chains that stay, by file and row: what the mixture begins with. */
async function writeKept(decisions: Decisions, shard: ShardView): Promise<DataFile> {
  const { file, row } = decisions.places();
  const columnData = [
    { name: 'file', type: 'INT32' as const, data: file },
    { name: 'row', type: 'INT32' as const, data: row },
  ];
  const bytes = new Uint8Array(parquetWriteBuffer({ columnData }));
  const key = shard.key('kept.parquet');
  await shard.objects.put(key, bytes, { contentType: 'application/vnd.apache.parquet' });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { name: 'kept.parquet', key, rows: file.length, bytes: bytes.length, sha256 };
}
