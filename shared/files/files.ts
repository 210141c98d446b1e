/**
 * Files of a tenant: a document says what a file is, one or more objects are its content. The document is written last
 * and hidden first, so nobody sees a file without its content; what a process leaves half-done when it dies stands in
 * an index by due time, and the sweep (sweep.ts) clears it away.
 */
import { Readable } from 'node:stream';
import type { Redis } from 'ioredis';
import { newDocumentId, openDocuments, type Page } from '../documents.ts';
import { CotaError } from '../errors.ts';
import { keys, paths } from '../keys.ts';
import type { ByteRange, ObjectStore } from '../object-store.ts';
import type { StorageMeter } from '../tenants/meter.ts';
import { type FilePurpose, type StoredFile, storedFile } from './file.ts';
import { partStream } from './part-stream.ts';

export interface FilesParts {
  readonly redis: Redis;
  readonly objects: ObjectStore;
  readonly meter?: StorageMeter | undefined;
  /** Epoch milliseconds; for tests. */
  readonly now?: () => number;
}

export interface FileAbout {
  readonly filename: string;
  readonly purpose: FilePurpose;
  readonly contentType: string;
  /** Unix seconds; left out or null = kept until it is deleted. */
  readonly expiresAt?: number | null | undefined;
}

export interface UploadLimit {
  readonly maxBytes: number;
}

/** Content that is in the store, of a file that is not there yet. */
export interface StagedContent {
  readonly id: string;
  readonly bytes: number;
  readonly contentType: string;
}

export interface FileListing {
  readonly limit: number;
  /** Id of the last file of the page before. */
  readonly after?: string | undefined;
  readonly order: 'asc' | 'desc';
  readonly purpose?: FilePurpose | undefined;
}

export interface Files {
  /**
   * Stores the content while it comes in.
   * @throws CotaError `body_too_large`, or what `body` fails with: nothing is kept
   */
  create(tenant: string, about: FileAbout, body: Readable, limit: UploadLimit): Promise<StoredFile>;
  /** The first half of `create`, for where it is not known yet what the file is. */
  stage(tenant: string, contentType: string, body: Readable, limit: UploadLimit): Promise<StagedContent>;
  /** The second half. */
  keep(tenant: string, staged: StagedContent, about: Omit<FileAbout, 'contentType'>): Promise<StoredFile>;
  /** Takes staged content back. */
  discard(tenant: string, staged: StagedContent): Promise<void>;
  /**
   * A file made of objects that are in the store already, which belong to it from now on: nothing is copied. May be
   * repeated with the same id.
   */
  createFromParts(
    tenant: string,
    about: FileAbout & { readonly id: string },
    parts: StoredFile['parts'],
  ): Promise<StoredFile>;
  /** @returns undefined where there is none of this id, or it has expired */
  get(tenant: string, id: string): Promise<StoredFile | undefined>;
  /** The content, part after part, each opened when it is needed. @throws RangeError, ObjectMissing */
  stream(file: StoredFile, range?: ByteRange): Promise<Readable>;
  list(tenant: string, listing: FileListing): Promise<Page<StoredFile>>;
  /** @returns whether there was such a file */
  remove(tenant: string, id: string): Promise<boolean>;
  /**
   * Removes what has expired, and the remains of uploads that ended half-way.
   * @param goOn asked before each file
   * @returns how many files were looked at; as many as `most` means that there may be more
   */
  sweepExpired(most: number, goOn?: () => boolean): Promise<number>;
}

/** No upload takes so long; content without a document after this was left by a process that died. */
const STAGED_S = 86_400;
/** How often the tenant's quota is looked at while a file comes in. */
const METER_EVERY = 32 * 1024 * 1024;
/** Documents that are read at a time for a list. */
const LOOK = 100;

