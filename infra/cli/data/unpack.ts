/** Unpacks an export's archive of pictures beside it, so that the paths in its rows resolve. */
import { createReadStream } from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { untar } from '../../../workers/data/export/read-file.ts';
import { UserError } from '../../user-error.ts';

/** What an archive of an export holds; anything else would be a path of someone's making. */
const PICTURE = /^images\/[0-9a-f]{64}\.[a-z]+$/;

/** Pictures that are there already stay: their names are their hashes. @throws UserError for what is no such archive */
export async function unpackPictures(archive: string, folder: string): Promise<void> {
  await mkdir(join(folder, 'images'), { recursive: true });
  try {
    for await (const { name, bytes } of untar(createReadStream(archive) as AsyncIterable<Buffer>)) {
      if (!PICTURE.test(name)) throw new Error(`it holds ${JSON.stringify(name)}, which is no picture of an export`);
      const path = join(folder, name);
      const there = await stat(path).catch(() => undefined);
      if (there?.size !== bytes.length) await writeFile(path, bytes);
    }
  } catch (error) {
    throw new UserError(`cannot unpack ${archive}: ${(error as Error).message}`, 1);
  }
}
