/**
 * Where the file driver keeps a key. A key's first three segments are folders (`t/acme/runs`); what follows becomes
 * one file name in one of 256 folders below: `t/acme/runs/01J/trace.json` lies in `t/acme/runs/3f/01J,trace.json`.
 *
 * A folder per run would be plainer, but a folder takes a block of disk of its own, and making it costs: on ext4, 16
 * writers of 4 kB objects, 2,600 to 3,100 puts a second with a folder each, 3,200 to 3,900 this way; without syncs 5,100
 * to 5,300 and 10,700 to 11,200.
 */
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, ignoreMissing } from './fs-errors.ts';

/** Holds files that are being written. It is also the mark of a store: a root without it is not ours, or not mounted. */
export const TEMP = '.tmp';
/** A file beside an object that holds its content type, where the name's ending does not already say it. */
export const TYPE_ENDING = '~type';

const FOLDERS = 3;
const BUCKETS = 256;

/** The file of a key that assertKey let through. */
export function pathOf(root: string, key: string): string {
  const segments = key.split('/');
  if (segments.length <= FOLDERS) return join(root, key);
  return join(folderOf(root, segments), segments.slice(FOLDERS).join(','));
}

/**
 * Where the keys of a prefix that assertPrefix let through lie: in the whole of a folder, or in those of its files
 * whose names start with `starts`.
 */
export function placeOf(
  root: string,
  prefix: string,
): { readonly folder: string; readonly starts: string | undefined } {
  const segments = prefix.slice(0, -1).split('/');
  if (segments.length <= FOLDERS) return { folder: join(root, ...segments), starts: undefined };
  return { folder: folderOf(root, segments), starts: `${segments.slice(FOLDERS).join(',')},` };
}

/** Keys below a prefix (`''` for all) with their sizes in bytes. */
export async function* walk(root: string, prefix: string): AsyncGenerator<{ key: string; size: number }> {
  const depth = prefix.split('/').length - 1;
  if (depth > FOLDERS) {
    const { folder, starts = '' } = placeOf(root, prefix);
    const above = prefix.split('/').slice(0, FOLDERS).join('/');
    yield* filesOf(folder, `${above}/`, starts);
    return;
  }
  const folder = join(root, prefix);
  if (depth < FOLDERS) yield* filesOf(folder, prefix, '');
  for (const entry of await entriesOf(folder)) {
    if (!entry.isDirectory() || entry.name === TEMP) continue;
    if (depth < FOLDERS) yield* walk(root, `${prefix}${entry.name}/`);
    else yield* filesOf(join(folder, entry.name), prefix, '');
  }
}

async function* filesOf(folder: string, prefix: string, starts: string): AsyncGenerator<{ key: string; size: number }> {
  for (const entry of await entriesOf(folder)) {
    if (!entry.isFile() || !entry.name.startsWith(starts) || entry.name.endsWith(TYPE_ENDING)) continue;
    const info = await stat(join(folder, entry.name)).catch(ignoreMissing);
    if (info !== undefined) yield { key: prefix + entry.name.replaceAll(',', '/'), size: info.size };
  }
}

/** What lies in a folder; nothing where there is none. */
export async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return [];
    throw error;
  }
}

function folderOf(root: string, segments: readonly string[]): string {
  const name = segments[FOLDERS] ?? '';
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) | 0;
  const bucket = ((hash >>> 0) % BUCKETS).toString(16).padStart(2, '0');
  return join(root, ...segments.slice(0, FOLDERS), bucket);
}
