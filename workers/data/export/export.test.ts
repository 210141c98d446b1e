import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Chain, ChainImage } from '../../../shared/data/chain.ts';
import { exportFormat } from '../../../shared/data/recipe/export.ts';
import { recipe } from '../../../shared/data/recipe.ts';
import { type ObjectStore, openObjectStore } from '../../../shared/object-store.ts';
import { anyChain, sampleChain, samplePictures } from '../../../test/drawn-chains.ts';
import { writeLines } from '../factory/chain-files.ts';
import { runHere } from '../factory/here.ts';
import { cardsStage } from './cards-stage.ts';
import { conversationOf } from './conversation.ts';
import { FORMATS } from './formats.ts';
import { difference } from './read/compare.ts';
import { readRows, readTar } from './read-file.ts';
import { exportStage } from './stage.ts';
import { loadFunctionSpecs } from './tool-specs.ts';
import { jsonLine } from './write-file.ts';

let root: string;
let objects: ObjectStore;
let pictures: ChainImage[];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'cota-export-'));
  objects = await openObjectStore({ driver: 'fs', root, linkSecret: 'x'.repeat(32) });
  pictures = await samplePictures(objects, 5);
});
afterAll(async () => {
  await objects.close();
  await rm(root, { recursive: true });
});

const undrawn = (chain: Chain): Chain => ({
  ...chain,
  images: chain.images.map(({ name, width, height }) => ({ name, width, height })),
});

let runs = 0;
/** The exports of these chains, given as two files, by name. */
async function exported(chains: readonly Chain[], more: object = {}) {
  const half = Math.ceil(chains.length / 2);
  const folder = `t/here/given-${runs++}`;
  const files = [
    await writeLines(objects, `${folder}/chains-0.jsonl.zst`, chains.slice(0, half)),
    await writeLines(objects, `${folder}/chains-1.jsonl.zst`, chains.slice(half)),
  ];
  const asked = recipe.parse({ name: 'test', seed: 1, sources: [{ name: 'given', dataset: 'given' }], ...more });
  const { reports } = await runHere([exportStage, cardsStage], asked, objects, {
    id: `data_${runs}`,
    datasets: { given: files },
  });
  return [...reports.values()].flat().flatMap((report) => report.files);
}

