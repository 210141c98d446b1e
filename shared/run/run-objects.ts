/** What a run owns in the store, and how all of it is taken away. */
import { createHash } from 'node:crypto';
import type { ImageRef } from '../contract.ts';
import { paths } from '../keys.ts';
import { ObjectMissing, type ObjectStore } from '../object-store.ts';
import { type FindParts, wasDeleted } from './find-run.ts';

/**
 * Deletes the folder of a run and what points into it. May be repeated.
 * @param images those that the run is known to have; one that ended in the middle of its intake owns more than that
 * @throws StoreAway
 */
export async function deleteRunObjects(
  objects: ObjectStore,
  tenant: string,
  runId: string,
  images: readonly ImageRef[] = [],
): Promise<void> {
  const folder = paths.run(tenant, runId);
  const hashes = new Set(images.map((image) => image.sha256));
  for await (const { key } of objects.list(folder)) {
    const name = key.slice(folder.length);
    if (name.startsWith('images/')) hashes.add(name.slice('images/'.length));
    else if (name.startsWith('upload-')) hashes.add(await hashOf(objects, key));
  }
  for (const hash of hashes) if (hash !== '') await objects.delete(paths.artifact(tenant, hash, runId));
  await objects.deletePrefix(folder);
}

async function hashOf(objects: ObjectStore, key: string): Promise<string> {
  try {
    const { bytes } = await objects.get(key);
    return createHash('sha256').update(bytes).digest('hex');
  } catch (error) {
    // Another deletion was faster.
    if (error instanceof ObjectMissing) return '';
    throw error;
  }
}

/** For whoever wrote into a run's folder and then found the run gone: takes it back, if the run was deleted meanwhile. */
export async function takeBack(
  { redis, objects }: Pick<FindParts, 'redis' | 'objects'>,
  tenant: string,
  runId: string,
): Promise<void> {
  if (await wasDeleted(redis, runId)) await deleteRunObjects(objects, tenant, runId);
}
