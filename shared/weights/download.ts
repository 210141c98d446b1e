/** One file of weights: into `<file>.part`, going on where a break or a kill left it, checked, then under its name. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CatalogueEntry, CatalogueFile } from './catalogue.ts';
import type { Receipt } from './receipt.ts';
import { type FileFacts, type Resume, SourceFailed, WeightsError, type WeightsSource } from './source.ts';

export interface Patience {
  /** Tries that bring no byte, one after another. */
  readonly attempts: number;
  /** First pause, milliseconds; doubles each time, up to half a minute. */
  readonly pauseMs: number;
}
export const PATIENCE: Patience = { attempts: 6, pauseMs: 1_000 };
const LONGEST_PAUSE_MS = 30_000;
/** Left free on the disk. */
const SPARE_BYTES = 32 * 1024 * 1024;

export interface FileJob {
  readonly source: WeightsSource;
  readonly entry: CatalogueEntry;
  readonly file: CatalogueFile;
  /** Where it is to lie. */
  readonly target: string;
  readonly signal: AbortSignal;
  readonly patience: Patience;
  /** @param total where it is known */
  onBytes(done: number, total: number | undefined): void;
  onNote(line: string): void;
}

type FileReceipt = Receipt['files'][number];

/** @throws WeightsError; the signal's reason */
export async function download(job: FileJob): Promise<FileReceipt & { readonly commit?: string | undefined }> {
  const { file, source, signal, patience, target } = job;
  const part = `${target}.part`;
  let fruitless = 0;
  let furthest = 0;
  let corrupt = false;
  await guarded(job, () => mkdir(dirname(target), { recursive: true }));
  for (;;) {
    try {
      const facts = await receive(job, part);
      const is = await hashFile(part);
      const wrong = wrongIn(is, facts, file);
      if (wrong === undefined) {
        await guarded(job, () => settle(part, target));
        const heldTo = file.sha256 ? 'catalogue' : facts.sha256 || facts.gitSha1 ? 'source' : 'size';
        return { path: file.path, bytes: is.bytes, sha256: is.sha256, heldTo, commit: facts.commit };
      }
      await forget(part);
      if (corrupt) throw new WeightsError(`${file.path} from ${source.name} is not what it should be: ${wrong}`);
      corrupt = true;
      job.onNote(`${file.path}: ${wrong}; it is fetched again from the start`);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof SourceFailed)) throw error;
      const have = await sizeOf(part);
      fruitless = have > furthest ? 1 : fruitless + 1;
      furthest = Math.max(furthest, have);
      if (fruitless > patience.attempts)
        throw new WeightsError(
          `${error.message}: given up after ${patience.attempts} more tries; what is there is kept`,
        );
      const pause = Math.min(LONGEST_PAUSE_MS, error.retryAfterMs ?? patience.pauseMs * 2 ** (fruitless - 1));
      job.onNote(`${error.message}; trying again in ${Math.ceil(pause / 1000)} s`);
      await sleep(pause, undefined, { signal });
    }
  }
}

/** Brings the part to its whole length. @throws SourceFailed where it breaks off; WeightsError */
async function receive(job: FileJob, part: string): Promise<FileFacts> {
  const { source, entry, file, signal } = job;
  const resume = await resumeOf(part, file);
  const opened = await source.open(entry, file.path, resume, signal);
  const facts: FileFacts = { ...opened.facts, bytes: opened.facts.bytes ?? file.bytes ?? undefined };
  refuseOther(facts, job);
  await assertRoom(job, part, (facts.bytes ?? 0) - opened.start);
  await guarded(job, () => writeFile(`${part}.json`, JSON.stringify(facts)));
  const out = await guarded(job, () => open(part, opened.start === 0 ? 'w' : 'r+'));
  let at = opened.start;
  try {
    if (at > 0) await out.truncate(at);
    job.onBytes(at, facts.bytes);
    for await (const chunk of opened.body) {
      signal.throwIfAborted();
      if (facts.bytes !== undefined && at + chunk.length > facts.bytes)
        throw new WeightsError(`${source.name} sends more than the ${facts.bytes} bytes of ${file.path}`);
      await guarded(job, () => writeAll(out, chunk, at));
      at += chunk.length;
      job.onBytes(at, facts.bytes);
    }
    await guarded(job, () => out.sync());
  } finally {
    await out.close();
  }
  if (facts.bytes !== undefined && at < facts.bytes)
    throw new SourceFailed(`${source.name} broke off after ${at} of ${facts.bytes} bytes of ${file.path}`);
  return facts;
}

