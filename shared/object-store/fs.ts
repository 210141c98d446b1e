/** The object store on a folder: the embedded default. One folder may serve many processes at once. */
import { createHmac, randomUUID } from 'node:crypto';
import { unlink as unlinkThen } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname, extname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import {
  assertKey,
  assertPrefix,
  assertRange,
  type ByteRange,
  ObjectMissing,
  type ObjectStore,
  StoreAway,
} from './contract.ts';
import { awayFrom, errorCode, ignoreMissing, missingRoot } from './fs-errors.ts';
import { entriesOf, pathOf, placeOf, TEMP, TYPE_ENDING, walk } from './fs-layout.ts';
import { createFileWriter, removeFolder, type SyncMode } from './fs-write.ts';
import { signLink, verifyLink } from './links.ts';

export interface FsStoreConfig {
  readonly root: string;
  /** Signs links; at least 16 characters, the same for every process of the cluster. */
  readonly linkSecret: string;
  /** `always` forces each put to the disk before it resolves (the default here), `everysec` within a second after. */
  readonly sync?: SyncMode;
}

const DEFAULT_TYPE = 'application/octet-stream';
const TYPES = new Map([
  ['.json', 'application/json'],
  ['.jsonl', 'application/jsonl'],
  ['.png', 'image/png'],
  ['.jpg', 'image/jpeg'],
  ['.webp', 'image/webp'],
  ['.gif', 'image/gif'],
  ['.txt', 'text/plain'],
  ['.bin', DEFAULT_TYPE],
]);
/** No write lasts this long; what is older was left by a process that died. */
const STALE_TEMP_MS = 3_600_000 * 6;

