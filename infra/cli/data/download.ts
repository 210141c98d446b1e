/** Files of a data job onto this machine: what is there already stays, what was cut off goes on, each is checked. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { isDataFileName } from '../../../shared/data/job.ts';
import { type DataFileObject, type DataJobObject, dataFileObject } from '../../../shared/data/job-object.ts';
import { fromHere } from '../../stack/settings.ts';
import { UserError } from '../../user-error.ts';
import { type Client, withPatience } from '../client.ts';
import type { Progress } from '../progress.ts';
import { size } from '../terminal.ts';
import { downloadTo } from '../transfer.ts';
import { dataPath } from './show.ts';
import { unpackPictures } from './unpack.ts';

const fileList = z.looseObject({ data: z.array(dataFileObject) });

/** @param stage of one stage only */
export async function filesOf(client: Client, id: string, stage?: string): Promise<readonly DataFileObject[]> {
  const query = stage === undefined ? '' : `?stage=${encodeURIComponent(stage)}`;
  return (await withPatience(() => client.get(`${dataPath(id)}/files${query}`, fileList))).data;
}

/** Stages whose files are what a job comes to, the last one that has any of each group. */
const RESULTS = [
  ['export', 'export.cards'],
  ['report'],
  ['mix.write', 'filter.apply', 'verify', 'make', 'runs', 'import'],
];

/** What is fetched where no stage was asked for. */
export function resultFiles(job: DataJobObject, files: readonly DataFileObject[]): DataFileObject[] {
  const made = new Set(files.map(({ stage }) => stage));
  const last = job.recipe.mix
    ? ['mix.write', 'mix.manifest']
    : job.recipe.filter
      ? ['filter.apply']
      : (RESULTS[2] ?? []);
  const wanted = new Set([...(RESULTS[0] ?? []), ...(RESULTS[1] ?? []), ...last].filter((stage) => made.has(stage)));
  return files.filter(({ stage }) => wanted.has(stage));
}

/** @returns how many files were fetched now; the others were there */
export async function download(
  client: Client,
  id: string,
  files: readonly DataFileObject[],
  out: string,
  progress: Progress,
): Promise<number> {
  const folder = fromHere(out);
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  let before = 0;
  let fetched = 0;
  for (const file of files) {
    // They become paths of this machine.
    if (!isDataFileName(file.name) || !isDataFileName(file.stage)) {
      throw new UserError(`the API names a file ${file.stage}/${file.name}, which is no name of a data job's file`, 1);
    }
    const target = join(folder, folderOf(file), file.name);
    const show = (bytes: number): void =>
      progress.show(
        `${file.stage}/${file.name}: ${size(before + bytes)} of ${size(total)}`,
        total === 0 ? 1 : (before + bytes) / total,
      );
    if (!(await isWhole(target, file))) {
      await mkdir(dirname(target), { recursive: true }).catch((error: Error) => {
        throw new UserError(`cannot write into ${out}: ${error.message}`, 1);
      });
      await fetchOne(client, id, file, target, show);
      fetched += 1;
    }
    before += file.bytes;
    if (file.stage === 'export' && file.name.endsWith('.tar')) await unpackPictures(target, dirname(target));
  }
  return fetched;
}

/** Cards belong beside the files that they are about. */
const folderOf = ({ stage }: DataFileObject): string => (stage === 'export.cards' ? 'export' : stage);

async function isWhole(path: string, { bytes, sha256 }: DataFileObject): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true && found.size === bytes && (await hashOf(path)) === sha256;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Goes on where it was cut off. @throws UserError where the bytes are not those that the job wrote */
async function fetchOne(
  client: Client,
  id: string,
  file: DataFileObject,
  target: string,
  show: (bytes: number) => void,
): Promise<void> {
  const part = `${target}.part`;
  const path = `${dataPath(id)}/files/${encodeURIComponent(file.stage)}/${file.name}`;
  const get = async (): Promise<void> => {
    const there = (await stat(part).catch(() => undefined))?.size ?? 0;
    if (there > file.bytes) await rm(part);
    const from = there > file.bytes ? 0 : there;
    if (from === file.bytes && from > 0) return;
    const reply = await client.open(path, from > 0 ? { headers: { range: `bytes=${from}-` } } : {});
    const goesOn = reply.status === 206;
    const written = createWriteStream(part, { flags: goesOn ? 'a' : 'w' });
    await downloadTo(reply, written, { end: true, onBytes: (bytes) => show((goesOn ? from : 0) + bytes) });
  };
  await withPatience(get);
  if (!(await isWhole(part, file))) {
    await rm(part, { force: true });
    throw new UserError(`${file.stage}/${file.name} did not come as it was written: try again`, 1);
  }
  await rename(part, target);
}
