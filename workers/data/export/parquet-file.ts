/** Parquet files that Hugging Face's `datasets` reads with their pictures: a group of rows at a time, however many. */
import { PassThrough } from 'node:stream';
import { type AsyncBuffer, parquetMetadataAsync, parquetReadObjects, type SchemaElement } from 'hyparquet';
import { parquetWriteRows } from 'hyparquet-writer';
import type { ObjectStore } from '../../../shared/object-store.ts';
import { writerTo } from '../../../shared/parquet-stream.ts';
import type { ParquetRow } from './formats/parquet.ts';

/** Rows that are held at a time, with their pictures. */
const ROW_GROUP = 100;

type Element = Pick<SchemaElement, 'name' | 'repetition_type' | 'type' | 'converted_type' | 'num_children'>;
const text = (name: string, repetition_type: 'REQUIRED' | 'OPTIONAL' = 'OPTIONAL'): Element => ({
  ...{ name, repetition_type, type: 'BYTE_ARRAY', converted_type: 'UTF8' },
});
const list = (name: string, element: readonly Element[]): Element[] => [
  { name, repetition_type: 'OPTIONAL', converted_type: 'LIST', num_children: 1 },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  ...element,
];
const group = (fields: readonly Element[]): Element[] => [
  { name: 'element', repetition_type: 'OPTIONAL', num_children: fields.length },
  ...fields,
];

const PLAIN = ['id', 'source', 'origin', 'outcome', 'family', 'question', 'truth', 'answer', 'licence'] as const;
const COLUMNS = [...PLAIN, 'choices', 'images', 'messages'] as const satisfies readonly (keyof ParquetRow)[];

const SCHEMA: Element[] = [
  { name: 'root', num_children: COLUMNS.length } as Element,
  ...PLAIN.map((name) => text(name)),
  ...list('choices', [text('element')]),
  ...list('images', group([{ name: 'bytes', repetition_type: 'OPTIONAL', type: 'BYTE_ARRAY' }, text('path')])),
  ...list('messages', group([text('role'), text('content')])),
];

/** As the dataset card and the file itself declare the columns to `datasets`. */
export const FEATURES = {
  ...Object.fromEntries(PLAIN.map((name) => [name, { dtype: 'string', _type: 'Value' }])),
  choices: { feature: { dtype: 'string', _type: 'Value' }, _type: 'List' },
  images: { feature: { _type: 'Image' }, _type: 'List' },
  messages: {
    feature: { role: { dtype: 'string', _type: 'Value' }, content: { dtype: 'string', _type: 'Value' } },
    _type: 'List',
  },
};

/** The bytes of one file, as a stream. */
export async function* parquetBytes(rows: AsyncIterable<ParquetRow>): AsyncGenerator<Buffer> {
  const out = new PassThrough();
  const kvMetadata = [{ key: 'huggingface', value: JSON.stringify({ info: { features: FEATURES } }) }];
  const columns = COLUMNS.map((name) => ({ name, statistics: name !== 'images' }));
  const written = Promise.resolve(
    parquetWriteRows({
      rows,
      columns,
      schema: SCHEMA as Parameters<typeof parquetWriteRows>[0]['schema'] & object,
      writer: writerTo(out),
      rowGroupSize: ROW_GROUP,
      kvMetadata,
      createdBy: 'cota',
    }),
  );
  written.catch((error: unknown) => out.destroy(error instanceof Error ? error : new Error(String(error))));
  yield* out as AsyncIterable<Buffer>;
  await written;
}

/** Rows of a file in the object store, a group at a time. */
export async function* parquetRows(objects: ObjectStore, key: string): AsyncGenerator<unknown> {
  const head = await objects.head(key);
  if (head === undefined) throw new Error(`there is no ${key}`);
  const file: AsyncBuffer = {
    byteLength: head.size,
    async slice(start, end = head.size) {
      if (end <= start) return new ArrayBuffer(0);
      const { body } = await objects.stream(key, { start, end: end - 1 });
      const pieces: Buffer[] = [];
      for await (const piece of body as AsyncIterable<Buffer>) pieces.push(piece);
      const bytes = Buffer.concat(pieces);
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    },
  };
  const metadata = await parquetMetadataAsync(file);
  for (let rowStart = 0; rowStart < Number(metadata.num_rows); rowStart += ROW_GROUP) {
    const rowEnd = Math.min(rowStart + ROW_GROUP, Number(metadata.num_rows));
    // Columns of bytes stay bytes: the ones that are text say so in the schema.
    yield* await parquetReadObjects({ file, metadata, rowStart, rowEnd, utf8: false });
  }
}
