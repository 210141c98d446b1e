import type { ImageRef } from '../../shared/contract.ts';
import { modelPart } from '../../shared/images.ts';
import type { ObjectStore } from '../../shared/object-store.ts';
import { openPartCache } from '../../shared/part-cache.ts';

/** Bytes of prepared images kept in this process. */
const CACHE_BYTES = 256 * 1024 * 1024;

/**
 * Prepares images for a model: scaled once to its pixel limit, then kept, since each turn of a run shows them again.
 * @param maxPixels pixels of an image as the model sees it
 */
export function openImagePreparer(
  objects: ObjectStore,
  maxPixels: number,
): (ref: ImageRef) => Promise<{ readonly bytes: Buffer; readonly contentType: string }> {
  const cache = openPartCache(CACHE_BYTES);
  return (ref) =>
    cache.through(`${ref.sha256}-${maxPixels}`, async () =>
      modelPart((await objects.get(ref.key)).bytes, { maxPixels }),
    );
}
