/** Which weights can be pulled: `catalogue.yaml`, beside this file, and a file of one's own (COTA_WEIGHTS_CATALOGUE). */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { SettingsError } from '../env.ts';
import { faultLines } from '../file-faults.ts';

/** What ends up in a URL, a path and a store key: no `..`, no hidden files, nothing absolute. */
const SEGMENT = '[A-Za-z0-9_][A-Za-z0-9_.-]*';
const id = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,79}$/, 'a-z, 0-9, . and -');
const repo = z.string().regex(new RegExp(`^${SEGMENT}/${SEGMENT}$`), 'org/name, as at the hub');
const path = z.string().regex(new RegExp(`^${SEGMENT}(/${SEGMENT}){0,4}$`), 'a path within the repository');

const entry = z.strictObject({
  /** `clip-vit-base-patch32` */
  id,
  /** Which engine runs it. */
  engine: z.enum(['grounding-dino', 'depth', 'clip']),
  /** How its numbers are kept, in the words of transformers.js: `q8` is a file `..._quantized.onnx`. */
  dtype: z.enum(['fp32', 'fp16', 'q8', 'int8', 'uint8', 'q4', 'bnb4', 'q4f16']).default('fp32'),
  /** `org/name` at the hub. */
  repo,
  /** A commit; a branch such as `main` may change under one's feet. */
  revision: z.string().regex(new RegExp(`^${SEGMENT}$`), 'a commit, branch or tag'),
  licence: z.string().min(1),
  /** Where licence and origin can be read. */
  source: z.url(),
  description: z.string(),
  /** Tools that need it. */
  tools: z.array(z.string()),
  /** sha256 is null where it was not known when the catalogue was written: then the hub's own is held to. */
  files: z
    .array(
      z.strictObject({
        path,
        bytes: z.int().positive().nullable().default(null),
        sha256: z
          .string()
          .regex(/^[0-9a-f]{64}$/, '64 hex digits')
          .nullable()
          .default(null),
      }),
    )
    .min(1),
});
export type CatalogueEntry = z.infer<typeof entry>;
export type CatalogueFile = CatalogueEntry['files'][number];

const BUILT_IN = new URL('./catalogue.yaml', import.meta.url).pathname;
const read = new Map<string, readonly CatalogueEntry[]>();

/**
 * @param own path of a catalogue of one's own; an entry of it takes the place of a built-in one of the same id
 * @throws SettingsError that names the field and what it may be
 */
export function catalogue(own?: string): readonly CatalogueEntry[] {
  const builtIn = readCatalogue(BUILT_IN);
  if (own === undefined) return builtIn;
  const mine = readCatalogue(own);
  return [...mine, ...builtIn.filter((one) => !mine.some((other) => other.id === one.id))];
}

function readCatalogue(file: string): readonly CatalogueEntry[] {
  const before = read.get(file);
  if (before) return before;
  let document: unknown;
  try {
    document = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new SettingsError(`the catalogue of weights ${file} cannot be read: ${(error as Error).message}`);
  }
  const parsed = z.array(entry).safeParse(document ?? []);
  if (!parsed.success) {
    throw new SettingsError(`the catalogue of weights ${file} is wrong:\n${faultLines(parsed.error.issues)}`);
  }
  const twice = parsed.data.find((one, at) => parsed.data.findIndex((other) => other.id === one.id) !== at);
  if (twice) throw new SettingsError(`the catalogue of weights ${file} has "${twice.id}" twice`);
  read.set(file, parsed.data);
  return parsed.data;
}
