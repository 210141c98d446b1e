/** The file of requests that `cota batch submit` is given: on the disk, or on stdin. */
import { constants, createReadStream, type Stats } from 'node:fs';
import { access, type FileHandle, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { type BatchEndpoint, batchEndpoint, type LineProblem } from '../../../shared/batch/contract.ts';
import { planBatch } from '../../../shared/batch/plan.ts';
import { readLines } from '../../../shared/files/jsonl.ts';
import { fromHere } from '../../stack/settings.ts';
import { UserError } from '../../user-error.ts';
import type { Upload } from '../transfer.ts';

/** It is read several times: checked, sent, and perhaps sent again. */
export interface Input extends Upload {
  readonly size: number;
}

const CHUNK = { highWaterMark: 256 * 1024 };

/**
 * @param onBytes told of what has been taken from a pipe
 * @throws UserError for what is no file that can be read, or is empty
 */
export async function openInput(word: string, onBytes: (bytes: number) => void): Promise<Input> {
  if (word === '-') return spooled('stdin', process.stdin, onBytes);
  const path = fromHere(word);
  const found = await look(word, path);
  if (found.isDirectory()) throw new UserError(`${word} is a folder: name the file of requests in it`);
  if (!found.isFile()) return spooled(word, createReadStream(path, CHUNK), onBytes);
  const { size } = found;
  if (size === 0) throw isEmpty(word);
  return { name: word, size, open: () => sameSize(word, size, createReadStream(path, CHUNK)) };
}

const isEmpty = (word: string): UserError =>
  new UserError(`${word} is empty: it takes one JSON object a line, each a request`);

async function look(word: string, path: string): Promise<Stats> {
  try {
    const found = await stat(path);
    await access(path, constants.R_OK);
    return found;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new UserError(`there is no file ${word.slice(0, 200)}`);
    throw new UserError(`cannot read ${word.slice(0, 200)}: ${message}`);
  }
}

/** A file that is written to while it is sent would arrive cut, or mixed. */
async function* sameSize(word: string, size: number, source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let read = 0;
  for await (const chunk of source) {
    read += chunk.length;
    if (read > size) break;
    yield chunk;
  }
  if (read !== size) throw new UserError(`${word} changed while it was read: try again when it is complete`);
}

/** What comes through a pipe comes once: it is kept in a file that goes with this process. */
async function spooled(word: string, source: AsyncIterable<Buffer>, onBytes: (bytes: number) => void): Promise<Input> {
  const path = join(tmpdir(), `cota-${ulid()}.jsonl`);
  let size = 0;
  let file: FileHandle;
  try {
    file = await open(path, 'wx+', 0o600);
    // Without a name it is gone when the last who has it open ends, however that is.
    await rm(path);
    for await (const chunk of source) {
      await file.write(chunk);
      size += chunk.length;
      onBytes(size);
    }
  } catch (error) {
    throw new UserError(`cannot keep ${word} in ${tmpdir()}: ${(error as Error).message}`, 1);
  }
  if (size === 0) throw isEmpty(word);
  return { name: word, size, open: () => fromStart(file) };
}

/** A stream would close the file when its reader has seen enough. */
async function* fromStart(file: FileHandle): AsyncGenerator<Buffer> {
  for (let at = 0; ; ) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK.highWaterMark), 0, CHUNK.highWaterMark, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Longer than any line that a cluster takes; the cluster has the last word. */
const MOST_LINE_BYTES = 256 * 1024 * 1024;

/**
 * What the first line asks for. A line that says nothing is left to the check, which says what is wrong with it.
 * @throws UserError for what no batch can ask for
 */
export async function endpointOf(input: Input): Promise<BatchEndpoint> {
  let url: unknown;
  for await (const { text } of readLines(input.open(), { maxLineBytes: MOST_LINE_BYTES })) {
    try {
      url = (JSON.parse(text ?? '') as { url?: unknown } | null)?.url;
    } catch {
      // The check says it.
    }
    break;
  }
  if (typeof url !== 'string') return '/v1/responses';
  return asEndpoint(url, `the first line asks for "${url.slice(0, 100)}"`);
}

/** @throws UserError that begins with `what` */
export function asEndpoint(url: string, what: string): BatchEndpoint {
  const known = batchEndpoint.safeParse(url);
  if (known.success) return known.data;
  throw new UserError(`${what}: a batch takes ${batchEndpoint.options.join(' or ')}`);
}

/**
 * Checks every line on this side, before anything is sent, as the cluster will do again.
 * @returns the number of lines, or what is wrong with which
 */
export async function checkLines(
  input: Input,
  endpoint: BatchEndpoint,
  onProgress: (lines: number) => void,
): Promise<{ readonly lines: number; readonly problems: readonly LineProblem[] }> {
  const planned = await planBatch(input.open(), {
    ...{ endpoint, onProgress, maxLines: Number.POSITIVE_INFINITY },
    ...{ maxLineBytes: MOST_LINE_BYTES, windowLines: 1_000 },
  });
  return planned.ok ? { lines: planned.lines, problems: [] } : { lines: 0, problems: planned.errors };
}
