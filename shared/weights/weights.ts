/**
 * Weights that are pulled, not shipped: a folder in the Hugging Face hub's layout, `<root>/<org>/<name>/...`, with a
 * receipt beside each model's files that says what came, from where, and its SHA-256.
 */
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type CatalogueEntry, catalogue } from './catalogue.ts';
import { folderOf, hashOf, outdated, type Receipt, receipt, receiptName } from './receipt.ts';

export type WeightsState =
  | {
      readonly ready: true;
      readonly entry: CatalogueEntry;
      /** Folder of this model. */
      readonly folder: string;
      /** Of all its files: part of the cache key. */
      readonly hash: string;
      readonly receipt: Receipt;
    }
  | {
      readonly ready: false;
      readonly entry: CatalogueEntry | undefined;
      readonly remedy: string;
      /** What is wrong with files that are there. */
      readonly broken?: string;
    };

export interface Weights {
  /** Absolute; what transformers.js takes as its local model path. */
  readonly root: string;
  /** What there is to pull. */
  readonly entries: readonly CatalogueEntry[];
  /** From the receipt and the sizes of its files; the bytes themselves are checked by `cota models verify`. Quick. */
  find(id: string): WeightsState;
  /** Entries that somebody looked for and did not find: what a worker without them has to fetch. */
  lacking(): readonly CatalogueEntry[];
}

/** @param entries by default those that Cota comes with */
export function openWeights(root: string, entries: readonly CatalogueEntry[] = catalogue()): Weights {
  const absolute = resolve(root);
  const known = new Map<string, { readonly mtimeMs: number; readonly state: WeightsState }>();
  const asked = new Set<string>();

  const find = (id: string): WeightsState => {
    const entry = entries.find((candidate) => candidate.id === id);
    if (!entry) {
      const remedy = `there are no weights "${id}": cota models list shows what there is`;
      return { ready: false, entry, remedy };
    }
    asked.add(id);
    const folder = folderOf(absolute, entry);
    const path = join(folder, receiptName(id));
    const mtimeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (mtimeMs === undefined) return { ready: false, entry, remedy: `cota models pull ${id}` };
    const before = known.get(id);
    if (before?.mtimeMs === mtimeMs) return before.state;
    const state = readState(entry, folder, path);
    // What is broken may be mended without a new receipt.
    if (state.ready) known.set(id, { mtimeMs, state });
    return state;
  };
  return {
    root: absolute,
    entries,
    find,
    lacking: () => entries.filter(({ id }) => asked.has(id) && !find(id).ready),
  };
}

function readState(entry: CatalogueEntry, folder: string, path: string): WeightsState {
  const broken = (why: string) =>
    ({ ready: false, entry, remedy: `cota models pull ${entry.id}`, broken: why }) as const;
  try {
    const read = receipt.parse(JSON.parse(readFileSync(path, 'utf8')));
    const old = outdated(read, entry);
    if (old !== undefined) return broken(`the catalogue has changed since the pull: ${old}`);
    for (const file of read.files) {
      const size = statSync(join(folder, file.path), { throwIfNoEntry: false })?.size;
      if (size === undefined) return broken(`${file.path} is missing`);
      if (size !== file.bytes) return broken(`${file.path} has ${size} bytes, not ${file.bytes}`);
    }
    return { ready: true, entry, folder, hash: hashOf(read.files), receipt: read };
  } catch (error) {
    return broken(`its receipt cannot be read (${(error as Error).message.split('\n')[0]})`);
  }
}
