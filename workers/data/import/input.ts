/** Bytes of an input file, unpacked where they are gzip or zstd, whatever its name says. */
import { Readable, Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { CotaError } from '../../../shared/errors.ts';
import { ObjectMissing, type ObjectStore } from '../../../shared/object-store.ts';

export interface InputFile {
  readonly key: string;
  /** As the recipe names it, for errors. */
  readonly name: string;
}

/** A file that unpacks to more than this many times its size is no data: a thousand is what gzip makes of zeros. */
const MOST_RATIO = 400;
const FREE_BYTES = 1 << 30;

const MAGIC = {
  gzip: Buffer.from([0x1f, 0x8b]),
  zstd: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]),
} as const;

/**
 * @param free bytes that any file may unpack to
 * @throws CotaError where it is not there; while it is read: where it is damaged or unpacks to absurdly much
 */
export async function openInput(objects: ObjectStore, { key, name }: InputFile, free = FREE_BYTES): Promise<Readable> {
  const { size, body } = await opened(objects, { key, name });
  const [head, whole] = await peek(body, 4);
  const gzip = head.subarray(0, 2).equals(MAGIC.gzip);
  if (!gzip && !head.equals(MAGIC.zstd)) return whole;
  const unpack = gzip ? createGunzip() : createZstdDecompress();
  const damaged = (error: Error): CotaError =>
    new CotaError(
      'invalid_value',
      `${name} is damaged: its ${gzip ? 'gzip' : 'zstd'} data cannot be unpacked (${error.message}).`,
    );
  whole.on('error', (error) => unpack.destroy(error));
  const out = whole.pipe(unpack).pipe(limited(name, size, free));
  unpack.on('error', (error) => out.destroy('code' in error ? damaged(error) : error));
  out.on('close', () => {
    unpack.destroy();
    whole.destroy();
  });
  return out;
}

async function opened(objects: ObjectStore, { key, name }: InputFile): Promise<{ size: number; body: Readable }> {
  try {
    return await objects.stream(key);
  } catch (error) {
    if (!(error instanceof ObjectMissing)) throw error;
    throw new CotaError('not_found', `The input ${name} is not in the store any more: upload it again.`, {
      cause: error,
    });
  }
}

function limited(name: string, packed: number, free: number): Transform {
  let bytes = 0;
  const most = Math.max(free, packed * MOST_RATIO);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes <= most) return done(undefined, chunk);
      const words = `${name} unpacks to more than ${most.toLocaleString('en')} bytes from ${packed.toLocaleString('en')}: it is not taken. Upload it unpacked if it is what it should be.`;
      done(new CotaError('invalid_value', words));
    },
  });
}

/** The first bytes, and a stream that still has them. */
async function peek(source: Readable, count: number): Promise<[Buffer, Readable]> {
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first: Buffer[] = [];
  let length = 0;
  let ended = false;
  while (length < count && !ended) {
    const { done, value } = await chunks.next();
    if (done) ended = true;
    else {
      first.push(value);
      length += value.length;
    }
  }
  async function* again(): AsyncGenerator<Buffer> {
    yield* first;
    if (ended) return;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  }
  const whole = Readable.from(again(), { objectMode: false });
  whole.on('close', () => source.destroy());
  return [Buffer.concat(first).subarray(0, count), whole];
}
