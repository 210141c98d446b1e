/** Pictures of questions, checked and kept by their hash beside the chains that will be made of them. */
import { createHash } from 'node:crypto';
import type { DataQuestion } from '../../../shared/data/question.ts';
import { type ImageLimits, inspectImage } from '../../../shared/images.ts';
import { paths } from '../../../shared/keys.ts';
import type { ObjectStore } from '../../../shared/object-store.ts';
import { pictureHash } from '../filter/picture-hash.ts';

export type QuestionImage = DataQuestion['images'][number];

/** What a run takes in, so that nothing is kept that no run would look at. */
const LIMITS: ImageLimits = { maxBytes: 20 * 1024 * 1024, maxPixels: 50_000_000 };
/** Hashes of pictures that lie in the store, so that those of several questions are written once. */
const KNOWN = 20_000;

export interface Pictures {
  /** @returns the kept picture, or what is wrong with the bytes */
  keep(bytes: Buffer): Promise<QuestionImage | string>;
}

export function openPictures(
  objects: ObjectStore,
  { id, tenant }: { readonly id: string; readonly tenant: string },
): Pictures {
  const known = new Map<string, QuestionImage>();
  return {
    async keep(bytes) {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const earlier = known.get(sha256);
      if (earlier) return earlier;
      const key = paths.dataImage(tenant, id, sha256);
      let facts: Awaited<ReturnType<typeof inspectImage>>;
      try {
        facts = await inspectImage(bytes, LIMITS);
      } catch (error) {
        if (error instanceof Error && error.name === 'ImageRefused') return error.message;
        throw error;
      }
      await keepImage(objects, { tenant, id }, { sha256, bytes, contentType: facts.contentType });
      const image = { key, sha256, ...facts, phash: await pictureHash(bytes) };
      if (known.size >= KNOWN) known.delete(known.keys().next().value ?? '');
      known.set(sha256, image);
      return image;
    },
  };
}

/**
 * Keeps a picture in the folder of the data job, and makes the job one of its owners: a request can name it by the
 * file_id `file-<sha256>`, and it outlives the runs that looked at it.
 */
export async function keepImage(
  objects: ObjectStore,
  { tenant, id }: { readonly id: string; readonly tenant: string },
  { sha256, bytes, contentType }: { readonly sha256: string; readonly bytes: Buffer; readonly contentType: string },
): Promise<void> {
  const key = paths.dataImage(tenant, id, sha256);
  await objects.put(key, bytes, { contentType });
  const owner = Buffer.from(JSON.stringify({ key, contentType }));
  await objects.put(paths.artifact(tenant, sha256, id), owner, { contentType: 'application/json' });
}

/** Base64 or a data URL as bytes; undefined where it is neither. */
export function fromBase64(text: string): Buffer | undefined {
  const body = /^data:[^,]*;base64,/i.test(text) ? text.slice(text.indexOf(',') + 1) : text;
  const bare = /\s/.test(body) ? body.replace(/\s+/g, '') : body;
  if (bare === '' || bare.length % 4 === 1 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(bare)) return undefined;
  return Buffer.from(bare, 'base64');
}
