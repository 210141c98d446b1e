/** The content of a file that lies in several objects, as one stream. */
import { Readable } from 'node:stream';
import type { ByteRange, ObjectStore } from '../object-store.ts';

export interface FilePart {
  readonly key: string;
  readonly bytes: number;
}

/**
 * Opens one object after the other, when it is needed; the first one at once, so that a file without its content is an
 * error before any byte flows.
 * @param range over the whole content
 * @throws RangeError for a range that starts behind its end, ObjectMissing
 */
export async function partStream(
  objects: ObjectStore,
  parts: readonly FilePart[],
  range?: ByteRange,
): Promise<Readable> {
  const [first, ...others] = slicesOf(parts, range);
  if (!first) return Readable.from([], { objectMode: false });
  const opened = await open(first);

  async function open({ key, range: of }: Slice): Promise<Readable> {
    return (await objects.stream(key, of)).body;
  }
  async function* bytes(): AsyncGenerator<Buffer> {
    yield* opened;
    for (const slice of others) yield* await open(slice);
  }
  const stream = Readable.from(bytes(), { objectMode: false });
  // Of a generator that never began, nothing would let go of what is open.
  stream.once('close', () => opened.destroy());
  return stream;
}

interface Slice {
  readonly key: string;
  /** Left out where all of the object is wanted. */
  readonly range?: Required<ByteRange>;
}

function slicesOf(parts: readonly FilePart[], range: ByteRange | undefined): Slice[] {
  const full = parts.filter((part) => part.bytes > 0);
  if (range === undefined) return full.map(({ key }) => ({ key }));
  const { start, end = Number.POSITIVE_INFINITY } = range;
  const slices: Slice[] = [];
  let offset = 0;
  for (const { key, bytes } of full) {
    const from = Math.max(start - offset, 0);
    const to = Math.min(end - offset, bytes - 1);
    if (from <= to) slices.push(from === 0 && to === bytes - 1 ? { key } : { key, range: { start: from, end: to } });
    offset += bytes;
  }
  if (start >= offset) throw new RangeError(`The content has ${offset} bytes; a range from ${start} lies outside.`);
  return slices;
}
