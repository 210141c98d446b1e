/**
 * Puts a file into place so that no reader, and no process killed at any moment, ever leaves or sees a part of it:
 * written under a temporary name on the same file system, synced, then renamed. The root is made when the store opens
 * and never here: a folder that was moved or unmounted must not come back empty.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs';
import { mkdir, open, rename, rm, unlink } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { LRUCache } from 'lru-cache';
import { BadKey } from './contract.ts';
import { errorCode } from './fs-errors.ts';
import { TEMP } from './fs-layout.ts';

const runFile = promisify(execFile);
// Not the one of node:fs/promises, whose file handles cost more than the write itself.
const writeWhole = promisify(writeFile);

export interface FileWriter {
  /** Writes bytes to a new temporary file and gives its path. Errors of a source stream come through as they are. */
  stage(bytes: Uint8Array | Readable): Promise<string>;
  /** Moves a staged file to its place, making folders below the root as needed. */
  place(staged: string, path: string): Promise<void>;
  /** Removes a staged file that found no place. Never throws. */
  discard(staged: string): Promise<void>;
  /** Syncs what the background has not synced yet. */
  flush(): Promise<void>;
}

/**
 * When written bytes are forced to the disk. A killed process loses nothing either way; a power failure may take what
 * `everysec` wrote in its last second, which is what Redis with `appendfsync everysec` promises for the runs themselves.
 */
export type SyncMode = 'always' | 'everysec';

export function createFileWriter(root: string, sync: SyncMode): FileWriter {
  const durable = sync === 'always';
  const background = createBackgroundSync(root);
  // Containers that share a volume can share process ids as well, so names carry a random part of their own.
  const mark = randomUUID();
  let count = 0;
  // Saves a mkdir per put into a folder that this process already used. Wrong after another process deleted the folder;
  // the rename then says ENOENT and the folder is made again.
  const known = new LRUCache<string, true>({ max: 10_000 });
  const syncFolder = createFolderSync();

  async function stage(bytes: Uint8Array | Readable): Promise<string> {
    const staged = join(root, TEMP, `${mark}-${count++}`);
    try {
      if (bytes instanceof Readable) await pour(bytes, staged);
      else await writeWhole(staged, bytes, { flag: 'wx', flush: durable });
    } catch (error) {
      await discard(staged);
      throw error;
    }
    return staged;
  }

  async function pour(source: Readable, path: string): Promise<void> {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(source);
      if (durable) await file.datasync();
    } finally {
      await file.close();
    }
  }

  async function place(staged: string, path: string): Promise<void> {
    const folder = dirname(path);
    // Emptied folders are removed, so the folder can vanish between making it and moving the file in.
    for (let attempt = 0; ; attempt++) {
      const changed = known.has(folder) ? [folder] : [folder, ...(await makeFolder(folder))];
      known.set(folder, true);
      try {
        await rename(staged, path);
      } catch (error) {
        known.delete(folder);
        const code = errorCode(error);
        if (code === 'ENOENT' && attempt < 10) continue;
        if (code === 'EISDIR' || code === 'ENOTEMPTY' || code === 'EEXIST')
          throw new BadKey(`"${path}" is a folder of other objects.`);
        throw error;
      }
      if (durable) await Promise.all(changed.map(syncFolder));
      else background.add(path, changed);
      return;
    }
  }

  /** Makes a folder and its missing parents; gives the parents that got a new entry. Never makes the root. */
  async function makeFolder(folder: string): Promise<string[]> {
    if (folder === root) return [];
    if (!folder.startsWith(root + sep)) throw new BadKey(`"${folder}" lies outside of the store.`);
    try {
      await mkdir(folder);
      return [dirname(folder)];
    } catch (error) {
      const code = errorCode(error);
      if (code === 'EEXIST') return [];
      if (code === 'ENOTDIR') throw new BadKey(`"${folder}" lies under another object.`);
      if (code !== 'ENOENT' || dirname(folder) === root) throw error;
    }
    const changed = await makeFolder(dirname(folder));
    return [...changed, ...(await makeFolder(folder))];
  }

  async function discard(staged: string): Promise<void> {
    await unlink(staged).catch(() => undefined);
  }

  return { stage, place, discard, flush: background.flush };
}

/**
 * Syncs folders so that renames survive a power failure. Puts that arrive while a sync of their folder runs share the
 * next one: the one that runs may have begun before their rename.
 */
function createFolderSync(): (folder: string) => Promise<void> {
  const running = new Map<string, { current: Promise<void>; next?: Promise<void> }>();

  function start(folder: string): Promise<void> {
    const current = syncOnce(folder).finally(() => {
      if (running.get(folder)?.current === current) running.delete(folder);
    });
    running.set(folder, { current });
    return current;
  }

  return (folder) => {
    const state = running.get(folder);
    if (state === undefined) return start(folder);
    state.next ??= state.current.then(
      () => start(folder),
      () => start(folder),
    );
    return state.next;
  };
}

/**
 * Syncs the whole file system of the root once a second, while puts come: one system call in a process of its own
 * costs less than a sync per file, and nobody waits for it. Where `sync -f` is missing, file by file.
 */
function createBackgroundSync(root: string): {
  add(file: string, folders: readonly string[]): void;
  flush(): Promise<void>;
} {
  let dirty = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  async function syncAll(paths: readonly string[]): Promise<void> {
    if (paths.length === 0) return;
    const whole = await runFile('sync', ['-f', root], { timeout: 60_000 }).then(
      () => true,
      () => false,
    );
    // A disk that fails shows itself in the next put; here nobody waits for the answer.
    if (!whole) for (const path of paths) await syncOnce(path).catch(() => undefined);
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const paths = [...dirty];
    dirty = new Set();
    running = running.then(() => syncAll(paths));
    return running;
  }

  return {
    add(file, folders) {
      dirty.add(file);
      for (const folder of folders) dirty.add(folder);
      timer ??= setTimeout(() => void flush(), 1_000).unref();
    },
    flush,
  };
}

async function syncOnce(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    // Removed again by a delete: then there is nothing left to keep.
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

/** Moves a folder aside in one step and removes it there, so that readers see all of it or nothing. */
export async function removeFolder(root: string, folder: string): Promise<void> {
  const aside = join(root, TEMP, `deleted-${randomUUID()}`);
  await rename(folder, aside);
  await rm(aside, { recursive: true, force: true, maxRetries: 3 });
}
