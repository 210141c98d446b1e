/** Weights of trained models on this machine's disk: fetched when they are first needed, the longest unused go first. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CotaError } from '../../../shared/errors.ts';
import { bytesOf, type TrainedFile, type TrainedModel } from '../../../shared/models/trained.ts';
import { ObjectMissing, type ObjectStore } from '../../../shared/object-store.ts';
import type { Log } from '../../../shared/telemetry.ts';
import { withLock } from '../../../shared/weights/lock.ts';

export interface TrainedFilesParts {
  readonly objects: Pick<ObjectStore, 'stream'>;
  readonly log: Log;
  /** Folder that all workers of this machine share. */
  readonly root: string;
  readonly maxBytes: number;
}

export interface TrainedFiles {
  /**
   * The model's folder on this disk, whole and checked. One worker of a machine fetches at a time.
   * @throws CotaError `model_broken` where the store's files are not what was registered, `model_away` where this disk
   *   does not take them; StoreAway; the signal's reason
   */
  folderOf(model: TrainedModel, signal: AbortSignal): Promise<string>;
}

const LOCK = '.lock';
/** Files that came in other bytes than they should are fetched once more: the way may be at fault, not the store. */
const TRIES = 2;
/** A folder that was asked for so lately may be read by another process just now. */
const FRESH_MS = 60_000;

export function openTrainedFiles({ objects, log, root, maxBytes }: TrainedFilesParts): TrainedFiles {
  const top = resolve(root);

  async function fetchInto(folder: string, model: TrainedModel, signal: AbortSignal): Promise<void> {
    const part = `${folder}.part`;
    await rm(part, { recursive: true, force: true });
    for (const file of model.files) await fetchFile(file, join(part, file.name), model.id, signal);
    await rename(part, folder);
    log.info({ model: model.id, bytes: bytesOf(model) }, 'fetched the weights of a trained model');
  }

  async function fetchFile(file: TrainedFile, target: string, id: string, signal: AbortSignal): Promise<void> {
    await mkdir(dirname(target), { recursive: true });
    for (let tries = 1; ; tries += 1) {
      const hash = createHash('sha256');
      let bytes = 0;
      const counted = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          hash.update(chunk);
          bytes += chunk.length;
          done(null, chunk);
        },
      });
      const { body } = await objects.stream(file.key);
      await pipeline(body, counted, createWriteStream(target), { signal });
      if (bytes === file.bytes && hash.digest('hex') === file.sha256) return;
      if (tries < TRIES) continue;
      throw new CotaError(
        'model_broken',
        `The model '${id}' cannot be used: its file ${file.name} in the object store is not the one that was registered. Delete the model and train it again.`,
      );
    }
  }

  /** Removes the longest unused until `room` more bytes fit. */
  async function makeRoom(room: number): Promise<void> {
    const folders: { readonly path: string; readonly bytes: number; readonly usedAt: number }[] = [];
    for (const entry of await readdir(top, { withFileTypes: true })) {
      if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
      const path = join(top, entry.name);
      folders.push({ path, bytes: await sizeOf(path), usedAt: (await stat(path)).mtimeMs });
    }
    let kept = folders.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { path, bytes, usedAt } of folders.sort((a, b) => a.usedAt - b.usedAt)) {
      if (kept + room <= maxBytes || Date.now() - usedAt < FRESH_MS) break;
      await rm(path, { recursive: true, force: true });
      kept -= bytes;
    }
  }

  return {
    async folderOf(model, signal) {
      const folder = join(top, model.version);
      try {
        if (await isWhole(folder, model)) return folder;
        await mkdir(top, { recursive: true });
        const wait = (who: string): void => log.info({ model: model.id }, `${who} fetches weights: waiting for it`);
        await withLock(join(top, LOCK), signal, wait, async () => {
          if (await isWhole(folder, model)) return;
          await rm(folder, { recursive: true, force: true });
          await makeRoom(bytesOf(model));
          await fetchInto(folder, model, signal);
        });
        return folder;
      } catch (error) {
        throw told(error, model, top);
      }
    },
  };
}

/** By the sizes of its files, whose bytes were checked before the folder got its name. Marks it as used. */
async function isWhole(folder: string, model: TrainedModel): Promise<boolean> {
  for (const { name, bytes } of model.files) {
    const there = await stat(join(folder, name)).catch(() => undefined);
    if (there?.size !== bytes) return false;
  }
  const now = new Date();
  await utimes(folder, now, now);
  return true;
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}

/** In the words of whoever asked the model; what the operator has to do waits, and costs no run. */
function told(error: unknown, model: TrainedModel, root: string): unknown {
  if (error instanceof ObjectMissing) {
    const file = model.files.find(({ key }) => key === error.key)?.name ?? 'one of its files';
    const words = `The model '${model.id}' cannot be used: ${file} is not in the object store any more. Delete the model and train it again.`;
    return new CotaError('model_broken', words, { cause: error });
  }
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string' || !['ENOSPC', 'EACCES', 'EROFS', 'EDQUOT', 'EPERM', 'ENOTDIR'].includes(code))
    return error;
  const words = `the weights of ${model.id} find no place in ${root} (${code}): see COTA_TRAINED_CACHE`;
  return new CotaError('model_away', words, { retryAfterMs: 10_000, cause: error });
}
