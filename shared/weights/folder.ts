/** Weights from a folder: for machines without a network, or with a copy of the hub beside them. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { CatalogueEntry } from './catalogue.ts';
import { WeightsError, type WeightsSource } from './source.ts';

/**
 * Looks, in this order, for `<org>/<name>/<path>` (the hub's layout, and that of a Cota's own folder of weights), for
 * `models--<org>--<name>/snapshots/<revision>/<path>` (the cache of huggingface_hub), for `<path>` (a clone of the
 * repository), and for the file's bare name.
 * @throws WeightsError when there is no such folder
 */
export async function folderSource(folder: string): Promise<WeightsSource> {
  const root = resolve(folder);
  const found = await stat(root).catch(() => undefined);
  if (!found?.isDirectory()) throw new WeightsError(`there is no folder ${root} to take weights from`);
  return {
    name: root,
    async open(entry, path) {
      for (const candidate of placesOf(entry, path)) {
        const file = join(root, candidate);
        const there = await stat(file).catch(() => undefined);
        if (there?.isFile()) return { facts: { bytes: there.size }, start: 0, body: createReadStream(file) };
      }
      throw new WeightsError(`${root} has no ${path} of ${entry.repo}: looked for ${placesOf(entry, path).join(', ')}`);
    },
    close: async () => undefined,
  };
}

function placesOf({ repo, revision }: CatalogueEntry, path: string): string[] {
  const cached = join(`models--${repo.replace('/', '--')}`, 'snapshots', revision, path);
  return [...new Set([join(repo, path), cached, path, basename(path)])];
}
