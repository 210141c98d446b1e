/** The tiny checkpoints of test/fixtures/tiny-models as weights that were pulled, and what PyTorch makes of them. */
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { readEnv } from '../shared/env.ts';
import { loadToolsConfig } from '../shared/tools-config.ts';
import { type CatalogueEntry, catalogue } from '../shared/weights/catalogue.ts';
import { receiptName } from '../shared/weights/receipt.ts';
import { openWeights } from '../shared/weights/weights.ts';
import { setToolSettings } from '../workers/tools/settings.ts';

const FIXTURES = new URL('./fixtures/tiny-models/', import.meta.url).pathname;

const packed = z.object({ dims: z.array(z.int()), float32: z.base64() }).transform(({ dims, float32 }) => ({
  dims,
  values: new Float32Array(Uint8Array.from(Buffer.from(float32, 'base64')).buffer),
}));
const box = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const pictured = { picture: z.string().nullable(), resized: z.string().nullable(), dims: z.array(z.int()) };

const expected = z.object({
  versions: z.record(z.string(), z.string()),
  'grounding-dino': z.array(
    z.object({
      ...pictured,
      labels: z.array(z.string()),
      text: z.string(),
      input_ids: z.array(z.int()),
      box_threshold: z.number(),
      text_threshold: z.number(),
      logits: packed,
      pred_boxes: packed,
      boxes: packed,
      scores: packed,
      text_labels: z.array(z.string()),
    }),
  ),
  depth: z.array(
    z.object({
      ...pictured,
      predicted_depth: packed,
      regions: z.array(z.object({ bbox: box, depth: z.number() })).default([]),
    }),
  ),
  clip: z.object({
    texts: z.array(z.string()),
    input_ids: z.array(z.array(z.int())),
    text_embeds: packed,
    dims: z.array(z.int()),
    image_embeds: packed,
    pictures: z.array(z.object({ picture: z.string(), resized: z.string(), image_embeds: packed, similarity: packed })),
    between_pictures: z.number(),
  }),
});
export type Expected = z.infer<typeof expected>;

export const recorded = (): Expected =>
  expected.parse(JSON.parse(readFileSync(join(FIXTURES, 'expected.json'), 'utf8')));

/** A picture of the fixtures, or what PyTorch resized it to. */
export const fixture = (name: string): Buffer => readFileSync(join(FIXTURES, name));

/** Numbers that make.py makes exactly alike. */
export function ramp(dims: readonly number[], seed: number): Float32Array {
  const count = dims.reduce((a, b) => a * b, 1);
  return Float32Array.from({ length: count }, (_, i) => (((i * 7919 + seed * 104729) % 1021) - 510) / 256);
}

/**
 * Puts the tiny checkpoints where pulled weights lie, with receipts, and sets the tools of this process to use them.
 * @param yaml of tools.yaml; @returns the folder, and how to take all away again
 */
export function useTinyModels(yaml = ''): {
  readonly root: string;
  readonly entries: readonly CatalogueEntry[];
  done(): void;
} {
  const root = mkdtempSync(join(tmpdir(), 'cota-tiny-models-'));
  cpSync(join(FIXTURES, 'hub'), root, { recursive: true });
  // What the catalogue knows of the real files does not hold for these.
  const entries = catalogue()
    .filter(({ dtype }) => dtype === 'fp32')
    .map((entry) => ({ ...entry, files: entry.files.map(({ path }) => ({ path, bytes: null, sha256: null })) }));
  for (const { id, repo, revision } of entries) {
    const folder = join(root, repo);
    const names = listOf(folder);
    const files = names.map((path) => {
      const bytes = readFileSync(join(folder, path));
      return { path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
    });
    const receipt = { id, repo, revision, pulledAt: '2026-01-01T00:00:00Z', from: FIXTURES, files };
    if (files.length > 0) writeFileSync(join(folder, receiptName(id)), JSON.stringify(receipt));
  }
  const file = join(root, 'tools.yaml');
  writeFileSync(file, yaml);
  const config = loadToolsConfig(file);
  const session = { device: config.engines.device ?? 'cpu', threads: 1 } as const;
  setToolSettings({ env: readEnv(), config, weights: openWeights(root, entries), session });
  return {
    root,
    entries,
    done() {
      setToolSettings(undefined);
      rmSync(root, { recursive: true });
    },
  };
}

function listOf(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('cota-weights-'))
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  } catch {
    return [];
  }
}
