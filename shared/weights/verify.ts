/** Are pulled weights still what they were, and taking them away again. */
import { readdir, readFile, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { CatalogueEntry } from './catalogue.ts';
import { guarded, hashFile } from './download.ts';
import { withLock } from './lock.ts';
import { LOCK } from './pull.ts';
import { folderOf, outdated, type Receipt, receipt, receiptName } from './receipt.ts';
import { WeightsError } from './source.ts';

export interface Fault {
  readonly path: string;
  readonly what: 'missing' | 'wrong size' | 'other bytes' | 'not of these weights' | 'outdated';
}

/**
 * Reads every file of the receipt.
 * @param onFile told before each
 * @returns what is wrong; empty where all is well. Files that no receipt names are told with those of the folder
 * @throws WeightsError when these weights were never pulled
 */
export async function verify(
  root: string,
  entry: CatalogueEntry,
  onFile: (path: string) => void = () => undefined,
): Promise<readonly Fault[]> {
  const folder = folderOf(resolve(root), entry);
  const mine = await readReceipt(folder, entry.id);
  if (!mine) throw new WeightsError(`${entry.id} has not been pulled into ${root}: cota models pull ${entry.id}`);
  const faults: Fault[] = [];
  const old = outdated(mine, entry);
  if (old !== undefined) faults.push({ path: receiptName(entry.id), what: 'outdated' });
  for (const file of mine.files) {
    onFile(file.path);
    const path = join(folder, file.path);
    const there = await stat(path).catch(() => undefined);
    if (!there?.isFile()) faults.push({ path: file.path, what: 'missing' });
    else if (there.size !== file.bytes) faults.push({ path: file.path, what: 'wrong size' });
    else if ((await hashFile(path)).sha256 !== file.sha256) faults.push({ path: file.path, what: 'other bytes' });
  }
  const known = new Set(
    (await receiptsIn(folder)).flatMap((one) => [receiptName(one.id), ...one.files.map((f) => f.path)]),
  );
  for (const path of await filesBelow(folder)) {
    if (known.has(path) || path === LOCK || path.startsWith(`${LOCK}.`)) continue;
    faults.push({ path, what: 'not of these weights' });
  }
  return faults;
}

/**
 * Deletes the files of the receipt, but for those that another variant in the same folder needs, and what an ended pull
 * of it left.
 * @returns paths below the root
 * @throws WeightsError when there is nothing of it
 */
export async function remove(
  root: string,
  entry: CatalogueEntry,
  signal: AbortSignal,
  onWait: (line: string) => void = () => undefined,
): Promise<readonly string[]> {
  const folder = folderOf(resolve(root), entry);
  const nothing = new WeightsError(`there is nothing of ${entry.id} in ${root}`);
  if (!(await stat(folder).catch(() => undefined))) throw nothing;
  const lock = join(folder, LOCK);
  const removed = await guarded({ target: lock }, () =>
    withLock(
      lock,
      signal,
      (who) => onWait(`${who} pulls ${entry.repo}: waiting for it`),
      async () => {
        const all = await receiptsIn(folder);
        const mine = all.find((one) => one.id === entry.id);
        const needed = new Set(all.filter((one) => one !== mine).flatMap((one) => one.files.map((file) => file.path)));
        const paths = mine?.files.map((file) => file.path) ?? [];
        // First, so that nobody takes the weights for whole meanwhile.
        const own = [receiptName(entry.id), `${receiptName(entry.id)}.part`];
        const parts = entry.files.flatMap(({ path }) => [`${path}.part`, `${path}.part.json`]);
        const there = new Set(await filesBelow(folder));
        const doomed = [...own, ...paths.filter((path) => !needed.has(path)), ...parts].filter((path) =>
          there.has(path),
        );
        for (const path of doomed) await rm(join(folder, path), { force: true });
        return doomed;
      },
    ),
  );
  if (removed.length === 0) throw nothing;
  const folders = entry.files.map(({ path }) => dirname(join(folder, path)));
  for (const path of [...folders, folder, dirname(folder)]) await rmdir(path).catch(() => undefined);
  return removed.map((path) => join(entry.repo, path));
}

async function receiptsIn(folder: string): Promise<Receipt[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^cota-weights-.+\.json$/.test(name));
  const read = await Promise.all(names.map((name) => readReceipt(folder, name.slice(13, -5))));
  return read.filter((one) => one !== undefined);
}

async function readReceipt(folder: string, id: string): Promise<Receipt | undefined> {
  try {
    return receipt.parse(JSON.parse(await readFile(join(folder, receiptName(id)), 'utf8')));
  } catch {
    return undefined;
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = found.filter((one) => one.isFile()).map((one) => relative(folder, join(one.parentPath, one.name)));
  return files.map((path) => path.split(sep).join('/')).sort();
}
