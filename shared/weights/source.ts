/** Where weights come from: the hub or a mirror of it, a folder, or the object store. */
import type { CatalogueEntry } from './catalogue.ts';

/** What a source says of a file, before or while it sends it. */
export interface FileFacts {
  readonly bytes?: number | undefined;
  readonly sha256?: string | undefined;
  /** Git's hash of a small file that is no LFS object: SHA-1 over `blob <bytes>\0` and the bytes. */
  readonly gitSha1?: string | undefined;
  /** By which the source knows these very bytes again, for going on after a break. */
  readonly etag?: string | undefined;
  readonly commit?: string | undefined;
}

export interface Opened {
  readonly facts: FileFacts;
  /** The byte at which `body` begins: 0, or where the caller asked to go on. */
  readonly start: number;
  readonly body: AsyncIterable<Uint8Array>;
}

/** The first `from` bytes are there already, and were of the file that these facts are of. */
export interface Resume {
  readonly from: number;
  readonly facts: FileFacts;
}

export interface WeightsSource {
  /** For receipts and messages: an address or a folder, without credentials. */
  readonly name: string;
  /**
   * @throws WeightsError where trying again is of no use; SourceFailed where it is
   */
  open(entry: CatalogueEntry, path: string, resume: Resume | undefined, signal: AbortSignal): Promise<Opened>;
  close(): Promise<void>;
}

/** One line for whoever pulls, verifies or removes: what is wrong and what to do. */
export class WeightsError extends Error {
  override readonly name = 'WeightsError';
}

/** The source broke off, is busy or cannot be reached: another try may do. */
export class SourceFailed extends Error {
  override readonly name = 'SourceFailed';
  readonly retryAfterMs: number | undefined;
  constructor(message: string, retryAfterMs?: number, options?: ErrorOptions) {
    super(message, options);
    this.retryAfterMs = retryAfterMs;
  }
}
