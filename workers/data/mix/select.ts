/** `mix.select`: which chains the mixture takes, and where in it each stands. One shard, by facts alone. */
import { z } from 'zod';
import type { DataFile } from '../../../shared/data/job.ts';
import type { MixPart, MixRecipe } from '../../../shared/data/recipe/mix.ts';
import { CotaError } from '../../../shared/errors.ts';
import { type Made, type ShardView, stage } from '../factory/stage.ts';
import { type Tables, withTables } from '../filter/tables.ts';
import { ordered, type PartPlan, type Pool, planPart } from './parts.ts';
import { type Picks, writePicks } from './picks.ts';
import { type MixSummary, summarise } from './summary.ts';

const spec = z.object({});

/** What `mix.select` leaves for the stages after it. */
export interface SelectNotes {
  /** Picks of each chain file, in the order of the files: they stand in `picks.bin` one after another. */
  readonly picks: readonly number[];
  readonly shards: number;
  readonly summary: MixSummary;
}

export const select = stage<z.infer<typeof spec>>({
  name: 'mix.select',
  spec,
  async plan({ recipe }) {
    if (!recipe.mix) return [];
    ordered(recipe.mix);
    return [{}];
  },
  make: async (_, shard) => await selectWith(shard),
});

/** @param threads of DuckDB; what is selected does not depend on it */
export async function selectWith(shard: ShardView, threads?: number): Promise<Made> {
  const { recipe, objects } = shard;
  const mix = recipe.mix as MixRecipe;
  const facts = (await shard.reports('filter.scan')).flatMap(({ files }) => files);
  if (facts.length === 0)
    throw new CotaError(
      'invalid_request',
      'There are no chains to mix: the recipe has a mixture and no source gave any.',
    );
  const kept = recipe.filter
    ? (await shard.reports('filter.decide')).flatMap(({ files }) => files.filter(({ name }) => name === 'kept.parquet'))
    : undefined;
  return await withTables(
    objects,
    async (tables) => {
      await loadRows(tables, facts, kept, mix);
      const parts: MixSummary['parts'][number][] = [];
      const rows = new Map<string, number>();
      for (const part of ordered(mix)) {
        shard.signal.throwIfAborted();
        const { wanted, rows: taken, take, pools } = await planOf(tables, part, rows, mix);
        await takePart(tables, part, pools, take, recipe.seed);
        rows.set(part.name, taken);
        parts.push({ name: part.name, wanted, rows: taken });
      }
      const inOrder = mix.parts.map(({ name }) => parts.find((part) => part.name === name) as (typeof parts)[number]);
      const picks = await placed(tables, mix, recipe.seed);
      const summary = await summarise(tables, inOrder);
      const { file, perFile, shards } = await writePicks(shard, picks, facts.length, mix.shard_rows);
      const notes: SelectNotes = { picks: perFile, shards, summary };
      return { files: [file], counts: { picked: file.rows }, notes: notes as unknown as NonNullable<Made['notes']> };
    },
    threads === undefined ? {} : { threads },
  );
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const listed = (texts: readonly string[]): string => `(${texts.map(quoted).join(', ')})`;

/** Table `chains`: all that may be taken, with the row that each has among those that the filter left of its file. */
async function loadRows(
  tables: Tables,
  facts: readonly DataFile[],
  kept: readonly DataFile[] | undefined,
  { direct_of }: MixRecipe,
): Promise<void> {
  const all = await tables.parquet(facts);
  const direct = direct_of.length === 0 ? 'false' : `outcome IN ${listed(direct_of)}`;
  const stay = kept ? `JOIN ${await tables.parquet(kept)} AS kept USING (file, row)` : '';
  await tables.connection.run(
    `CREATE TABLE chains AS
     SELECT file, (row_number() OVER (PARTITION BY file ORDER BY row) - 1)::INTEGER AS row, id, source, origin, split,
       CASE WHEN ${direct} THEN 'Direct' ELSE outcome END AS outcome, ${direct} AND outcome <> 'Direct' AS direct,
       family, skill, tools, licence, made, tokens
     FROM ${all} AS facts ${stay}`,
  );
  await tables.connection.run('CREATE TABLE taken (file INTEGER, row INTEGER, part VARCHAR, place INTEGER)');
}

/** Columns that a part is levelled by; those of a chain that turns Direct say what it becomes. */
const GROUPS = { family: 'family', tools: 'tools', skill: 'skill' } as const;

/** Table `pool`: what a part may take, with its group. Parts before it have taken theirs. */
async function planOf(
  tables: Tables,
  part: MixPart,
  before: ReadonlyMap<string, number>,
  { shortage }: MixRecipe,
): Promise<PartPlan & { readonly pools: readonly Pool[] }> {
  const { origin, outcomes, sources, splits = ['train'], balance } = part;
  const conditions = [
    `split IN ${listed(splits)}`,
    ...(origin ? [`origin = ${quoted(origin)}`] : []),
    ...(outcomes ? [`outcome IN ${listed(outcomes)}`] : []),
    ...(sources ? [`source IN ${listed(sources)}`] : []),
  ];
  await tables.connection.run(
    `CREATE OR REPLACE TABLE pool AS
     SELECT file, row, id, source, ${balance ? GROUPS[balance] : "''"} AS grp FROM chains
     WHERE ${conditions.join(' AND ')} AND NOT EXISTS
       (SELECT 1 FROM taken WHERE taken.file = chains.file AND taken.row = chains.row)`,
  );
  const rows = await tables.rows(
    'SELECT source, grp, count(*)::INTEGER FROM pool GROUP BY source, grp ORDER BY source, grp',
  );
  const pools = (rows as [string, string, number][]).map(([source, group, size]) => ({ source, group, size }));
  return { ...planPart(part, pools, before, shortage), pools };
}

/** Takes of each pool the first by a hash of seed, part and id: an order that nothing else depends on. */
async function takePart(
  tables: Tables,
  { name }: MixPart,
  pools: readonly Pool[],
  take: readonly number[],
  seed: number,
): Promise<void> {
  await tables.connection.run('CREATE OR REPLACE TABLE quota (source VARCHAR, grp VARCHAR, take INTEGER)');
  const appender = await tables.connection.createAppender('quota');
  for (const [i, { source, group }] of pools.entries()) {
    appender.appendVarchar(source);
    appender.appendVarchar(group);
    appender.appendInteger(take[i] as number);
    appender.endRow();
  }
  appender.closeSync();
  await tables.connection.run(
    `INSERT INTO taken
     SELECT file, row, ${quoted(name)}, 0 FROM (
       SELECT pool.*, take, row_number() OVER (
         PARTITION BY source, grp ORDER BY md5(${quoted(`${seed} ${name} `)} || id), id, file, row) AS n
       FROM pool JOIN quota USING (source, grp))
     WHERE n <= take`,
  );
}

/** Gives each its place in the mixture. @returns picks by file and row */
async function placed(tables: Tables, { shuffle, parts }: MixRecipe, seed: number): Promise<Picks> {
  const order = shuffle
    ? `md5(${quoted(`${seed} shuffle `)} || id), id, file, row`
    : `list_position([${parts.map(({ name }) => quoted(name)).join(', ')}], part), source, id, file, row`;
  await tables.connection.run(
    `CREATE TABLE picks AS
     SELECT file, row, part, (row_number() OVER (ORDER BY ${order}) - 1)::INTEGER AS place, direct
     FROM (SELECT chains.*, taken.part FROM chains JOIN taken USING (file, row))`,
  );
  return tables.columns('SELECT file, row, place, direct FROM picks ORDER BY file, row') as Picks;
}
