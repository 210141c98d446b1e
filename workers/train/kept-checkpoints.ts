/** Checkpoints between the trainer's folder and the object store: put there as they come, fetched where none is here. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, realpath, rm, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ObjectStore } from '../../shared/object-store.ts';
import { assertKey, ObjectMissing } from '../../shared/object-store.ts';
import {
  checkpointFolder,
  checkpointId,
  listCheckpoints,
  pruneCheckpoints,
  putCheckpoint,
  removeHalves,
} from '../../shared/train/checkpoints.ts';
import type { TrainCheckpoint, TrainFile } from '../../shared/train/job.ts';

interface Place {
  readonly tenant: string;
  readonly id: string;
}

/** @param pattern such as `checkpoint-{step}` @returns undefined for another name */
export function stepOf(pattern: string, name: string): number | undefined {
  const [before = '', after = ''] = pattern.split('{step}');
  if (!name.startsWith(before) || !name.endsWith(after)) return undefined;
  const digits = name.slice(before.length, name.length - after.length);
  return /^\d{1,10}$/.test(digits) ? Number(digits) : undefined;
}

/**
 * A path that a trainer or a manifest names, below `root`. What a trainer prints may be a text of its data, so a tenant's.
 * @throws Error for one that leads outside
 */
function within(root: string, path: string): string {
  const whole = resolve(root, path);
  if (!isAbsolute(path) && whole.startsWith(`${resolve(root)}${sep}`)) return whole;
  throw new Error(`${JSON.stringify(path.slice(0, 200))} lies outside of the trainer's folder`);
}

/** Also where links lead. @throws Error for one that leads outside */
async function assertWithin(root: string, path: string): Promise<void> {
  const [top, place] = await Promise.all([realpath(root), realpath(within(root, path))]);
  within(top, relative(top, place));
}

/** Files below a path, or the file itself; relative to `root`, sorted, so that equal folders give equal lists. */
export async function filesBelow(root: string, path: string): Promise<string[]> {
  const found = await stat(join(root, path));
  if (found.isFile()) return [path];
  const names = await readdir(join(root, path), { recursive: true, withFileTypes: true });
  return names
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

/** Puts a file in the store while its hash is taken; memory stays flat. @throws Error where it changed meanwhile */
export async function putFile(objects: ObjectStore, path: string, key: string, name: string): Promise<TrainFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(undefined, chunk);
    },
  });
  const written = objects.put(key, meter, { contentType: 'application/octet-stream' });
  await Promise.all([pipeline(createReadStream(path), meter), written]);
  return { name, key, bytes, sha256: hash.digest('hex') };
}

/** A name of a trainer's file as a part of a key. */
export function keyName(name: string): string {
  const safe = name
    .split('/')
    .map((part) => part.replace(/[^A-Za-z0-9_.=@+-]/g, '_').replace(/^\./, '_'))
    .join('/');
  assertKey(safe);
  return safe;
}

export interface NewCheckpoint {
  readonly step: number;
  readonly tokens?: number | undefined;
  /** Of the stage that ends with it. */
  readonly stage?: string | undefined;
  /** File or folder below {out}. */
  readonly path: string;
  /** Further files that belong to it, where they are there. */
  readonly beside?: readonly string[];
  /** Of the file, where the trainer says it: another one under its name is not taken. */
  readonly sha256?: string | undefined;
  readonly metrics: Readonly<Record<string, number>>;
}

/**
 * @param attempt first characters of the token of this worker's try
 * @param mayKeep asked before it counts: is the job still in our hands?
 * @returns undefined where its files are gone or others by now: the trainer has made a newer one; else bytes that came and went
 */
export async function keepCheckpoint(
  objects: ObjectStore,
  at: Place,
  out: string,
  attempt: string,
  given: NewCheckpoint,
  mayKeep: () => Promise<boolean>,
): Promise<{ readonly checkpoint: TrainCheckpoint; readonly bytes: number } | undefined> {
  const id = checkpointId(given.step, attempt);
  const folder = checkpointFolder(at, id);
  const files: TrainFile[] = [];
  const remove = (): Promise<void> => objects.deletePrefix(folder);
  try {
    await assertWithin(out, given.path);
    const names = await filesBelow(out, given.path);
    const beside: string[] = [];
    for (const name of given.beside ?? []) if (await stat(join(out, name)).catch(() => undefined)) beside.push(name);
    for (const name of [...names, ...beside]) {
      files.push(await putFile(objects, join(out, name), `${folder}files/${keyName(name)}`, name));
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await remove();
    return undefined;
  }
  const [first] = files;
  if (!first || (given.sha256 !== undefined && first.sha256 !== given.sha256) || !(await mayKeep())) {
    await remove();
    return undefined;
  }
  const { step, tokens, stage, path, metrics } = given;
  const checkpoint: TrainCheckpoint = {
    ...{ id, step, path, files, metrics: { ...metrics }, createdAt: Date.now() },
    ...(tokens === undefined ? {} : { tokens }),
    ...(stage === undefined ? {} : { stage }),
  };
  await putCheckpoint(objects, at, checkpoint);
  const gone = await pruneCheckpoints(objects, at);
  return { checkpoint, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) - gone };
}

/**
 * Lays the newest checkpoint of the store below {out}; one that is damaged is passed over for the one before.
 * @param passed told of one that is passed over
 * @returns undefined where there is none
 */
export async function restoreCheckpoint(
  objects: ObjectStore,
  at: Place,
  out: string,
  passed: (words: string) => void = () => undefined,
): Promise<TrainCheckpoint | undefined> {
  await removeHalves(objects, at);
  for (const one of (await listCheckpoints(objects, at)).reverse()) {
    const place = within(out, one.path);
    await rm(place, { recursive: true, force: true });
    const fault = await restore(objects, out, one);
    if (fault === undefined) return one;
    passed(`The checkpoint of step ${one.step} is passed over: ${fault}`);
    for (const { name } of one.files) await rm(within(out, name), { force: true });
    await rm(place, { recursive: true, force: true });
  }
  return undefined;
}

/** @returns what is wrong with the checkpoint in the store */
async function restore(objects: ObjectStore, out: string, { files }: TrainCheckpoint): Promise<string | undefined> {
  for (const { name, key, sha256 } of files) {
    const path = within(out, name);
    await mkdir(dirname(path), { recursive: true });
    const hash = createHash('sha256');
    try {
      const { body } = await objects.stream(key);
      body.on('data', (chunk: Buffer) => hash.update(chunk));
      await pipeline(Readable.from(body), createWriteStream(path));
    } catch (error) {
      if (error instanceof ObjectMissing) return `the object store has no ${key} any more`;
      throw error;
    }
    if (hash.digest('hex') !== sha256) return `${key} has other bytes than were written: the object store is damaged`;
  }
  return undefined;
}
