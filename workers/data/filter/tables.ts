/** DuckDB over parquet files of the object store, within bounds of memory, in a folder that is gone afterwards. */
import { createWriteStream } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import type { DataFile } from '../../../shared/data/job.ts';
import type { ObjectStore } from '../../../shared/object-store.ts';
import { isAlive } from '../../../shared/process-alive.ts';

/** Of DuckDB's own memory; what needs more goes to its folder. */
const MEMORY = '384MB';
/** More threads hold more at a time, and two cores are what a data worker can count on. */
const THREADS = 2;

export interface Tables {
  readonly connection: DuckDBConnection;
  /** A folder for anything else. */
  readonly folder: string;
  /** Brings files in and gives the SQL that reads them as one table: `read_parquet([...])`. */
  parquet(files: readonly DataFile[]): Promise<string>;
  /** Rows of a query, some two thousand at a time, as columns. */
  columns(sql: string): AsyncGenerator<DuckDBValue[][]>;
  /** All rows of a query of few. */
  rows(sql: string): Promise<DuckDBValue[][]>;
}

export interface TablesOptions {
  readonly threads?: number;
}

const PREFIX = 'cota-tables-';
/** Processes of another machine, or container, may share the folder of temporary files: nobody knows which of them live. */
const HOST = hostname().replaceAll(/[^A-Za-z0-9.]/g, '_');
let swept: Promise<void> | undefined;

/**
 * Removes what processes of this machine that were killed have left behind: some hundred megabytes each. Called before
 * this process makes its first, so a folder that bears its number was left by an earlier one.
 */
export async function sweepTables(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(`${PREFIX}${HOST}-`)) continue;
    const pid = Number(/^(\d+)-/.exec(name.slice(PREFIX.length + HOST.length + 1))?.[1] ?? Number.NaN);
    if (!Number.isInteger(pid) || (pid !== process.pid && isAlive(pid))) continue;
    // Another process may be at it too.
    await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * Opens a database for as long as `use` takes. Rows come in no order but that of an ORDER BY, and sums of fractions may
 * differ in the last digit: queries here order by what is unique, and add whole numbers.
 */
export async function withTables<T>(
  objects: ObjectStore,
  use: (tables: Tables) => Promise<T>,
  { threads = THREADS }: TablesOptions = {},
): Promise<T> {
  swept ??= sweepTables(tmpdir());
  await swept;
  const folder = await mkdtemp(join(tmpdir(), `${PREFIX}${HOST}-${process.pid}-`));
  let instance: DuckDBInstance | undefined;
  try {
    instance = await DuckDBInstance.create(join(folder, 'tables.duckdb'), {
      memory_limit: MEMORY,
      temp_directory: join(folder, 'spill'),
      threads: String(threads),
      preserve_insertion_order: 'false',
      // Nothing is fetched, loaded or read but the files that are brought in.
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connection = await instance.connect();
    try {
      return await use({
        connection,
        folder,
        parquet: async (files) => {
          const paths = await Promise.all(
            files.map(async ({ key, name }, i) => {
              const path = join(folder, `${i}-${name}`);
              const { body } = await objects.stream(key);
              await pipeline(body, createWriteStream(path));
              return path;
            }),
          );
          return `read_parquet([${paths.map(quoted).join(', ')}])`;
        },
        async *columns(sql) {
          const result = await connection.stream(sql);
          for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk())
            yield chunk.getColumns();
        },
        rows: async (sql) => (await connection.runAndReadAll(sql)).getRows(),
      });
    } finally {
      connection.closeSync();
    }
  } finally {
    instance?.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}
