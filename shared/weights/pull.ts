/** All files of a catalogue entry, from a source into the folder of weights; the receipt is written last. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CatalogueEntry, CatalogueFile } from './catalogue.ts';
import { download, guarded, hashFile, PATIENCE, type Patience, requireRoom, sizeOf } from './download.ts';
import { withLock } from './lock.ts';
import { folderOf, type Receipt, receipt, receiptName } from './receipt.ts';
import type { WeightsSource } from './source.ts';
import { openWeights } from './weights.ts';

export const LOCK = '.cota-weights.lock';

export interface PullProgress {
  readonly path: string;
  readonly bytes: number;
  readonly total: number | undefined;
}

export interface PullOptions {
  /** Folder of all weights. */
  readonly root: string;
  readonly entry: CatalogueEntry;
  readonly source: WeightsSource;
  readonly signal: AbortSignal;
  readonly patience?: Patience;
  /** Fetches also what is there. */
  readonly force?: boolean;
  onProgress?(progress: PullProgress): void;
  /** A line for people: what goes on that takes time. */
  onNote?(line: string): void;
}

export interface Pulled {
  readonly receipt: Receipt;
  /** Paths that were fetched; none: all of it was there. */
  readonly fetched: readonly string[];
}

const files = receipt.shape.files;
type Files = Receipt['files'];

/** @throws WeightsError; the signal's reason */
export async function pull(options: PullOptions): Promise<Pulled> {
  const { entry, signal, onNote = () => undefined } = options;
  const folder = folderOf(options.root, entry);
  await guarded({ target: folder }, () => mkdir(folder, { recursive: true }));
  const wait = (who: string): void => onNote(`${who} pulls ${entry.repo} already: waiting for it`);
  const lock = join(folder, LOCK);
  return guarded({ target: lock }, () => withLock(lock, signal, wait, () => pullAlone(options, folder)));
}

async function pullAlone(options: PullOptions, folder: string): Promise<Pulled> {
  const { root, entry, source, signal, patience = PATIENCE } = options;
  const before = openWeights(root, [entry]).find(entry.id);
  if (before.ready && !options.force) return { receipt: before.receipt, fetched: [] };
  const started = join(folder, `${receiptName(entry.id)}.part`);
  const kept = options.force ? [] : await startedFiles(started);
  const there = new Map<string, Files[number]>();
  if (!options.force) {
    for (const file of entry.files) {
      const is = await isThere(folder, file, kept);
      if (is) there.set(file.path, is);
    }
  }
  const missing = entry.files.filter((file) => !there.has(file.path));
  const onDisk = await Promise.all(missing.map((file) => sizeOf(join(folder, `${file.path}.part`))));
  const more = missing.reduce((sum, file, at) => sum + Math.max(0, (file.bytes ?? 0) - (onDisk[at] ?? 0)), 0);
  await requireRoom(folder, more, entry.id);
  let commit: string | undefined;
  for (const file of missing) {
    const { commit: at, ...got } = await download({
      ...{ source, entry, file, signal, patience, target: join(folder, file.path) },
      onBytes: (bytes, total) => options.onProgress?.({ path: file.path, bytes, total }),
      onNote: (line) => options.onNote?.(line),
    });
    commit = at ?? commit;
    there.set(file.path, got);
    await guarded({ target: started }, () => writeFile(started, JSON.stringify([...there.values()])));
  }
  const made: Receipt = {
    ...{ id: entry.id, repo: entry.repo, revision: entry.revision },
    ...(commit === undefined ? {} : { commit }),
    ...{ pulledAt: new Date().toISOString(), from: source.name },
    files: entry.files.flatMap(({ path }) => there.get(path) ?? []),
  };
  await guarded({ target: folder }, () => writeReceipt(folder, made));
  await rm(started, { force: true });
  return { receipt: made, fetched: missing.map(({ path }) => path) };
}

async function writeReceipt(folder: string, made: Receipt): Promise<void> {
  const path = join(folder, receiptName(made.id));
  await writeFile(`${path}.new`, `${JSON.stringify(made, null, 2)}\n`);
  await rename(`${path}.new`, path);
}

/** Files that a pull which was ended had fetched and checked. */
async function startedFiles(path: string): Promise<Files> {
  try {
    return files.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return [];
  }
}

/** Whether its very bytes lie there: those of the catalogue, or those that an ended pull had checked. */
async function isThere(folder: string, file: CatalogueFile, kept: Files): Promise<Files[number] | undefined> {
  const before = kept.find(({ path }) => path === file.path);
  const sha256 = file.sha256 ?? before?.sha256;
  const size = await sizeOf(join(folder, file.path));
  if (sha256 === undefined || size === 0 || (file.bytes !== null && size !== file.bytes)) return undefined;
  const is = await hashFile(join(folder, file.path));
  if (is.sha256 !== sha256) return undefined;
  const heldTo = file.sha256 === null ? before?.heldTo : 'catalogue';
  return { path: file.path, bytes: is.bytes, sha256, ...(heldTo ? { heldTo } : {}) };
}
