/** Images by the hash of their bytes: each run that has them says so, and the tenant reads them while any of them is left. */
import { z } from 'zod';
import { paths } from './keys.ts';
import { ObjectMissing, type ObjectStore, type ObjectStream } from './object-store.ts';

/** What stands under `paths.artifact`: the owner's own object. */
const pointer = z.object({ key: z.string(), contentType: z.string() });

/**
 * @param sha256 64 hex digits
 * @returns undefined when no run of the tenant has these bytes any more
 */
export async function openArtifact(
  objects: ObjectStore,
  tenant: string,
  sha256: string,
): Promise<ObjectStream | undefined> {
  return await ofAnyOwner(objects, tenant, sha256, (key) => objects.stream(key));
}

/** Where the bytes of this hash lie just now; otherwise like openArtifact. */
export async function findArtifact(
  objects: ObjectStore,
  tenant: string,
  sha256: string,
): Promise<{ readonly key: string; readonly bytes: number } | undefined> {
  return await ofAnyOwner(objects, tenant, sha256, async (key) => {
    const head = await objects.head(key);
    if (head === undefined) throw new ObjectMissing(key);
    return { key, bytes: head.size };
  });
}

async function ofAnyOwner<T>(
  objects: ObjectStore,
  tenant: string,
  sha256: string,
  look: (key: string) => Promise<T>,
): Promise<T | undefined> {
  for await (const owner of objects.list(paths.artifactOwners(tenant, sha256))) {
    try {
      const { bytes } = await objects.get(owner.key);
      return await look(pointer.parse(JSON.parse(bytes.toString())).key);
    } catch (error) {
      // This owner is being deleted; another may be left.
      if (!(error instanceof ObjectMissing)) throw error;
    }
  }
  return undefined;
}
