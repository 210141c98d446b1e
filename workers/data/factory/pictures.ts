/**
 * Pictures of chains: kept once in the folder of a data job, and named by chains so that nothing of the job is in the
 * name. A file of chains is then the same bytes whichever job made it, and whichever job reads it finds the pictures.
 */
import { findArtifact } from '../../../shared/artifact.ts';
import { paths } from '../../../shared/keys.ts';
import { ObjectMissing, type ObjectStore } from '../../../shared/object-store.ts';

/** The data job that looks, or keeps. */
export interface PictureOwner {
  readonly tenant: string;
  readonly id: string;
}

const OWN = 'images/';

/** What a chain has as the key of a picture that lies in the folder of a data job. */
export const pictureKey = (sha256: string): string => `${OWN}${sha256}`;

/**
 * Keeps a picture in the folder of the data job, and makes the job one of its owners: a request can name it by the
 * file_id `file-<sha256>`, other jobs that take these chains find it, and it outlives the runs that looked at it.
 * @returns its key as chains have it
 */
export async function keepPicture(
  objects: ObjectStore,
  { tenant, id }: PictureOwner,
  { sha256, bytes, contentType }: { readonly sha256: string; readonly bytes: Buffer; readonly contentType: string },
): Promise<string> {
  const key = paths.dataImage(tenant, id, sha256);
  // The owner first: where the bytes lie, nothing is left to do.
  if (!(await objects.head(key))) {
    const owner = Buffer.from(JSON.stringify({ key, contentType }));
    await objects.put(paths.artifact(tenant, sha256, id), owner, { contentType: 'application/json' });
    await objects.put(key, bytes, { contentType });
  }
  return pictureKey(sha256);
}

/**
 * Looks at a picture where it lies: in the folder of this job, else with any other owner of the same bytes, such as the
 * job whose chains this one takes. Keys that begin otherwise are places in the store as they are.
 * @param look is called with its key in the store. @throws ObjectMissing where none of them has it any more
 */
async function atItsPlace<T>(
  objects: ObjectStore,
  { tenant, id }: PictureOwner,
  key: string,
  look: (key: string) => Promise<T>,
): Promise<T> {
  if (!key.startsWith(OWN)) return look(key);
  const sha256 = key.slice(OWN.length);
  try {
    return await look(paths.dataImage(tenant, id, sha256));
  } catch (error) {
    if (!(error instanceof ObjectMissing)) throw error;
    const elsewhere = await findArtifact(objects, tenant, sha256);
    if (!elsewhere) throw error;
    return look(elsewhere.key);
  }
}

/** The bytes of a picture. @param key as the chain has it. @throws ObjectMissing where they are gone */
export const pictureBytesOf = (objects: ObjectStore, owner: PictureOwner, key: string): Promise<Buffer> =>
  atItsPlace(objects, owner, key, async (place) => (await objects.get(place)).bytes);

/** Where the bytes of a picture lie in the store now, and how many. @throws ObjectMissing where they are gone */
export const placeOf = (
  objects: ObjectStore,
  owner: PictureOwner,
  key: string,
): Promise<{ readonly key: string; readonly bytes: number }> =>
  atItsPlace(objects, owner, key, async (place) => {
    const head = await objects.head(place);
    if (!head) throw new ObjectMissing(place);
    return { key: place, bytes: head.size };
  });
