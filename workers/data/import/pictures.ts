/** Pictures of questions, checked and kept by their hash beside the chains that will be made of them. */
import { createHash } from 'node:crypto';
import type { DataQuestion } from '../../../shared/data/question.ts';
import { type ImageLimits, inspectImage } from '../../../shared/images.ts';
import type { ObjectStore } from '../../../shared/object-store.ts';
import { keepPicture, type PictureOwner } from '../factory/pictures.ts';
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

export function openPictures(objects: ObjectStore, owner: PictureOwner): Pictures {
  const known = new Map<string, QuestionImage>();
  return {
    async keep(bytes) {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const earlier = known.get(sha256);
      if (earlier) return earlier;
      let facts: Awaited<ReturnType<typeof inspectImage>>;
      try {
        facts = await inspectImage(bytes, LIMITS);
      } catch (error) {
        if (error instanceof Error && error.name === 'ImageRefused') return error.message;
        throw error;
      }
      const key = await keepPicture(objects, owner, { sha256, bytes, contentType: facts.contentType });
      const image = { key, sha256, ...facts, phash: await pictureHash(bytes) };
      if (known.size >= KNOWN) known.delete(known.keys().next().value ?? '');
      known.set(sha256, image);
      return image;
    },
  };
}

/** Base64 or a data URL as bytes; undefined where it is neither. */
export function fromBase64(text: string): Buffer | undefined {
  const body = /^data:[^,]*;base64,/i.test(text) ? text.slice(text.indexOf(',') + 1) : text;
  const bare = /\s/.test(body) ? body.replace(/\s+/g, '') : body;
  if (bare === '' || bare.length % 4 === 1 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(bare)) return undefined;
  return Buffer.from(bare, 'base64');
}