describe('each format', () => {
  const context = (calls: 'native' | 'text', functions: Awaited<ReturnType<typeof loadFunctionSpecs>>) => ({
    shown: 1000,
    calls,
    functions,
    bytes: async (image: { key: string }) => (await objects.get(image.key)).bytes,
  });

  it.each(
    exportFormat.options.flatMap((name) =>
      (FORMATS[name].native ? (['native', 'text'] as const) : (['text'] as const)).map(
        (calls) => [name, calls] as const,
      ),
    ),
  )('%s (%s) loses nothing of any chain', async (name, calls) => {
    const functions = await loadFunctionSpecs();
    const format = FORMATS[name];
    await fc.assert(
      fc.asyncProperty(anyChain(pictures, 'train'), async (chain) => {
        const row = await format.row(chain, context(calls, functions));
        const stored = format.ending === 'parquet' ? row : JSON.parse(jsonLine(row));
        expect(difference(chain, format.read(stored, calls), 1000)).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });

  it('names pictures that were never drawn with their size, where text is asked for', async () => {
    for (const format of Object.values(FORMATS)) {
      const chain = undrawn(sampleChain(pictures));
      const row = await format.row(chain, { ...context('text', () => []), shown: 0 });
      expect(JSON.stringify(row)).not.toContain('<image>');
      expect(difference(chain, format.read(row, 'text'), 0)).toBeUndefined();
    }
  });
});

describe('a chain some of whose pictures were drawn', () => {
  it.each(exportFormat.options)('shows those before the first that was not: %s', async (name) => {
    const chain = sampleChain(pictures);
    const found = chain.turns[0]!.observations[0]!;
    if (found.ok)
      found.images = found.images!.map(({ name: image, width, height }) => ({ name: image, width, height }));
    const files = await exported([chain], { export: [name], export_options: { undrawn: 'text' } });
    const file = files.find((one) => one.name === `${name}/${FORMATS[name].path('train', '00000')}`)!;
    for await (const row of readRows(objects, file.key, FORMATS[name])) {
      const read = FORMATS[name].read(row, FORMATS[name].native ? 'native' : 'text');
      expect(read.images.map((image) => image.sha256 ?? image.size)).toEqual([pictures[0]!.sha256, [61, 40], [62, 40]]);
    }
  });
});

describe('reading back', () => {
  const chain = () => sampleChain(pictures);
  const bytes = async (image: { key: string }) => (await objects.get(image.key)).bytes;
  const context = { calls: 'text' as const, functions: () => [], bytes };
  const changed: [string, (one: Chain) => void, RegExp][] = [
    ['a thought', (one) => (one.turns[1]!.thought = 'Two.'), /thought of turn 2/],
    ['an argument', (one) => (one.turns[1]!.actions[0]!.arguments = { expression: '2 + 1' }), /actions of turn 2/],
    [
      'an observation',
      (one) => (one.turns[1]!.observations = [{ ok: true, result: { result: 2 } }]),
      /found in turn 2/,
    ],
    ['a picture', (one) => (one.images[0]!.sha256 = 'f'.repeat(64)), /list of images/],
    ['a turn', (one) => one.turns.splice(1, 1), /number of turns/],
    ['the question', (one) => (one.question = 'How many?'), /the question/],
    ['a tool', (one) => one.tools.splice(0, 1), /list of tools/],
  ];

  it.each(changed)('notices %s that is lost or another', async (_, change, words) => {
    const other = structuredClone(chain());
    change(other);
    for (const format of Object.values(FORMATS)) {
      for (const calls of format.native ? (['native', 'text'] as const) : (['text'] as const)) {
        const row = await format.row(chain(), { shown: 9, calls, functions: await loadFunctionSpecs(), bytes });
        const got = difference(other, format.read(row, calls), 9);
        expect(got, `${format.name} ${calls}`).toMatch(words);
      }
    }
  });

  it('refuses marks and pictures that do not go together', async () => {
    const row = (await FORMATS.mantis.row(chain(), { ...context, shown: 9 })) as { images: string[] };
    expect(() => FORMATS.mantis.read({ ...row, images: row.images.slice(1) }, 'text')).toThrow(/more <image> marks/);
    expect(() => FORMATS.mantis.read({ ...row, images: [...row.images, row.images[0]] }, 'text')).toThrow(/4 pictures/);
  });
});

describe('a conversation', () => {
  it('is what a model is asked at inference, byte for byte', () => {
    const texts = conversationOf(sampleChain(pictures), 9).map(({ role, parts }) =>
      [role, ...parts.map((part) => ('text' in part ? part.text : `(${part.image.name})`))].join('|'),
    );
    expect(texts[0]).toBe(
      'system|Answer the question about the images step by step: each reply is one JSON object with your thought and the actions you need, until Terminate gives the answer.\nActions: LocalizeObjects, Calculate, ZoomIn, OCR, Terminate',
    );
    expect(texts[1]).toMatch(/^user\|image-0: \|\(image-0\)\|\nQuestion: How many more/);
    expect(texts[3]).toMatch(
      /^user\|OBSERVATION 1 \(LocalizeObjects\):\n\{"image":"image-1".*\}\nimage-1: \|\(image-1\)\|\nOBSERVATION 2 \(ZoomIn\):\n/,
    );
    expect(texts).toHaveLength(7);
    expect(texts.at(-1)).toBe(
      'assistant|{"thought":"One more, which is A.","actions":[{"name":"Terminate","arguments":{"answer":"A"}}]}',
    );
  });
});

describe('the stage', () => {
  const chains = () => [
    sampleChain(pictures, { id: 'toys/1' }),
    sampleChain(pictures, { id: 'toys/2', split: 'validation' }),
    sampleChain([...pictures].reverse(), { id: 'toys/3', question: 'Is <image> a tag?' }),
  ];

  it('writes all formats, splits apart, with their pictures', async () => {
    const files = await exported(chains(), { export: exportFormat.options });
    const names = files.map(({ name }) => name);
    for (const name of exportFormat.options) {
      const format = FORMATS[name];
      const train = files.filter((file) => file.name === `${name}/${format.path('train', '00000')}`);
      expect(train.map(({ rows }) => rows)).toEqual([1]);
      expect(names).toContain(`${name}/${format.path('validation', '00000')}`);
      expect(names).toContain(`${name}/README.md`);
      const rows: unknown[] = [];
      for (const file of train) for await (const row of readRows(objects, file.key, format)) rows.push(row);
      expect(difference(chains()[0]!, format.read(rows[0], format.native ? 'native' : 'text'), 9)).toBeUndefined();
    }
    const unpacked = new Map<string, Buffer>();
    for (const { name, key } of files.filter((file) => file.name.endsWith('.tar'))) {
      expect(name).toMatch(/^images-0000[01]\.tar$/);
      for await (const file of readTar(objects, key)) unpacked.set(file.name, file.bytes);
    }
    expect([...unpacked.keys()].sort()).toEqual(pictures.map(({ sha256 }) => `images/${sha256}.png`).sort());
    // What was written is a function of the chains alone.
    const again = await exported(chains(), { export: exportFormat.options });
    expect(again.map(({ sha256 }) => sha256)).toEqual(files.map(({ sha256 }) => sha256));
  });

  it('stops at a picture that was never drawn, and says what to do', async () => {
    const asked = exported([undrawn(sampleChain(pictures))], { export: ['llava'] });
    await expect(asked).rejects.toThrow(/image-0 was never drawn.*program\.draw: true.*undrawn: text/s);
    const files = await exported([undrawn(sampleChain(pictures))], {
      export: ['llava'],
      export_options: { undrawn: 'text' },
    });
    const card = files.find(({ name }) => name === 'llava/README.md')!;
    expect((await objects.get(card.key)).bytes.toString()).toMatch(/1 of 1 chains have pictures that were never drawn/);
  });

  it('stops at a picture whose bytes are gone or others', async () => {
    const gone = sampleChain(pictures);
    gone.images[0] = { ...gone.images[0]!, key: 't/here/pictures/none' };
    await expect(exported([gone], { export: ['parquet'] })).rejects.toThrow(/bytes of image-0 are gone/);
    const other = sampleChain(pictures);
    other.images[0] = { ...other.images[0]!, key: pictures[4]!.key! };
    await expect(exported([other], { export: ['llava'] })).rejects.toThrow(/does not hold the picture/);
  });
});
