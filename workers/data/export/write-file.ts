/** Files of an export as they lie in the object store: plain, so that a trainer reads them as they come. */
import { createHash } from 'node:crypto';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { DataFile } from '../../../shared/data/job.ts';
import type { ObjectStore } from '../../../shared/object-store.ts';

const BLOCK = 1 << 18;

/**
 * Writes pieces of bytes as one object.
 * @param name the file's path in the export: `llava/train-00003.json`
 * @param rows told once the last piece is written
 */
export async function writeFile(
  objects: ObjectStore,
  file: { readonly name: string; readonly key: string; readonly contentType: string },
  pieces: Iterable<Buffer> | AsyncIterable<Buffer>,
  rows: () => number,
): Promise<DataFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(undefined, chunk);
    },
  });
  const written = objects.put(file.key, meter, { contentType: file.contentType });
  await Promise.all([pipeline(Readable.from(pieces), meter), written]);
  return { name: file.name, key: file.key, rows: rows(), bytes, sha256: hash.digest('hex') };
}

/** Characters that are fine in JSON and that some readers take for the end of a line. */
const LINE_ENDS = /[\u0085\u2028\u2029]/g;

/** Escapes of a lone half of a surrogate pair; a whole pair is written as the character itself. */
const HALVES = /\\(?:u(d[89a-f][0-9a-f]{2})|[\s\S])/g;

/** A row as one line of JSON, without halves of surrogate pairs, which neither UTF-8 nor Arrow can hold. */
export function jsonLine(row: unknown): string {
  const line = JSON.stringify(row).replace(
    LINE_ENDS,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return /\\ud[89a-f]/.test(line) ? line.replace(HALVES, (one, half) => (half ? '\ufffd' : one)) : line;
}

/** Rows as JSON lines, or as one JSON list with a row a line, in blocks. */
export async function* jsonBlocks(rows: AsyncIterable<unknown>, layout: 'lines' | 'list'): AsyncGenerator<Buffer> {
  let block = layout === 'list' ? '[\n' : '';
  let first = true;
  for await (const row of rows) {
    block += layout === 'list' && !first ? `,\n${jsonLine(row)}` : jsonLine(row);
    if (layout === 'lines') block += '\n';
    first = false;
    if (block.length < BLOCK) continue;
    yield Buffer.from(block);
    block = '';
  }
  if (layout === 'list') block += first ? ']\n' : '\n]\n';
  if (block !== '') yield Buffer.from(block);
}
