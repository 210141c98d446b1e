/**
 * Small JSON documents of a tenant that must last: files, batches, endpoints. The store has the truth; Redis has only
 * the order in which they were made, for lists, and that is made anew from the store where it is missing.
 */
import type { Redis } from 'ioredis';
import { ulid } from 'ulid';
import { z } from 'zod';
import { keys, paths } from './keys.ts';
import { ObjectMissing, type ObjectStore } from './object-store.ts';

export interface DocumentsParts {
  readonly redis: Redis;
  readonly objects: ObjectStore;
}

export interface Listing {
  /** At most so many documents. */
  readonly limit: number;
  /** Id of the last document of the page before. */
  readonly after?: string | undefined;
  readonly order: 'asc' | 'desc';
}

export interface Page<T> {
  readonly data: readonly T[];
  readonly hasMore: boolean;
}

export interface Documents<T extends { readonly id: string }> {
  /** Writes it, replacing an earlier one of this id. */
  put(tenant: string, document: T): Promise<void>;
  /** @returns undefined where the tenant has none of this id, also for an id that is none */
  get(tenant: string, id: string): Promise<T | undefined>;
  remove(tenant: string, id: string): Promise<void>;
  /** A cursor that is gone gives an empty page. */
  list(tenant: string, listing: Listing): Promise<Page<T>>;
}

/** `file-01j...`: sortable by time, not guessable (80 random bits). */
export const newDocumentId = (prefix: string): string => `${prefix}${ulid().toLowerCase()}`;

const ID = /^[a-z]+[-_]([0-9a-z]{26})$/;

/**
 * @param kind folder and index of these documents: `files`, `batches`, ...
 * @param schema documents are checked when they are read: the store may hold those of an older version
 */
export function openDocuments<T extends { readonly id: string }>(
  { redis, objects }: DocumentsParts,
  kind: string,
  schema: z.ZodType<T>,
): Documents<T> {
  const index = (tenant: string): string => keys.documents(tenant, kind);

  async function get(tenant: string, id: string): Promise<T | undefined> {
    if (!ID.test(id)) return undefined;
    try {
      const { bytes } = await objects.get(paths.document(tenant, kind, id));
      return schema.parse(JSON.parse(bytes.toString()));
    } catch (error) {
      if (error instanceof ObjectMissing) return undefined;
      throw error;
    }
  }

  /** One that cannot be read, such as that of a newer version, must not hide all the others. */
  async function readable(tenant: string, id: string): Promise<T | undefined> {
    try {
      return await get(tenant, id);
    } catch (error) {
      if (error instanceof z.ZodError || error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  /** An index that Redis has lost is made from the store. The member '' says that this was done. */
  async function assertIndex(tenant: string): Promise<void> {
    if ((await redis.zscore(index(tenant), '')) !== null) return;
    const found: string[] = [];
    const prefix = paths.documents(tenant, kind);
    for await (const { key } of objects.list(prefix)) {
      const id = key.slice(prefix.length).replace(/\.json$/, '');
      if (ID.test(id)) found.push('0', member(id));
    }
    for (let first = 0; first < found.length; first += 1_000) {
      await redis.zadd(index(tenant), ...found.slice(first, first + 1_000));
    }
    await redis.zadd(index(tenant), '0', '');
  }

  return {
    async put(tenant, document) {
      const bytes = Buffer.from(JSON.stringify(document));
      await objects.put(paths.document(tenant, kind, document.id), bytes, { contentType: 'application/json' });
      await redis.zadd(index(tenant), '0', member(document.id));
    },
    get,
    async remove(tenant, id) {
      if (!ID.test(id)) return;
      await objects.delete(paths.document(tenant, kind, id));
      await redis.zrem(index(tenant), member(id));
    },
    async list(tenant, { limit, after, order }) {
      await assertIndex(tenant);
      const from = after === undefined ? undefined : `(${member(after)}`;
      const args = order === 'asc' ? [from ?? '(', '+'] : [from ?? '+', '('];
      const [start = '', end = ''] = args;
      const range = order === 'asc' ? redis.zrangebylex.bind(redis) : redis.zrevrangebylex.bind(redis);
      const found: T[] = [];
      // Documents that are gone although the index names them are passed over, so a page may take more than one look.
      let at = start;
      for (;;) {
        const members = await range(index(tenant), at, end, 'LIMIT', 0, limit + 1 - found.length);
        const documents = await Promise.all(members.map((one) => readable(tenant, one.slice(one.indexOf(' ') + 1))));
        found.push(...documents.filter((one) => one !== undefined));
        const last = members.at(-1);
        if (found.length > limit || last === undefined) break;
        at = `(${last}`;
      }
      return { data: found.slice(0, limit), hasMore: found.length > limit };
    },
  };
}

/** Ids in the order of their times, whatever stands before: `<ulid> <id>`. */
const member = (id: string): string => `${ID.exec(id)?.[1] ?? ''} ${id}`;
