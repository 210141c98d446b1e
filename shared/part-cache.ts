import { LRUCache } from 'lru-cache';

interface Part {
  readonly bytes: Buffer;
  readonly contentType: string;
}

export interface PartCache {
  /** The part under `key`, from the cache or made by `make`; asked for twice at once, it is made once. */
  through<P extends Part>(key: string, make: () => Promise<P>): Promise<P>;
  readonly bytes: number;
}

/**
 * Keeps prepared images, the least used leaving first, up to `maxBytes` in all. A part larger than that is made each
 * time. A failure is kept by nobody. A key must always stand for the same kind of part.
 */
export function openPartCache(maxBytes: number): PartCache {
  const parts = new LRUCache<string, Part>({
    maxSize: maxBytes,
    // An entry costs more than its bytes: key, object and Buffer; without this, many tiny parts would outgrow the bound.
    sizeCalculation: (part, key) => part.bytes.length + key.length + 200,
  });
  const making = new Map<string, Promise<Part>>();

  async function through<P extends Part>(key: string, make: () => Promise<P>): Promise<P> {
    const kept = parts.get(key) ?? making.get(key);
    if (kept !== undefined) return (await kept) as P;
    const made = make();
    making.set(key, made);
    try {
      const part = await made;
      parts.set(key, part);
      return part;
    } finally {
      making.delete(key);
    }
  }

  return {
    through,
    get bytes() {
      return parts.calculatedSize;
    },
  };
}
