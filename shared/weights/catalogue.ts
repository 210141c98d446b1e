/** Which weights can be pulled: `catalogue.yaml`, beside this file. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const entry = z.strictObject({
  /** `clip-vit-base-patch32` */
  id: z.string(),
  /** Which engine runs it. */
  engine: z.enum(['grounding-dino', 'depth', 'clip']),
  /** `org/name` at the hub. */
  repo: z.string(),
  revision: z.string(),
  licence: z.string(),
  /** Where licence and origin can be read. */
  source: z.url(),
  description: z.string(),
  /** Tools that need it. */
  tools: z.array(z.string()),
  /** sha256 is null where it was not known when the catalogue was written: then the hub's own is held to. */
  files: z.array(
    z.strictObject({ path: z.string(), bytes: z.int().nullable(), sha256: z.string().length(64).nullable() }),
  ),
});
export type CatalogueEntry = z.infer<typeof entry>;

let entries: readonly CatalogueEntry[] | undefined;

export function catalogue(): readonly CatalogueEntry[] {
  entries ??= z.array(entry).parse(parse(readFileSync(new URL('./catalogue.yaml', import.meta.url), 'utf8')));
  return entries;
}
