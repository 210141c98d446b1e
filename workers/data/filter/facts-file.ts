/** The facts of a file's chains, as parquet: read as columns by DuckDB, some two hundred bytes a chain. */
import { createHash } from 'node:crypto';
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { DataFile } from '../../../shared/data/job.ts';
import type { ObjectStore } from '../../../shared/object-store.ts';
import type { ChainFactsRow } from './facts.ts';

const TEXTS = [
  'id',
  'source',
  'origin',
  'split',
  'outcome',
  'family',
  'skeleton',
  'skill',
  'tools',
  'licence',
  'made',
  'reason',
  'detail',
  'exact',
  'asked',
  'pictures',
  'bytes',
] as const satisfies readonly (keyof ChainFactsRow)[];

/** Rows of a row group; more make a file that is read with less waste, fewer one that needs less memory. */
const ROW_GROUP = 20_000;

/**
 * @param file number of the chain file among those of the job, from 0
 * @param key where the facts go
 */
export async function writeFacts(
  objects: ObjectStore,
  key: string,
  file: number,
  rows: readonly ChainFactsRow[],
): Promise<DataFile> {
  const bytes = new Uint8Array(
    parquetWriteBuffer({
      codec: 'SNAPPY',
      rowGroupSize: ROW_GROUP,
      statistics: false,
      columnData: [
        { name: 'file', type: 'INT32', data: rows.map(() => file) },
        { name: 'row', type: 'INT32', data: rows.map((_, i) => i) },
        { name: 'tokens', type: 'INT32', data: rows.map(({ tokens }) => tokens) },
        ...TEXTS.map((name) => ({
          name,
          type: 'STRING' as const,
          data: rows.map((row) => row[name]),
          nullable: false,
        })),
        { name: 'signature', type: 'BYTE_ARRAY', data: rows.map(({ signature }) => signature), nullable: false },
      ],
    }),
  );
  await objects.put(key, bytes, { contentType: 'application/vnd.apache.parquet' });
  const name = key.slice(key.lastIndexOf('/') + 1);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { name, key, rows: rows.length, bytes: bytes.length, sha256 };
}
