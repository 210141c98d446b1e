/** Which objects this process is writing just now: whoever empties a folder must know what will yet come in. */
import type { ObjectStore } from './contract.ts';

export interface PutsUnderWay {
  /** Puts under a folder that have not ended; `prefix` ends with `/`. */
  underWay(prefix: string): number;
}

/** @returns the store to write with, and what is being written with it */
export function watchPuts(store: ObjectStore): { readonly objects: ObjectStore; readonly puts: PutsUnderWay } {
  const writing = new Set<{ readonly key: string }>();
  const objects: ObjectStore = {
    ...store,
    async put(key, bytes, options) {
      const one = { key };
      writing.add(one);
      try {
        await store.put(key, bytes, options);
      } finally {
        writing.delete(one);
      }
    },
  };
  const underWay = (prefix: string): number => [...writing].filter(({ key }) => key.startsWith(prefix)).length;
  return { objects, puts: { underWay } };
}
