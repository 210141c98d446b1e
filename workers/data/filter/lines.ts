/** Lines of a chain file as bytes: whoever only passes them on need not read them. */
import { createHash } from 'node:crypto';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress, createZstdDecompress, constants as zlib } from 'node:zlib';
import type { DataFile } from '../../../shared/data/job.ts';
import type { ObjectStore } from '../../../shared/object-store.ts';

/** As in factory/chain-files.ts. */
export const LEVEL = 3;
const NEWLINE = 10;

/**
 * @returns the lines in order, without their line ends, many at a time; views that hold until the next ones are asked for
 */
export async function* lineBatches(objects: ObjectStore, key: string): AsyncGenerator<Buffer[]> {
  const { body } = await objects.stream(key);
  // Large chunks: each costs a turn of the event loop.
  const plain = body.pipe(createZstdDecompress({ chunkSize: 1 << 18 }));
  body.on('error', (error) => plain.destroy(error));
  try {
    yield* linesOf(plain as AsyncIterable<Buffer>);
  } finally {
    // Whoever has seen enough stops in the middle.
    body.destroy();
  }
}

async function* linesOf(plain: AsyncIterable<Buffer>): AsyncGenerator<Buffer[]> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of plain) {
    const block = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = block.indexOf(NEWLINE); end >= 0; end = block.indexOf(NEWLINE, start)) {
      lines.push(block.subarray(start, end));
      start = end + 1;
    }
    rest = block.subarray(start);
    if (lines.length > 0) yield lines;
  }
  if (rest.length > 0) yield [rest];
}

/** Writes lines as bytes; the file is like one of `writeLines`. */
export async function writeLineBatches(
  objects: ObjectStore,
  key: string,
  batches: AsyncIterable<readonly Uint8Array[]> | Iterable<readonly Uint8Array[]>,
): Promise<DataFile> {
  let rows = 0;
  let bytes = 0;
  const hash = createHash('sha256');
  const end = Uint8Array.of(NEWLINE);
  async function* blocks(): AsyncGenerator<Buffer> {
    for await (const lines of batches) {
      if (lines.length === 0) continue;
      rows += lines.length;
      yield Buffer.concat(runsOf(lines).flatMap((run) => [run, end]));
    }
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
  return { name: key.slice(key.lastIndexOf('/') + 1), key, rows, bytes, sha256: hash.digest('hex') };
}

/** Lines that stand one behind the other in one buffer, line ends between them, as one piece: most of a file stays. */
function runsOf(lines: readonly Uint8Array[]): Uint8Array[] {
  const runs: Uint8Array[] = [];
  for (const line of lines) {
    const run = runs.at(-1);
    const gap = run ? run.byteOffset + run.byteLength : 0;
    const follows = run?.buffer === line.buffer && gap + 1 === line.byteOffset;
    if (run && follows && new Uint8Array(run.buffer, gap, 1)[0] === NEWLINE)
      runs[runs.length - 1] = new Uint8Array(run.buffer, run.byteOffset, run.byteLength + 1 + line.byteLength);
    else runs.push(line);
  }
  return runs;
}
