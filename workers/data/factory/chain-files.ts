/** Files of chains: JSON lines, zstd, read and written as streams, so that a file may be larger than memory. */
import { createHash } from 'node:crypto';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress, createZstdDecompress, constants as zlib } from 'node:zlib';
import type { Chain } from '../../../shared/data/chain.ts';
import type { DataFile } from '../../../shared/data/job.ts';
import type { ObjectStore } from '../../../shared/object-store.ts';

/** Higher levels cost more time than the smaller file is worth to whoever reads it once. */
const LEVEL = 3;
const BLOCK = 1 << 18;

/**
 * Writes JSON documents, one a line.
 * @param key in the object store; the file becomes visible whole
 * @returns what was written, with the hash of the bytes as they lie there
 */
export async function writeLines(
  objects: ObjectStore,
  key: string,
  rows: Iterable<unknown> | AsyncIterable<unknown>,
): Promise<DataFile> {
  let count = 0;
  let bytes = 0;
  const hash = createHash('sha256');
  async function* blocks(): AsyncGenerator<Buffer> {
    let block: string[] = [];
    let length = 0;
    for await (const row of rows) {
      const line = `${JSON.stringify(row)}\n`;
      block.push(line);
      length += line.length;
      count++;
      if (length < BLOCK) continue;
      yield Buffer.from(block.join(''));
      block = [];
      length = 0;
    }
    if (block.length > 0) yield Buffer.from(block.join(''));
  }
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(undefined, chunk);
    },
  });
  const packed = createZstdCompress({ params: { [zlib.ZSTD_c_compressionLevel]: LEVEL } });
  const written = objects.put(key, meter, { contentType: 'application/zstd' });
  await Promise.all([pipeline(Readable.from(blocks()), packed, meter), written]);
  return { name: key.slice(key.lastIndexOf('/') + 1), key, rows: count, bytes, sha256: hash.digest('hex') };
}

/** JSON documents of a file that `writeLines` wrote, in its order. @throws SyntaxError for a line that is no JSON */
export async function* readRows<T>(objects: ObjectStore, key: string): AsyncGenerator<T> {
  const { body } = await objects.stream(key);
  const plain = body.pipe(createZstdDecompress());
  body.on('error', (error) => plain.destroy(error));
  let rest = '';
  plain.setEncoding('utf8');
  for await (const chunk of plain as AsyncIterable<string>) {
    const text = rest + chunk;
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      yield JSON.parse(text.slice(start, end)) as T;
      start = end + 1;
    }
    rest = text.slice(start);
  }
  if (rest !== '') yield JSON.parse(rest) as T;
}

/** Chains as an earlier stage wrote them; they were checked when they came in, and are not checked again. */
export const readChains = (objects: ObjectStore, file: Pick<DataFile, 'key'>): AsyncGenerator<Chain> =>
  readRows<Chain>(objects, file.key);