async function writeAll(out: Awaited<ReturnType<typeof open>>, chunk: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    const { bytesWritten } = await out.write(chunk, done, chunk.length - done, at + done);
    done += bytesWritten;
  }
}

/** What an earlier try left, if it can be told what it is the beginning of. */
async function resumeOf(part: string, file: CatalogueFile): Promise<Resume | undefined> {
  const from = await sizeOf(part);
  if (from === 0) return undefined;
  try {
    const { bytes, sha256, gitSha1, etag } = JSON.parse(await readFile(`${part}.json`, 'utf8')) as FileFacts;
    if (bytes !== undefined && from >= bytes) return undefined;
    // The beginning of what the catalogue asked for, wherever it came from.
    const facts = { bytes, sha256: file.sha256 ?? sha256, gitSha1, etag };
    return facts.sha256 || gitSha1 || etag ? { from, facts } : undefined;
  } catch {
    return undefined;
  }
}

/** Before a byte is fetched. @throws WeightsError where the source has another file than the catalogue means */
function refuseOther(facts: FileFacts, { file, source, entry }: FileJob): void {
  const other = `${file.path} at ${source.name} is not that of the catalogue`;
  const hint = `is ${entry.repo} there at revision ${entry.revision}?`;
  if (file.bytes !== null && facts.bytes !== undefined && facts.bytes !== file.bytes)
    throw new WeightsError(`${other}: ${facts.bytes} bytes, not ${file.bytes}; ${hint}`);
  if (file.sha256 !== null && facts.sha256 !== undefined && facts.sha256 !== file.sha256)
    throw new WeightsError(
      `${other}: its SHA-256 is ${facts.sha256.slice(0, 12)}…, not ${file.sha256.slice(0, 12)}…; ${hint}`,
    );
}

interface Hashes {
  readonly bytes: number;
  readonly sha256: string;
  readonly gitSha1: string;
}

function wrongIn(is: Hashes, facts: FileFacts, file: CatalogueFile): string | undefined {
  const bytes = file.bytes ?? facts.bytes;
  if (bytes !== undefined && is.bytes !== bytes) return `it has ${is.bytes} bytes, not ${bytes}`;
  const sha256 = file.sha256 ?? facts.sha256;
  if (sha256 !== undefined && is.sha256 !== sha256)
    return `its SHA-256 is ${is.sha256.slice(0, 12)}…, not ${sha256.slice(0, 12)}…`;
  if (facts.gitSha1 !== undefined && is.gitSha1 !== facts.gitSha1)
    return `git's hash of it is ${is.gitSha1.slice(0, 12)}…, not ${facts.gitSha1.slice(0, 12)}…`;
  return undefined;
}

/** Reads the file itself: what counts is what lies on the disk. */
export async function hashFile(path: string): Promise<Hashes> {
  const { size } = await stat(path);
  const [sha256, sha1] = [createHash('sha256'), createHash('sha1').update(`blob ${size}\0`)];
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    sha256.update(chunk);
    sha1.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: sha256.digest('hex'), gitSha1: sha1.digest('hex') };
}

async function settle(part: string, target: string): Promise<void> {
  await rename(part, target);
  await rm(`${part}.json`, { force: true });
}

async function forget(part: string): Promise<void> {
  await rm(part, { force: true });
  await rm(`${part}.json`, { force: true });
}

export async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

async function assertRoom({ file }: FileJob, part: string, more: number): Promise<void> {
  await requireRoom(dirname(part), more, file.path);
}

/** @throws WeightsError */
export async function requireRoom(folder: string, bytes: number, what: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (bytes + SPARE_BYTES > free) {
    const mb = (value: number): string => `${Math.ceil(value / 1e6)} MB`;
    throw new WeightsError(
      `the disk of ${folder} has ${mb(free)} free, and ${what} takes ${mb(bytes)} more: nothing is fetched`,
    );
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'it is read-only',
  ENOTDIR: 'a part of its path is a file',
};

/** Faults of the disk in one line. */
export async function guarded<T>({ target }: Pick<FileJob, 'target'>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof Error && typeof code === 'string' && code.startsWith('E'))
      throw new WeightsError(`cannot write ${target}: ${REASONS[code] ?? message}`);
    throw error;
  }
}
