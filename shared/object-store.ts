/** The one door to the object store: rooms import from here and never from a driver. */
import type { ObjectStore } from './object-store/contract.ts';
import { type FsStoreConfig, openFsStore } from './object-store/fs.ts';
import { openS3Store } from './object-store/s3.ts';
import type { S3StoreConfig } from './object-store/s3-config.ts';

export { type BucketReader, isS3Url, openBucketReader, parseS3Url } from './object-store/bucket-reader.ts';
export * from './object-store/contract.ts';
export type { FsStoreConfig } from './object-store/fs.ts';
export { LINK_PATH } from './object-store/links.ts';
export type { S3StoreConfig } from './object-store/s3-config.ts';
export { type PutsUnderWay, watchPuts } from './object-store/under-way.ts';

export type ObjectStoreConfig =
  | ({ readonly driver: 'fs' } & FsStoreConfig)
  | ({ readonly driver: 's3' } & S3StoreConfig);

/**
 * Opens the store that `config` names. `fs` creates its folder here and only here; `s3` connects on first use, so
 * call `check()` at start to learn of a wrong setting. Throws StoreAway with what to do.
 */
export async function openObjectStore(config: ObjectStoreConfig): Promise<ObjectStore> {
  return config.driver === 'fs' ? await openFsStore(config) : openS3Store(config);
}