/** Opens the store, making its folder if need be. Throws StoreAway with what to do when the folder cannot be used. */
export async function openFsStore(config: FsStoreConfig): Promise<ObjectStore> {
  const { linkSecret } = config;
  if (linkSecret.length < 16)
    throw new RangeError('The secret for links of the object store needs at least 16 characters.');
  const root = resolve(config.root);
  const temp = join(root, TEMP);
  const writer = createFileWriter(root, config.sync ?? 'always');
  const at = (key: string): string => {
    assertKey(key);
    return pathOf(root, key);
  };

  /** Runs a file operation and turns its errors into those of the contract. `key` names what a missing file means. */
  async function guarded<T>(key: string | undefined, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const code = errorCode(error);
      if (code === 'ENOENT' || code === 'ENOTDIR') {
        await assertPresent(error);
        if (key !== undefined) throw new ObjectMissing(key);
      }
      if (code === 'EISDIR' && key !== undefined) throw new ObjectMissing(key);
      throw awayFrom(error, root) ?? error;
    }
  }

  async function assertPresent(cause?: unknown): Promise<void> {
    await stat(temp).catch((error: unknown) => {
      throw awayFrom(error, root) ?? missingRoot(root, cause ?? error);
    });
  }

  async function typeOf(path: string): Promise<string> {
    const written = await readFile(path + TYPE_ENDING, 'utf8').catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    });
    return written ?? typeByEnding(path);
  }

  async function put(
    key: string,
    bytes: Uint8Array | Readable,
    { contentType }: { contentType: string },
  ): Promise<void> {
    const path = at(key);
    const own = contentType !== typeByEnding(path);
    await writeGuarded(bytes, async (staged) => {
      // The type first: a type without an object is invisible, an object with the wrong type is not.
      if (own) await writeGuarded(Buffer.from(contentType), (type) => writer.place(type, path + TYPE_ENDING));
      await writer.place(staged, path);
      if (!own) await unlinkIfThere(path + TYPE_ENDING);
    });
  }

  async function writeGuarded(bytes: Uint8Array | Readable, place: (staged: string) => Promise<void>): Promise<void> {
    try {
      const staged = await writer.stage(bytes);
      try {
        await place(staged);
      } catch (error) {
        await writer.discard(staged);
        throw error;
      }
    } catch (error) {
      // A source that failed is the caller's matter, whatever its code looks like.
      if (bytes instanceof Readable && bytes.errored === error) throw error;
      if (errorCode(error) === 'ENOENT') await assertPresent(error);
      throw awayFrom(error, root) ?? error;
    }
  }

  async function get(key: string) {
    const path = at(key);
    return await guarded(key, async () => {
      const [bytes, contentType] = await Promise.all([readFile(path), typeOf(path)]);
      return { bytes, contentType };
    });
  }

  async function stream(key: string, range?: ByteRange) {
    const path = at(key);
    if (range !== undefined) assertRange(range);
    return await guarded(key, async () => {
      const contentType = await typeOf(path);
      const file = await open(path, 'r');
      try {
        const info = await file.stat();
        if (!info.isFile()) throw new ObjectMissing(key);
        if (range !== undefined && range.start >= info.size) {
          throw new RangeError(`"${key}" has ${info.size} bytes; a range from ${range.start} lies outside.`);
        }
        return { body: file.createReadStream({ ...range }), size: info.size, contentType };
      } catch (error) {
        await file.close();
        throw error;
      }
    });
  }

  async function head(key: string) {
    const path = at(key);
    try {
      return await guarded(key, async () => {
        const [info, contentType] = await Promise.all([stat(path), typeOf(path)]);
        return info.isFile() ? { size: info.size, contentType } : undefined;
      });
    } catch (error) {
      if (error instanceof ObjectMissing) return undefined;
      throw error;
    }
  }

  async function remove(key: string): Promise<void> {
    const path = at(key);
    try {
      await guarded(key, () => unlink(path));
    } catch (error) {
      if (error instanceof ObjectMissing) return;
      throw error;
    }
    await unlink(path + TYPE_ENDING).catch(ignoreMissing);
    await removeEmptied(dirname(path));
  }

  async function deletePrefix(prefix: string): Promise<void> {
    assertPrefix(prefix);
    const { folder, starts } = placeOf(root, prefix);
    await assertPresent();
    await guarded(undefined, async () => {
      if (starts === undefined) {
        await removeFolder(root, folder).catch(ignoreMissing);
        return;
      }
      const names = (await entriesOf(folder)).map(({ name }) => name).filter((name) => name.startsWith(starts));
      for (const name of names) await unlink(join(folder, name)).catch(ignoreMissing);
    });
    await removeEmptied(starts === undefined ? dirname(folder) : folder);
  }

  /** Removes folders that a delete left empty, so that a million deleted runs leave no million folders. */
  async function removeEmptied(folder: string): Promise<void> {
    for (let at = folder; at !== root; at = dirname(at)) {
      const removed = await rmdir(at).then(
        () => true,
        () => false,
      );
      if (!removed) return;
    }
  }

  async function* list(prefix: string): AsyncGenerator<{ key: string; size: number }> {
    if (prefix !== '') assertPrefix(prefix);
    await assertPresent();
    try {
      yield* walk(root, prefix);
    } catch (error) {
      throw awayFrom(error, root) ?? error;
    }
    // A root that went away in between looks like an early end of the list.
    await assertPresent();
  }

  async function check(): Promise<void> {
    const bytes = Buffer.from(randomUUID());
    await writeGuarded(bytes, async (staged) => {
      const probe = `${staged}-check`;
      await rename(staged, probe);
      const back = await readFile(probe);
      await unlink(probe);
      if (!back.equals(bytes))
        throw new StoreAway(
          'server_error',
          `The store's folder ${root} gave back other bytes than it was given. Check the disk.`,
        );
    });
  }

  // The secret is not used as it is: a key of its own per purpose keeps a leak of one from opening another.
  const linkKey = createHmac('sha256', linkSecret).update('cota object links').digest('hex');

  await prepare(root, temp);
  return {
    driver: 'fs',
    put,
    get,
    stream,
    head,
    delete: remove,
    deletePrefix,
    list,
    link: async (key, { expiresInSeconds, baseUrl = '' }) =>
      baseUrl.replace(/\/+$/, '') + signLink(linkKey, key, expiresInSeconds),
    verifyLink: (path) => verifyLink(linkKey, path),
    check,
    close: () => writer.flush(),
  };
}

async function prepare(root: string, temp: string): Promise<void> {
  try {
    await mkdir(temp, { recursive: true });
    for (const name of await readdir(temp)) {
      const path = join(temp, name);
      const info = await stat(path).catch(ignoreMissing);
      if (info === undefined || Date.now() - info.mtimeMs <= STALE_TEMP_MS) continue;
      await rm(path, { recursive: true, force: true });
    }
  } catch (error) {
    if (errorCode(error) === 'ENOTDIR' || errorCode(error) === 'EEXIST') {
      throw new StoreAway('root_missing', `The store's folder ${root} is not a folder. Name another one.`, {
        cause: error,
      });
    }
    throw awayFrom(error, root) ?? error;
  }
}

/** By callback: the promise's error would gather a stack trace, and nearly every put has none to remove. */
function unlinkIfThere(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    unlinkThen(path, (error) => (error && error.code !== 'ENOENT' ? reject(error) : resolve()));
  });
}

function typeByEnding(path: string): string {
  return TYPES.get(extname(path)) ?? DEFAULT_TYPE;
}
