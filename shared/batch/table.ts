/** A batch's answers as a table, one row a line, for spreadsheets (CSV) and data frames (Parquet). */
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import { type BasicType, parquetWriteRows, schemaFromColumnData } from 'hyparquet-writer';
import { writerTo } from '../parquet-stream.ts';
import { type ResultRow, rowOf } from './table-row.ts';

export type TableFormat = 'csv' | 'parquet';

const COLUMNS: Readonly<Record<keyof ResultRow, BasicType>> = {
  custom_id: 'STRING',
  status: 'STRING',
  answer: 'STRING',
  error_code: 'STRING',
  error_message: 'STRING',
  model: 'STRING',
  run_id: 'STRING',
  stop_reason: 'STRING',
  replies: 'INT32',
  tool_calls: 'INT32',
  input_tokens: 'INT32',
  output_tokens: 'INT32',
  total_tokens: 'INT32',
};
/** Rows that are held at a time. */
const ROW_GROUP = 1_000;

/**
 * Streams, in flat memory, whatever the number of lines.
 * @param lines output and error lines of a batch, each one JSON document
 */
export function resultTable(lines: AsyncIterable<string>, format: TableFormat): Readable {
  return format === 'csv' ? csvOf(lines) : parquetOf(lines);
}

async function* rowsOf(lines: AsyncIterable<string>): AsyncGenerator<ResultRow> {
  for await (const line of lines) yield rowOf(JSON.parse(line));
}

function csvOf(lines: AsyncIterable<string>): Readable {
  const columns = Object.keys(COLUMNS);
  const csv = stringify({ header: true, columns, cast: { string: (text) => harmless(text) } });
  // Its error destroys the stream, and so reaches whoever reads it.
  pipeline(Readable.from(rowsOf(lines)), csv).catch(() => undefined);
  return csv;
}

const FORMULA = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;
const NUMBER = /^[+-]?(\d[\d.,  ]*|[.,]\d+)(e[+-]?\d+)?\s?%?$/i;

/**
 * A spreadsheet runs a cell that starts with `=`, `+`, `-` or `@` as a formula, and answers hold what strangers wrote
 * into pictures. Such texts get an apostrophe before them, unless they are numbers, which do no harm and must stay
 * numbers. Parquet has every text as it is.
 */
const harmless = (text: string): string => (FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text);

function parquetOf(lines: AsyncIterable<string>): Readable {
  const out = new PassThrough();
  const columns = Object.entries(COLUMNS).map(([name, type]) => ({ name, type, nullable: true }));
  // From the types, since a column may be empty in all of the first rows.
  const schema = schemaFromColumnData({ columnData: columns.map((column) => ({ ...column, data: [] })) });
  const rows = rowsOf(lines);
  const written = parquetWriteRows({ rows, columns, schema, writer: writerTo(out), rowGroupSize: ROW_GROUP });
  Promise.resolve(written).catch((error: unknown) =>
    out.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return out;
}
