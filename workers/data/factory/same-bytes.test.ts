/** Whichever job makes a recipe, and whichever job takes its chains: the files are the same and the pictures are found. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Recipe, recipe } from '../../../shared/data/recipe.ts';
import { paths } from '../../../shared/keys.ts';
import { openDataStore } from '../../../test/data-store.ts';
import { actHere } from '../program/act-here.ts';
import { type Here, runHere } from './here.ts';
import { STAGES } from './stages.ts';

const store = await openDataStore();
afterAll(() => store.close());

const wanted = recipe.parse({
  ...{ name: 'same', seed: 5, shard: 20 },
  sources: [
    { name: 'read', program: { chains: 3, families: { 'look-up': 1 }, observe: { tool: 1 } } },
    { name: 'drawn', program: { chains: 8, draw: true, observe: { annotation: 1, noise: 1 } } },
    { name: 'plain', program: { chains: 30 } },
  ],
  filter: {},
  mix: { parts: [{ name: 'all' }] },
  export: ['llava', 'parquet'],
  export_options: { undrawn: 'text' },
});

const make = (id: string, of: Recipe, more: object = {}): Promise<Here> =>
  runHere(STAGES, of, store.objects, {
    ...{ id, services: { act: actHere(store.objects, paths.dataImage('here', id, '')) } },
    ...more,
  });

/** `<stage>/<file>` -> hash of the bytes that lie in the store. */
async function hashes({ reports }: Here): Promise<Record<string, string>> {
  const found: [string, string][] = [];
  for (const [stage, shards] of reports) {
    for (const { key, name } of shards.flatMap(({ files }) => files)) {
      const { bytes } = await store.objects.get(key);
      found.push([`${stage}/${name}`, createHash('sha256').update(bytes).digest('hex')]);
    }
  }
  return Object.fromEntries(found);
}

let first: Here;
beforeAll(async () => {
  first = await make('data_first', wanted);
}, 60_000);

test('two jobs of one recipe that draws and calls tools write the same bytes, from the chains to the report', async () => {
  const bytes = await hashes(first);
  for (const one of [
    'make/chains-000000',
    'mix.write/chains-',
    'mix.manifest/manifest',
    'export/llava/',
    'export/images-',
  ])
    expect(
      Object.keys(bytes).some((name) => name.startsWith(one)),
      one,
    ).toBe(true);
  expect(bytes).toHaveProperty(['report/report.html']);
  expect(await hashes(await make('data_second_one', wanted))).toEqual(bytes);
}, 60_000);

test('a job that takes the chains of another exports their pictures, as long as any job has them', async () => {
  const files = (first.reports.get('mix.write') ?? []).flatMap((report) => report.files);
  const taking = recipe.parse({
    ...{ name: 'taking', seed: 1, sources: [{ name: 'earlier', dataset: 'data_first' }] },
    ...{ export: ['llava'], export_options: { undrawn: 'text' } },
  });
  expect(JSON.stringify(await store.rows(first, 'mix.write'))).not.toContain('data_first');
  // The second job made the same ones.
  await store.objects.deletePrefix(paths.dataImage('here', 'data_first', ''));
  const taken = await make('data_taking', taking, { datasets: { data_first: files } });
  const pictures = (here: Here): string[] =>
    (here.reports.get('export') ?? []).flatMap((report) =>
      report.files.filter(({ name }) => name.endsWith('.tar')).map(({ sha256 }) => sha256),
    );
  expect(pictures(taken)).toEqual(pictures(first));
  expect(pictures(taken)).not.toEqual([]);
}, 60_000);
