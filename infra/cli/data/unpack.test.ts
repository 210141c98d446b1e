import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { tar } from '../../../workers/data/export/pictures.ts';
import { unpackPictures } from './unpack.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cota-unpack-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function archive(names: readonly string[]): Promise<string> {
  async function* files() {
    for (const name of names) yield { name, bytes: Buffer.from(`bytes of ${name}`.repeat(40)) };
  }
  const path = join(folder, 'images-00000.tar');
  await writeFile(path, Buffer.concat(await Array.fromAsync(tar(files()))));
  return path;
}

it('puts pictures where rows name them, twice as well as once', async () => {
  const names = ['a', 'b'].map((letter) => `images/${letter.repeat(64)}.png`);
  const path = await archive(names);
  await unpackPictures(path, folder);
  await unpackPictures(path, folder);
  for (const name of names) {
    expect((await readFile(join(folder, name))).toString()).toBe(`bytes of ${name}`.repeat(40));
  }
});

it('writes nothing outside of the pictures, and says what is wrong with a broken archive', async () => {
  await expect(unpackPictures(await archive(['images/../../away.png']), folder)).rejects.toThrow(
    /no picture of an export/,
  );
  expect(await readdir(join(folder, 'images'))).toEqual([]);
  const path = await archive([`images/${'a'.repeat(64)}.png`]);
  await writeFile(path, (await readFile(path)).subarray(0, 700));
  await expect(unpackPictures(path, folder)).rejects.toThrow(/ends within a file/);
});
