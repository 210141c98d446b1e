/**
 * What every object store driver promises. Callers know these names only; which driver answers is configuration.
 *
 * Keys are slash-separated names such as `t/acme/runs/01J.../trace.json`. An object becomes visible whole or not at
 * all, a repeated put replaces it, and nothing relies on conditional puts, which many S3-compatible servers ignore.
 */
import type { Readable } from 'node:stream';

export interface StoredObject {
  readonly bytes: Buffer;
  readonly contentType: string;
}

export interface ObjectStream {
  readonly body: Readable;
  /** Bytes of the whole object, also when only a range of it is read. */
  readonly size: number;
  readonly contentType: string;
}

/** Bytes `start` to `end`, both counted from 0 and both included, as in an HTTP range; without `end`, to the last. */
export interface ByteRange {
  readonly start: number;
  readonly end?: number;
}

export interface LinkOptions {
  /** 1 to 604,800 (seven days, the limit of S3's presigned URLs). */
  readonly expiresInSeconds: number;
  /** Address under which clients reach the API (`https://cota.example`). Used by `fs` only: S3 serves its own links. */
  readonly baseUrl?: string;
}

export interface ObjectStore {
  readonly driver: 'fs' | 's3';
  /** Stores the object, replacing what the key held. Resolves once it is kept; a failed put leaves no part of it. */
  put(key: string, bytes: Uint8Array | Readable, options: { readonly contentType: string }): Promise<void>;
  /** The whole object. Throws ObjectMissing; never gives back an empty or shortened object instead. */
  get(key: string): Promise<StoredObject>;
  /** Throws ObjectMissing before any byte flows, and RangeError for a range outside the object. */
  stream(key: string, range?: ByteRange): Promise<ObjectStream>;
  head(key: string): Promise<{ readonly size: number; readonly contentType: string } | undefined>;
  /** Deleting what is not there is no error. */
  delete(key: string): Promise<void>;
  /** Deletes everything under a folder; `prefix` ends with `/`, so that `runs/1/` never takes `runs/10/` along. */
  deletePrefix(prefix: string): Promise<void>;
  /** Keys under a folder (`''` for all), each once, in no promised order. `prefix` is empty or ends with `/`. */
  list(prefix: string): AsyncIterable<{ readonly key: string; readonly size: number }>;
  /** A URL that reads the object without a key until it expires. Says nothing about whether the object exists. */
  link(key: string, options: LinkOptions): Promise<string>;
  /** The key that a link of `fs` opens; `path` with its query, as the API got it. Throws LinkRefused. */
  verifyLink(path: string): string;
  /** Writes, reads and deletes a small object: for readyz and doctor. Throws StoreAway with what to do. */
  check(): Promise<void>;
  close(): Promise<void>;
}

export type AwayReason =
  | 'unreachable'
  | 'timeout'
  | 'server_error'
  | 'denied'
  | 'bucket_missing'
  | 'root_missing'
  | 'full'
  | 'read_only';

/**
 * The store cannot serve now: callers wait and try again, and spend no attempt. Wrong credentials and a missing
 * bucket count too, because an accepted run must outlive an operator's slip; `reason` tells them apart.
 */
export class StoreAway extends Error {
  override readonly name = 'StoreAway';
  readonly reason: AwayReason;
  constructor(reason: AwayReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** No object under this key. Waiting does not help. */
export class ObjectMissing extends Error {
  override readonly name = 'ObjectMissing';
  readonly key: string;
  constructor(key: string) {
    super(`The object store has no object "${key}".`);
    this.key = key;
  }
}

/** The key cannot be used. A fault of the caller's code: keys are made from ids, never from what a client wrote. */
export class BadKey extends Error {
  override readonly name = 'BadKey';
}

export class LinkRefused extends Error {
  override readonly name = 'LinkRefused';
  readonly reason: 'expired' | 'invalid';
  constructor(reason: 'expired' | 'invalid', message: string) {
    super(message);
    this.reason = reason;
  }
}

// What both a file name (255 bytes, of which the file driver needs a few) and an S3 key (1,024) can hold. `~` and `,`
// are not in the list: the file driver marks its own files with them. No segment starts with a dot, so `..` and hidden
// folders cannot occur.
const SEGMENT = /^[A-Za-z0-9_=@+-][A-Za-z0-9_.=@+-]*$/;
const MAX_KEY = 240;

/** Throws BadKey unless `key` can be stored by every driver. */
export function assertKey(key: string): void {
  if (key.length > MAX_KEY)
    throw new BadKey(`Object key of ${key.length} characters; at most ${MAX_KEY} are possible.`);
  for (const segment of key.split('/')) {
    if (!SEGMENT.test(segment)) {
      throw new BadKey(
        `Object key ${JSON.stringify(key)} has the segment ${JSON.stringify(segment)}: one or more of A-Z a-z 0-9 _ . = @ + -, not starting with a dot.`,
      );
    }
  }
}

/** Throws BadKey unless `prefix` names a folder. */
export function assertPrefix(prefix: string): void {
  if (!prefix.endsWith('/')) throw new BadKey(`Object prefix ${JSON.stringify(prefix)} must end with "/".`);
  assertKey(prefix.slice(0, -1));
}

/** Throws RangeError unless the range is two whole numbers in order. */
export function assertRange(range: ByteRange): void {
  const { start, end } = range;
  if (!Number.isSafeInteger(start) || start < 0 || (end !== undefined && (!Number.isSafeInteger(end) || end < start))) {
    throw new RangeError(`Byte range ${start}-${end ?? ''} is not a range.`);
  }
}

export const MAX_LINK_SECONDS = 604_800;

/** Throws RangeError unless the life of a link is one that every driver can sign. */
export function assertLinkLife(seconds: number): void {
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > MAX_LINK_SECONDS) {
    throw new RangeError(`A link can live 1 to ${MAX_LINK_SECONDS} seconds, not ${seconds}.`);
  }
}
