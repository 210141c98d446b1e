/** Pictures of runs as they came, kept for a while: most pictures are looked at by several tools, one after another. */
import { LRUCache } from 'lru-cache';
import type { ImageRef } from '../../shared/contract.ts';
import type { ObjectStore } from '../../shared/object-store.ts';

/** A run's steps follow each other within this; what was deleted meanwhile is forgotten by then. */
const TTL_MS = 60_000;

export interface Originals {
  /** @returns the encoded bytes, which nobody may change */
  get(tenant: string, image: ImageRef): Promise<Buffer>;
}

/** @param mostBytes held at a time */
export function openOriginals(objects: Pick<ObjectStore, 'get'>, mostBytes = 64 * 1024 * 1024): Originals {
  const kept = new LRUCache<string, Buffer>({
    maxSize: mostBytes,
    ttl: TTL_MS,
    sizeCalculation: (bytes) => bytes.length + 1,
  });
  return {
    async get(tenant, { key, sha256 }) {
      const name = `${tenant} ${sha256} ${key}`;
      const known = kept.get(name);
      if (known) return known;
      const { bytes } = await objects.get(key);
      kept.set(name, bytes);
      return bytes;
    },
  };
}
