/** What stands beside pulled weights: which files came, from where, and what each must be. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import type { CatalogueEntry } from './catalogue.ts';

/** Variants of one repository share its folder, so each has a receipt of its own. */
export const receiptName = (id: string): string => `cota-weights-${id}.json`;

export const receipt = z.object({
  id: z.string(),
  /** `org/name` at the hub. */
  repo: z.string(),
  revision: z.string(),
  /** The commit that the revision was, where the source said so. */
  commit: z.string().optional(),
  /** RFC 3339. */
  pulledAt: z.string(),
  /** Where from: an address, or a folder. */
  from: z.string(),
  files: z.array(
    z.object({
      path: z.string(),
      bytes: z.int().nonnegative(),
      sha256: z.string().length(64),
      /** What the bytes were held to when they came: the catalogue's hash, the source's, or nothing but their size. */
      heldTo: z.enum(['catalogue', 'source', 'size']).optional(),
    }),
  ),
});
export type Receipt = z.infer<typeof receipt>;

/** Folder of a model's files below that of all weights: the hub's layout, which transformers.js reads. */
export const folderOf = (root: string, { repo }: Pick<CatalogueEntry, 'repo'>): string => join(root, repo);

/** One short name for all of the files: part of the cache key of tools. */
export function hashOf(files: Receipt['files']): string {
  const hash = createHash('sha256');
  for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : 1)))
    hash.update(`${file.path} ${file.sha256}\n`);
  return hash.digest('hex').slice(0, 12);
}

/**
 * A receipt of an earlier catalogue does not answer for this one.
 * @returns why; undefined where it does
 */
export function outdated({ repo, files }: Receipt, entry: CatalogueEntry): string | undefined {
  if (repo !== entry.repo) return `it is of ${repo}`;
  for (const wanted of entry.files) {
    const have = files.find((file) => file.path === wanted.path);
    if (!have) return `${wanted.path} is not in it`;
    if (wanted.sha256 !== null && wanted.sha256 !== have.sha256) return `${wanted.path} is another one`;
  }
  return undefined;
}
