/** Pictures of an export: their names in it, and archives of their bytes. */
import { createHash } from 'node:crypto';
import { CotaError } from '../../../shared/errors.ts';
import { ObjectMissing, type ObjectStore } from '../../../shared/object-store.ts';
import { type PictureOwner, pictureBytesOf } from '../factory/pictures.ts';
import type { ShownImage } from './conversation.ts';

const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/gif': 'gif',
};

/** Path of a picture within an export: one file for equal bytes, whatever chains show them. */
export function picturePath({ sha256, contentType }: Pick<ShownImage, 'sha256' | 'contentType'>): string {
  return `images/${sha256}.${EXTENSIONS[contentType] ?? 'bin'}`;
}

/** The bytes of a picture, proven to be those that the chain was made with. @throws CotaError where they are gone or others */
export async function pictureBytes(
  objects: ObjectStore,
  job: PictureOwner,
  image: ShownImage,
  chain: string,
): Promise<Buffer> {
  let bytes: Buffer;
  try {
    bytes = await pictureBytesOf(objects, job, image.key);
  } catch (error) {
    if (!(error instanceof ObjectMissing)) throw error;
    throw new CotaError(
      'invalid_request',
      `Chain ${chain}: the bytes of ${image.name} are gone from the object store (${image.key}). Make its dataset again, or leave its source out.`,
    );
  }
  if (createHash('sha256').update(bytes).digest('hex') !== image.sha256) {
    throw new CotaError(
      'invalid_request',
      `Chain ${chain}: ${image.key} does not hold the picture that ${image.name} was. Make its dataset again.`,
    );
  }
  return bytes;
}

const BLOCK = 512;

/** A tar archive (ustar), as a stream: files in their order, no times or owners, so that equal files give equal bytes. */
export async function* tar(
  files: AsyncIterable<{ readonly name: string; readonly bytes: Buffer }>,
): AsyncGenerator<Buffer> {
  for await (const { name, bytes } of files) {
    yield header(name, bytes.length);
    yield bytes;
    const over = bytes.length % BLOCK;
    if (over > 0) yield Buffer.alloc(BLOCK - over);
  }
  yield Buffer.alloc(2 * BLOCK);
}

function header(name: string, size: number): Buffer {
  const head = Buffer.alloc(BLOCK);
  head.write(name, 0, 100, 'utf8');
  const octal = (value: number, at: number, length: number): void => {
    head.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, length, 'ascii');
  };
  octal(0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  head.write('0', 156, 1, 'ascii');
  head.write('ustar\0' + '00', 257, 8, 'ascii');
  head.write('        ', 148, 8, 'ascii');
  const sum = head.reduce((all, byte) => all + byte, 0);
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 8, 'ascii');
  return head;
}
