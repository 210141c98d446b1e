/** Rows of a parquet file in the object store, read by ranges: a group of rows at a time. */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { type Compressors, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { CotaError } from '../../../shared/errors.ts';
import type { ObjectStore } from '../../../shared/object-store.ts';
import type { InputFile } from './input.ts';

/** Bytes of rows that are held at a time, as the file says they are once unpacked. */
const HELD = 96 * 1024 * 1024;

const compressors: Compressors = {
  GZIP: (input) => gunzipSync(input),
  ZSTD: (input) => zstdDecompressSync(input),
  BROTLI: (input) => brotliDecompressSync(input),
};

export async function isParquet(objects: ObjectStore, { key }: InputFile): Promise<boolean> {
  const head = await objects.head(key);
  if (!head || head.size < 12) return false;
  const { body } = await objects.stream(key, { start: 0, end: 3 });
  return Buffer.concat(await body.toArray()).toString('latin1') === 'PAR1';
}

/** @throws CotaError where the file is damaged */
export async function* parquetRows(
  objects: ObjectStore,
  { key, name }: InputFile,
): AsyncGenerator<{ readonly row: number; readonly value: Readonly<Record<string, unknown>> }> {
  const head = await objects.head(key);
  const byteLength = head?.size ?? 0;
  const file = {
    byteLength,
    async slice(start: number, end = byteLength): Promise<ArrayBuffer> {
      if (end <= start) return new ArrayBuffer(0);
      const { body } = await objects.stream(key, { start, end: end - 1 });
      const bytes = Buffer.concat(await body.toArray());
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    },
  };
  try {
    const metadata = await parquetMetadataAsync(file);
    let done = 0;
    for (const group of metadata.row_groups) {
      const rows = Number(group.num_rows);
      const end = done + rows;
      const step = Math.max(1, Math.min(rows, Math.floor((rows * HELD) / Math.max(1, Number(group.total_byte_size)))));
      for (let rowStart = done; rowStart < end; rowStart += step) {
        const rowEnd = Math.min(end, rowStart + step);
        // Bytes of pictures are not text, whatever the file leaves unsaid.
        const found = await parquetReadObjects({ file, metadata, rowStart, rowEnd, compressors, utf8: false });
        for (const [at, value] of found.entries()) yield { row: rowStart + at + 1, value };
      }
      done = end;
    }
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'StoreAway') throw error;
    throw new CotaError('invalid_value', `${name} is a parquet file that cannot be read: ${error.message}.`, {
      cause: error,
    });
  }
}
