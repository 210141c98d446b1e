/** Rows of an export's file as they lie in the object store. */
import type { ObjectStore } from '../../../shared/object-store.ts';
import type { Format } from './format.ts';
import { parquetRows } from './parquet-file.ts';

/** @throws SyntaxError for a line that is no JSON */
export function readRows(objects: ObjectStore, key: string, { ending }: Format): AsyncGenerator<unknown> {
  return ending === 'parquet' ? parquetRows(objects, key) : jsonRows(objects, key);
}

/** JSON lines, or a list with a row a line: brackets and commas stand at the lines' ends. */
async function* jsonRows(objects: ObjectStore, key: string): AsyncGenerator<unknown> {
  const { body } = await objects.stream(key);
  body.setEncoding('utf8');
  let pieces: string[] = [];
  const row = (line: string): unknown => JSON.parse(line.endsWith(',') ? line.slice(0, -1) : line);
  for await (const chunk of body as AsyncIterable<string>) {
    const lines = chunk.split('\n');
    const last = lines.pop() ?? '';
    for (const end of lines) {
      const line = pieces.length > 0 ? pieces.join('') + end : end;
      pieces = [];
      if (line !== '' && line !== '[' && line !== ']') yield row(line);
    }
    if (last !== '') pieces.push(last);
  }
  const rest = pieces.join('');
  if (rest !== '' && rest !== ']') yield row(rest);
}

export interface TarFile {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Files of a tar archive in the object store, one after another. @throws Error for what is none */
export async function* readTar(objects: ObjectStore, key: string): AsyncGenerator<TarFile> {
  const { body } = await objects.stream(key);
  yield* untar(body as AsyncIterable<Buffer>);
}

/** Files of a tar archive as `pictures.ts` writes it. @throws Error for what is none */
export async function* untar(body: AsyncIterable<Buffer>): AsyncGenerator<TarFile> {
  let held: Buffer[] = [];
  let length = 0;
  /** The first bytes of what is held. */
  const take = (count: number): Buffer => {
    const all = Buffer.concat(held);
    held = [all.subarray(count)];
    length -= count;
    return all.subarray(0, count);
  };
  let file: { name: string; size: number } | undefined;
  for await (const chunk of body) {
    held.push(chunk);
    length += chunk.length;
    for (;;) {
      if (file === undefined) {
        if (length < 512) break;
        const head = take(512);
        if (head.every((byte) => byte === 0)) continue;
        if (head.toString('latin1', 257, 262) !== 'ustar') throw new Error('it is no tar archive');
        const name = head.toString('utf8', 0, 100).replace(/\0.*$/s, '');
        file = { name, size: Number.parseInt(head.toString('ascii', 124, 135), 8) };
      }
      const padded = Math.ceil(file.size / 512) * 512;
      if (length < padded) break;
      const bytes = Buffer.from(take(padded).subarray(0, file.size));
      yield { name: file.name, bytes };
      file = undefined;
    }
  }
  if (file !== undefined || length > 0) throw new Error('the archive ends within a file');
}
