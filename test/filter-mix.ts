/** Filter and mixture over chains that a test makes, in this process. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Chain } from '../shared/data/chain.ts';
import type { DataFile, ShardReport } from '../shared/data/job.ts';
import { recipe as recipeSchema } from '../shared/data/recipe.ts';
import { type ObjectStore, openObjectStore } from '../shared/object-store.ts';
import { readChains, readRows, writeLines } from '../workers/data/factory/chain-files.ts';
import { runHere } from '../workers/data/factory/here.ts';
import type { Stage } from '../workers/data/factory/stage.ts';
import { apply } from '../workers/data/filter/apply.ts';
import { benchmarks } from '../workers/data/filter/benchmarks.ts';
import { decide } from '../workers/data/filter/decide.ts';
import type { DroppedChain } from '../workers/data/filter/reasons.ts';
import { scan } from '../workers/data/filter/scan.ts';
import { gather } from '../workers/data/mix/gather.ts';
import { type MixManifest, manifest } from '../workers/data/mix/manifest.ts';
import { select } from '../workers/data/mix/select.ts';
import { write } from '../workers/data/mix/write.ts';

export const FILTER_AND_MIX: readonly Stage[] = [benchmarks, scan, decide, apply, select, gather, write, manifest];

/** A store in a folder of its own. */
export const openTestStore = (): Promise<ObjectStore> =>
  openObjectStore({ driver: 'fs', root: mkdtempSync(join(tmpdir(), 'cota-filter-')), linkSecret: 'x'.repeat(32) });

/** Writes chains as files of a dataset. */
export async function chainFiles(objects: ObjectStore, chains: readonly Chain[], perFile = 100): Promise<DataFile[]> {
  const files: DataFile[] = [];
  for (let i = 0; i < chains.length; i += perFile) {
    const name = `chains-${String(files.length).padStart(6, '0')}.jsonl.zst`;
    files.push(await writeLines(objects, `t/here/data/given/make/${name}`, chains.slice(i, i + perFile)));
  }
  return files;
}

export interface Mixed {
  readonly reports: ReadonlyMap<string, readonly ShardReport[]>;
  readonly kept: readonly Chain[];
  readonly dropped: readonly DroppedChain[];
  readonly mixed: readonly Chain[];
  readonly manifest: MixManifest | undefined;
  /** Hashes of all files of all stages in their order. */
  readonly hashes: readonly string[];
}

/** @param part sections of the recipe, as YAML would hold them */
export async function filterAndMix(
  objects: ObjectStore,
  files: readonly DataFile[],
  part: object,
  options: { readonly id?: string; readonly stages?: readonly Stage[]; readonly inputs?: Record<string, string> } = {},
): Promise<Mixed> {
  const recipe = recipeSchema.parse({ name: 'test', seed: 7, sources: [{ name: 'given', dataset: 'given' }], ...part });
  const { reports } = await runHere(options.stages ?? FILTER_AND_MIX, recipe, objects, {
    id: options.id ?? 'job',
    datasets: { given: files },
    inputs: options.inputs ?? {},
  });
  const filesOf = (stage: string, prefix: string): DataFile[] =>
    (reports.get(stage) ?? []).flatMap((report) => report.files.filter(({ name }) => name.startsWith(prefix)));
  const chains = async (stage: string): Promise<Chain[]> => {
    const all: Chain[] = [];
    for (const file of filesOf(stage, 'chains-')) for await (const one of readChains(objects, file)) all.push(one);
    return all;
  };
  const dropped: DroppedChain[] = [];
  for (const { key } of filesOf('filter.apply', 'dropped-'))
    for await (const row of readRows<DroppedChain>(objects, key)) dropped.push(row);
  const [file] = filesOf('mix.manifest', 'manifest');
  return {
    reports,
    dropped,
    kept: await chains('filter.apply'),
    mixed: await chains('mix.write'),
    manifest: file && (JSON.parse((await objects.get(file.key)).bytes.toString()) as MixManifest),
    hashes: [...reports.values()].flat().flatMap((report) => report.files.map(({ sha256 }) => sha256)),
  };
}
