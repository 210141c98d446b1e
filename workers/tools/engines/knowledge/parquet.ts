/** Parquet files, as the Hugging Face hub has them (wikimedia/wikipedia: id, url, title, text). */

import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet';

/** Rows held at a time. Within a group of rows each reading begins at the group's start, so there are few of them. */
const ROWS = 10_000;

/**
 * @param wanted columns that are read, where the file has them; the first two must be there
 * @param onBytes told of bytes of the file, about as they are read
 * @throws Error that says what is wrong with the file
 */
export async function* readParquet(
  path: string,
  wanted: readonly string[],
  onBytes: (bytes: number) => void,
): AsyncGenerator<{ readonly row: number; readonly fields: Readonly<Record<string, unknown>> }> {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  const names = parquetSchema(metadata).children.map(({ element }) => element.name);
  const columns = wanted.filter((name) => names.includes(name));
  for (const name of wanted.slice(0, 2))
    if (!columns.includes(name)) throw new Error(`it has no column "${name}"; its columns are ${names.join(', ')}`);
  let done = 0;
  for (const { num_rows } of metadata.row_groups) {
    const end = done + Number(num_rows);
    for (let rowStart = done; rowStart < end; rowStart += ROWS) {
      const rowEnd = Math.min(end, rowStart + ROWS);
      const rows = await parquetReadObjects({ file, metadata, columns, rowStart, rowEnd });
      onBytes(Math.round((file.byteLength * (rowEnd - rowStart)) / Number(metadata.num_rows)));
      for (const [at, fields] of rows.entries()) yield { row: rowStart + at + 1, fields };
    }
    done = end;
  }
}
