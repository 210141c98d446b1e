/** Files to the API and from it, as they flow: nothing of them is held in memory. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { z } from 'zod';
import { fromHere } from '../stack/settings.ts';
import { UserError } from '../user-error.ts';
import type { Client } from './client.ts';

const uploaded = z.looseObject({ id: z.string(), bytes: z.int() });
export type UploadedFile = z.infer<typeof uploaded>;

export interface Upload {
  readonly name: string;
  readonly size: number;
  open(): AsyncIterable<Uint8Array>;
}

/**
 * @param onBytes told of what has been sent so far
 * @throws UserError, also for what the API has to say about the file
 */
export async function uploadFile(
  client: Client,
  file: Upload,
  purpose: string,
  onBytes: (bytes: number) => void,
): Promise<UploadedFile> {
  const boundary = `cota-${randomUUID()}`;
  const name = basename(file.name).replace(/["\\\r\n]/g, '_');
  const head = Buffer.from(
    `--${boundary}\r\ncontent-disposition: form-data; name="purpose"\r\n\r\n${purpose}\r\n` +
      `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\n` +
      'content-type: application/jsonl\r\n\r\n',
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  async function* form(): AsyncGenerator<Uint8Array> {
    yield head;
    let sent = 0;
    for await (const chunk of file.open()) {
      yield chunk;
      sent += chunk.length;
      onBytes(sent);
    }
    yield tail;
  }
  const headers = {
    'content-type': `multipart/form-data; boundary=${boundary}`,
    // With it, a file that is too large is refused before it is sent.
    'content-length': String(head.length + file.size + tail.length),
  };
  const reply = await client.open('/v1/files', { method: 'POST', headers, body: form(), duplex: 'half' });
  return uploaded.parse(await reply.json());
}

/** @throws UserError when the answer breaks off */
export async function downloadTo(
  reply: Response,
  out: NodeJS.WritableStream,
  options: { readonly end: boolean; readonly onBytes?: (bytes: number) => void },
): Promise<void> {
  let bytes = 0;
  const body = Readable.fromWeb((reply.body ?? new Blob([]).stream()) as ReadableStream);
  async function* counted(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of body as AsyncIterable<Uint8Array>) {
        bytes += chunk.length;
        options.onBytes?.(bytes);
        yield chunk;
      }
    } catch (error) {
      throw new CutOff('the API broke off in the middle: what was written is not complete; try again', error);
    }
  }
  await pipeline(counted, out, { end: options.end });
}

/** An answer that began and did not end. */
export class CutOff extends UserError {
  constructor(message: string, cause: unknown) {
    super(message, 1);
    this.cause = cause;
  }
}

/** The file comes to be when all of it is there; one of that name is replaced. @throws UserError */
export async function downloadToFile(
  open: () => Promise<Response>,
  path: string,
  onBytes: (bytes: number) => void,
): Promise<number> {
  const target = fromHere(path);
  const found = await stat(target).catch(() => undefined);
  if (found?.isDirectory()) throw new UserError(`${path} is a folder: name a file in it`);
  const part = `${target}.part`;
  let bytes = 0;
  try {
    const reply = await open();
    const count = (now: number): void => {
      bytes = now;
      onBytes(now);
    };
    await downloadTo(reply, createWriteStream(part), { end: true, onBytes: count });
    await rename(part, target);
    return bytes;
  } catch (error) {
    await rm(part, { force: true });
    if (error instanceof UserError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? `there is no folder ${dirname(path)}` : message;
    throw new UserError(`cannot write ${path}: ${why}`, 1);
  }
}
