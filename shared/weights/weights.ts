/**
 * Weights that are pulled, not shipped: a folder in the Hugging Face hub's layout, `<root>/<org>/<name>/...`, with a
 * receipt beside each model's files that says what came, from where, and its SHA-256.
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { type CatalogueEntry, catalogue } from './catalogue.ts';

/** Written last, once every file is there and has been checked. */
export const RECEIPT = 'cota-weights.json';

export const receipt = z.object({
  id: z.string(),
  /** `org/name` at the hub. */
  repo: z.string(),
  revision: z.string(),
  pulledAt: z.string(),
  from: z.string(),
  files: z.array(z.object({ path: z.string(), bytes: z.int().nonnegative(), sha256: z.string().length(64) })),
});
export type Receipt = z.infer<typeof receipt>;

export type WeightsState =
  | {
      readonly ready: true;
      readonly entry: CatalogueEntry;
      /** Folder of this model. */
      readonly folder: string;
      /** Of all its files: part of the cache key. */
      readonly hash: string;
    }
  | { readonly ready: false; readonly entry: CatalogueEntry | undefined; readonly remedy: string };

export interface Weights {
  /** Absolute; what transformers.js takes as its local model path. */
  readonly root: string;
  /** From the receipt and the sizes of its files; the bytes themselves are checked by `cota models verify`. Quick. */
  find(id: string): WeightsState;
}

export function openWeights(root: string): Weights {
  const absolute = resolve(root);
  const known = new Map<string, { readonly mtimeMs: number; readonly state: WeightsState }>();
  return {
    root: absolute,
    find(id) {
      const entry = catalogue().find((candidate) => candidate.id === id);
      const missing = { ready: false, entry, remedy: `cota models pull ${id}` } as const;
      if (!entry) return { ...missing, remedy: `there are no weights "${id}": cota models list shows what there is` };
      const folder = join(absolute, entry.repo);
      const path = join(folder, RECEIPT);
      const mtimeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
      if (mtimeMs === undefined) return missing;
      const before = known.get(id);
      if (before?.mtimeMs === mtimeMs) return before.state;
      const state = readState(entry, folder, path);
      known.set(id, { mtimeMs, state });
      return state;
    },
  };
}

function readState(entry: CatalogueEntry, folder: string, path: string): WeightsState {
  const broken = { ready: false, entry, remedy: `cota models pull ${entry.id}` } as const;
  try {
    const { files } = receipt.parse(JSON.parse(readFileSync(path, 'utf8')));
    const whole = files.every((file) => statSync(join(folder, file.path)).size === file.bytes);
    if (!whole) return broken;
    const hash = createHash('sha256');
    for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : 1)))
      hash.update(`${file.path} ${file.sha256}\n`);
    return { ready: true, entry, folder, hash: hash.digest('hex').slice(0, 12) };
  } catch {
    return broken;
  }
}
