/**
 * Weights in the object store, so that many workers need one pull: `weights/<id>/<sha256>` for each file, and a receipt
 * that is written last. Files are named for their bytes, so that a worker which still fetches an older receipt's gets
 * them whole or not at all.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { paths } from '../keys.ts';
import { ObjectMissing, type ObjectStore, StoreAway } from '../object-store/contract.ts';
import type { CatalogueEntry } from './catalogue.ts';
import type { PullProgress } from './pull.ts';
import { folderOf, type Receipt, receipt } from './receipt.ts';
import { SourceFailed, WeightsError, type WeightsSource } from './source.ts';
import type { Fault } from './verify.ts';

/** @throws StoreAway */
export async function storedReceipt(objects: ObjectStore, id: string): Promise<Receipt | undefined> {
  try {
    const { bytes } = await objects.get(paths.weightsReceipt(id));
    return receipt.safeParse(JSON.parse(bytes.toString())).data;
  } catch (error) {
    if (error instanceof ObjectMissing || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * Copies pulled weights from their folder into the store.
 * @returns paths that were copied; the others were there
 * @throws StoreAway; WeightsError where the folder's bytes are not those of the receipt
 */
export async function pushToStore(
  objects: ObjectStore,
  root: string,
  made: Receipt,
  onProgress: (progress: PullProgress) => void = () => undefined,
): Promise<readonly string[]> {
  const copied: string[] = [];
  for (const file of made.files) {
    const key = paths.weightsFile(made.id, file.sha256);
    if ((await objects.head(key))?.size === file.bytes) continue;
    const disk = createReadStream(join(folderOf(root, made), file.path), { highWaterMark: 1024 * 1024 });
    const hash = createHash('sha256');
    let bytes = 0;
    // Counts on the way: a listener beside it would set the bytes flowing before the store takes them.
    const counted = async function* () {
      for await (const chunk of disk as AsyncIterable<Buffer>) {
        hash.update(chunk);
        bytes += chunk.length;
        onProgress({ path: file.path, bytes, total: file.bytes });
        yield chunk;
      }
    };
    await objects.put(key, Readable.from(counted(), { objectMode: false }), {
      contentType: 'application/octet-stream',
    });
    if (hash.digest('hex') !== file.sha256) {
      await objects.delete(key);
      throw new WeightsError(`${file.path} of ${made.id} in ${root} is broken: cota models pull ${made.id} --force`);
    }
    copied.push(file.path);
  }
  const text = Buffer.from(JSON.stringify(made));
  await objects.put(paths.weightsReceipt(made.id), text, { contentType: 'application/json' });
  await clearAway(objects, made);
  return copied;
}

/** What an earlier receipt had. */
async function clearAway(objects: ObjectStore, { id, files }: Receipt): Promise<void> {
  const kept = new Set([paths.weightsReceipt(id), ...files.map((file) => paths.weightsFile(id, file.sha256))]);
  for await (const { key } of objects.list(paths.weights(id))) if (!kept.has(key)) await objects.delete(key);
}

/** @throws WeightsError where the store has none of it */
export async function removeFromStore(objects: ObjectStore, id: string): Promise<void> {
  if (!(await storedReceipt(objects, id))) throw new WeightsError(`the object store has nothing of ${id}`);
  await objects.delete(paths.weightsReceipt(id));
  await objects.deletePrefix(paths.weights(id));
}

/** Reads every file in the store. @throws WeightsError where it has none of it */
export async function verifyStore(
  objects: ObjectStore,
  entry: CatalogueEntry,
  onFile: (path: string) => void = () => undefined,
): Promise<readonly Fault[]> {
  const made = await storedReceipt(objects, entry.id);
  if (!made)
    throw new WeightsError(`the object store has nothing of ${entry.id}: cota models pull ${entry.id} --to store`);
  const faults: Fault[] = [];
  for (const { path, sha256, bytes } of made.files) {
    onFile(path);
    const key = paths.weightsFile(entry.id, sha256);
    const there = await objects.head(key);
    if (!there) faults.push({ path, what: 'missing' });
    else if (there.size !== bytes) faults.push({ path, what: 'wrong size' });
    else {
      const hash = createHash('sha256');
      for await (const chunk of (await objects.stream(key)).body as AsyncIterable<Buffer>) hash.update(chunk);
      if (hash.digest('hex') !== sha256) faults.push({ path, what: 'other bytes' });
    }
  }
  return faults;
}

/** The store as a source: what its receipt says is what its files are held to. */
export function storeSource(objects: ObjectStore, made: Receipt): WeightsSource {
  return {
    name: 'the object store',
    async open(entry, path, resume) {
      const file = made.files.find((one) => one.path === path);
      if (!file) throw new WeightsError(`the object store has no ${path} of ${entry.id}`);
      const key = paths.weightsFile(made.id, file.sha256);
      const start = resume?.facts.sha256 === file.sha256 && resume.from < file.bytes ? resume.from : 0;
      try {
        const { body } = await objects.stream(key, start > 0 ? { start } : undefined);
        return { facts: { bytes: file.bytes, sha256: file.sha256, commit: made.commit }, start, body: told(body) };
      } catch (error) {
        throw passing(error);
      }
    },
    close: async () => undefined,
  };
}

async function* told(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw passing(error);
  }
}

function passing(error: unknown): Error {
  if (error instanceof ObjectMissing) return new WeightsError(`the object store lacks ${error.key}: pull it again`);
  const { message } = error as Error;
  return error instanceof StoreAway
    ? new SourceFailed(message)
    : new SourceFailed(`the object store broke off (${message})`);
}