export function openFiles({ redis, objects, meter, now = Date.now }: FilesParts): Files {
  const documents = openDocuments({ redis, objects }, 'files', storedFile);
  const due = keys.filesDue;
  const seconds = (): number => Math.floor(now() / 1000);
  const isAlive = ({ expiresAt }: StoredFile): boolean => expiresAt === null || expiresAt > seconds();

  async function* metered(tenant: string, body: Readable, maxBytes: number, count: { bytes: number }) {
    let look = METER_EVERY;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      count.bytes += chunk.length;
      if (count.bytes > maxBytes) {
        const limit = maxBytes.toLocaleString('en');
        throw new CotaError('body_too_large', `A file may have at most ${limit} bytes (COTA_FILE_BYTES): split it.`, {
          param: 'file',
        });
      }
      if (meter && count.bytes > look) {
        await meter.assertRoom(tenant, count.bytes);
        look += METER_EVERY;
      }
      yield chunk;
    }
  }

  const stage: Files['stage'] = async (tenant, contentType, body, { maxBytes }) => {
    const id = newDocumentId('file-');
    const count = { bytes: 0 };
    await meter?.assertRoom(tenant, 1);
    await redis.zadd(due, seconds() + STAGED_S, member(tenant, id));
    try {
      const source = Readable.from(metered(tenant, body, maxBytes, count), { objectMode: false });
      await objects.put(paths.content(tenant, id), source, { contentType });
      await meter?.assertRoom(tenant, count.bytes);
    } catch (error) {
      // If not even this is possible now, the sweep does it.
      await discard(tenant, { id }).catch(() => undefined);
      throw error;
    }
    return { id, bytes: count.bytes, contentType };
  };

  async function discard(tenant: string, { id }: Pick<StagedContent, 'id'>): Promise<void> {
    await objects.delete(paths.content(tenant, id));
    await redis.zrem(due, member(tenant, id));
  }

  /** Its document, and in the index when it will expire. */
  async function write(tenant: string, file: StoredFile): Promise<void> {
    if (file.expiresAt !== null) await redis.zadd(due, file.expiresAt, member(tenant, file.id));
    await documents.put(tenant, file);
    if (file.expiresAt === null) await redis.zrem(due, member(tenant, file.id));
  }

  const keep: Files['keep'] = async (tenant, { id, bytes, contentType }, { filename, purpose, expiresAt = null }) => {
    const parts = [{ key: paths.content(tenant, id), bytes }];
    const file = { id, filename, purpose, bytes, createdAt: seconds(), expiresAt, contentType, parts };
    await write(tenant, file);
    await meter?.add(tenant, bytes);
    return file;
  };

  async function get(tenant: string, id: string): Promise<StoredFile | undefined> {
    const file = await documents.get(tenant, id);
    return file && (await alive(tenant, file));
  }

  /** A file that has expired is gone for its readers at once. That it stands in the index is made sure of, too. */
  async function alive(tenant: string, file: StoredFile): Promise<StoredFile | undefined> {
    if (isAlive(file)) return file;
    await redis.zadd(due, 'NX', file.expiresAt ?? 0, member(tenant, file.id));
    return undefined;
  }

  /** Takes away what is left of a file that nobody sees any more. May be repeated. */
  async function erase(tenant: string, file: StoredFile): Promise<void> {
    for (const { key } of file.parts) await objects.delete(key);
    await documents.remove(tenant, file.id);
    // Whoever takes it out of the index counts it, so that it counts once.
    if ((await redis.zrem(due, member(tenant, file.id))) === 1) await meter?.add(tenant, -file.bytes);
  }

  return {
    async create(tenant, about, body, limit) {
      return await keep(tenant, await stage(tenant, about.contentType, body, limit), about);
    },
    stage,
    keep,
    discard,
    async createFromParts(tenant, { id, filename, purpose, contentType, expiresAt = null }, parts) {
      const earlier = await documents.get(tenant, id);
      const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
      const createdAt = earlier?.createdAt ?? seconds();
      const file = { id, filename, purpose, bytes, createdAt, expiresAt, contentType, parts };
      await write(tenant, file);
      if (bytes !== earlier?.bytes) await meter?.add(tenant, bytes - (earlier?.bytes ?? 0));
      return file;
    },
    get,
    stream: (file, range) => partStream(objects, file.parts, range),
    async list(tenant, { limit, after, order, purpose }) {
      const found: StoredFile[] = [];
      let last = after;
      for (let more = true; more && found.length <= limit; ) {
        const page = await documents.list(tenant, { limit: LOOK, after: last, order });
        for (const file of page.data) {
          const shown = await alive(tenant, file);
          if (shown && (purpose === undefined || shown.purpose === purpose)) found.push(shown);
        }
        last = page.data.at(-1)?.id;
        more = page.hasMore;
      }
      return { data: found.slice(0, limit), hasMore: found.length > limit };
    },
    async remove(tenant, id) {
      const file = await get(tenant, id);
      if (!file) return false;
      // Hidden first: whatever becomes of the rest, nobody reads half a file, and the sweep finds it.
      await write(tenant, { ...file, expiresAt: 0 });
      await erase(tenant, file);
      return true;
    },
    async sweepExpired(most, goOn = () => true) {
      const members = await redis.zrangebyscore(due, '-inf', seconds(), 'LIMIT', 0, most);
      for (const one of members) {
        if (!goOn()) break;
        const [tenant = '', id = ''] = one.split(' ');
        const file = await documents.get(tenant, id);
        if (file === undefined) await discard(tenant, { id });
        else if (file.expiresAt === null) await redis.zrem(due, one);
        else if (isAlive(file)) await redis.zadd(due, file.expiresAt, one);
        else await erase(tenant, file);
      }
      return members.length;
    },
  };
}

const member = (tenant: string, id: string): string => `${tenant} ${id}`;
