import { createHash } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import type { Chain } from '../../../shared/data/chain.ts';
import { recipe } from '../../../shared/data/recipe.ts';
import { openDataStore } from '../../../test/data-store.ts';
import { runHere } from '../factory/here.ts';
import { keepPicture, pictureBytesOf, pictureKey } from '../factory/pictures.ts';
import { importStage } from './chains.ts';

const store = await openDataStore();
afterAll(() => store.close());

const good: Chain = {
  ...{ version: 1, id: 'x/1', source: 'x', origin: 'model', split: 'train', outcome: 'CoTA-pos' },
  ...{ question: 'What is 1 + 1?', truth: '2', answer: '2', licence: 'MIT', tools: ['Calculate', 'Terminate'] },
  images: [{ name: 'image-0', width: 4, height: 4, key: 't/here/content/file-1' }],
  turns: [
    {
      thought: 'I add.',
      actions: [{ name: 'Calculate', arguments: { expression: '1+1' } }],
      observations: [{ ok: true, result: { result: 2 }, images: [{ name: 'image-1', width: 2, height: 2 }] }],
    },
    { thought: 'Done.', actions: [{ name: 'Terminate', arguments: { answer: '2' } }], observations: [] },
  ],
  made: { seed: 1, toolVersions: {} },
};

const read = async (rows: readonly unknown[]) => {
  const inputs = await store.inputs({ 'chains.jsonl': rows.map((row) => JSON.stringify(row)).join('\n') });
  const wanted = recipe.parse({ name: 'r', seed: 1, sources: [{ name: 's', chains: 'chains.jsonl' }] });
  const here = await runHere([importStage], wanted, store.objects, { inputs });
  const [report] = here.reports.get('import') ?? [];
  return { report, chains: await store.rows<Chain>(here, 'import') };
};

test('chains come in as they are; each that is wrong is told by its line', async () => {
  const image = good.images[0];
  const { report, chains } = await read([
    good,
    { ...good, id: 'x/2', images: [{ ...image, key: 't/other/content/file-1' }] },
    { ...good, id: 'x/3', images: [{ ...image, key: 't/here/../other/x' }] },
    { ...good, id: 'x/4', turns: [{ ...good.turns[0], observations: [] }] },
    { ...good, id: 'x/5', images: [{ ...image, name: 'image-1' }] },
    { ...good, id: 'x/6', outcome: 'good' },
    good,
    { ...good, id: 'x/8', images: [{ name: 'image-0', width: 4, height: 4 }] },
  ]);
  expect(chains).toEqual([good, { ...good, id: 'x/8', images: [{ name: 'image-0', width: 4, height: 4 }] }]);
  expect(report?.counts).toMatchObject({ rows: 8, chains: 2, bad: 6 });
  const { bad } = (report as { notes: unknown }).notes as { bad: { line: number; reason: string }[] };
  expect(bad.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6, 7]);
  expect(bad.map(({ reason }) => reason)).toEqual([
    expect.stringContaining("nor one of this tenant's objects"),
    expect.stringContaining("nor one of this tenant's objects"),
    'turns.0: 0 observations for 1 actions',
    expect.stringContaining('image-1 stands where image-0 should'),
    expect.stringMatching(/^outcome: /),
    expect.stringContaining('already'),
  ]);
  await expect(read([{ id: 1 }])).rejects.toThrow(/holds no chain that can be taken/);
});

test('pictures that another data job keeps are copied to this one; those that nobody has any more are told', async () => {
  const bytes = Buffer.from('bytes of a picture');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const other = { tenant: 'here', id: 'data_other' };
  const key = await keepPicture(store.objects, other, { sha256, bytes, contentType: 'image/png' });
  expect(key).toBe(pictureKey(sha256));
  const image = { name: 'image-0', width: 4, height: 4, key, sha256, contentType: 'image/png' };
  const gone = { ...image, key: pictureKey('0'.repeat(64)), sha256: '0'.repeat(64) };
  const rows = [
    { ...good, id: 'p/1', images: [image] },
    { ...good, id: 'p/2', images: [gone] },
    { ...good, id: 'p/3', images: [{ ...image, key: gone.key }] },
  ];
  const { report, chains } = await read(rows);
  expect(chains).toEqual(rows.slice(0, 1));
  const { bad } = (report as { notes: unknown }).notes as { bad: { reason: string }[] };
  expect(bad.map(({ reason }) => reason)).toEqual([
    expect.stringContaining('no data job of this tenant has its picture any more'),
    expect.stringContaining('neither images/<its sha256> nor'),
  ]);
  await store.objects.deletePrefix('t/here/data/data_other/');
  expect(await pictureBytesOf(store.objects, { tenant: 'here', id: 'data_here' }, key)).toEqual(bytes);
});
