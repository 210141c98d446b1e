import { parquetWriteBuffer } from 'hyparquet-writer';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Chain } from '../../../shared/data/chain.ts';
import type { ObjectStore } from '../../../shared/object-store.ts';
import { chainFiles, filterAndMix, openTestStore } from '../../../test/filter-mix.ts';
import { sampleChain } from '../../../test/sample-chains.ts';
import { pictureHash } from './picture-hash.ts';

/** A picture that its number makes unlike the others. */
const picture = (n: number): Sharp =>
  sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="320" height="240"><rect width="320" height="240" fill="#eee"/>${Array.from(
        { length: 9 },
        (_, i) =>
          `<rect x="${(i * 97 * (n + 1)) % 280}" y="${(i * 61 * (n + 3)) % 200}" width="${30 + ((i * n) % 60)}" height="45" fill="hsl(${i * 40} 70% ${20 + i * 7}%)"/>`,
      ).join('')}</svg>`,
    ),
  );

const LONG = 'Which of the two kites above the harbour has the longer tail in this photo?';
const GENERIC = 'How many people can you see in this picture right now?';

let objects: ObjectStore;
let png: Buffer[];
beforeAll(async () => {
  objects = await openTestStore();
  png = await Promise.all([1, 2, 3].map((n) => picture(n).png().toBuffer()));
});
afterAll(() => objects.close());

async function reasons(bytes: Buffer, chains: readonly Chain[]): Promise<Record<string, string>> {
  await objects.put('t/here/bench', bytes, { contentType: 'application/octet-stream' });
  const part = { filter: { contamination: { files: ['bench'] }, duplicates: { exact: false, text: 0 } } };
  const { dropped } = await filterAndMix(objects, await chainFiles(objects, chains), part, {
    inputs: { bench: 't/here/bench' },
  });
  return Object.fromEntries(dropped.map(({ id, reason, detail }) => [id, `${reason}: ${detail}`]));
}

async function chains(): Promise<Chain[]> {
  const small = await picture(1).resize(200).jpeg({ quality: 50 }).toBuffer();
  const other = await picture(9).png().toBuffer();
  const base = sampleChain(0);
  const shown = async (id: string, bytes: Buffer): Promise<Chain> => ({
    ...base,
    id,
    images: [{ name: 'image-0', width: 320, height: 240, phash: await pictureHash(bytes) }],
  });
  return [
    { ...base, id: 'clean' },
    { ...base, id: 'asked', question: `Please: ${LONG.toUpperCase()} Be brief.` },
    { ...base, id: 'generic', question: GENERIC },
    await shown('seen', small),
    await shown('unseen', other),
  ];
}

const table = (): { index: number; image: string; question: string; answer: string }[] => [
  { index: 0, image: png[0]?.toString('base64') ?? '', question: `What,\t"exactly", is\nhere?`, answer: 'A' },
  { index: 1, image: png[1]?.toString('base64') ?? '', question: LONG, answer: 'B' },
  { index: 2, image: png[2]?.toString('base64') ?? '', question: GENERIC, answer: '3' },
  { index: 3, image: png[1]?.toString('base64') ?? '', question: GENERIC, answer: '4' },
];

describe('contamination', () => {
  const cell = (value: unknown): string => `"${String(value).replaceAll('"', '""')}"`;
  it.each<[string, () => Buffer]>([
    [
      "VLMEvalKit's TSV",
      () =>
        Buffer.from(
          ['index\timage\tquestion\tanswer', ...table().map((row) => Object.values(row).map(cell).join('\t'))].join(
            '\n',
          ),
        ),
    ],
    [
      'JSON lines',
      () =>
        Buffer.from(
          table()
            .map((row) => JSON.stringify(row))
            .join('\n'),
        ),
    ],
    ['a JSON array', () => Buffer.from(JSON.stringify(table()))],
    [
      'rows under their names',
      () => Buffer.from(JSON.stringify(Object.fromEntries(table().map((row) => [`v${row.index}`, row])))),
    ],
    [
      'parquet with bytes',
      () =>
        Buffer.from(
          parquetWriteBuffer({
            columnData: [
              { name: 'question', type: 'STRING', data: table().map(({ question }) => question) },
              {
                name: 'image',
                type: 'BYTE_ARRAY',
                data: table().map(({ image }) => new Uint8Array(Buffer.from(image, 'base64'))),
              },
            ],
          }),
        ),
    ],
  ])('finds questions and pictures in %s', async (_, file) => {
    expect(await reasons(file(), await chains())).toEqual({
      asked: expect.stringMatching(/^contamination: the question holds 8 of 8 word 8-grams of bench/),
      seen: expect.stringMatching(/^contamination: image-0 is the picture of bench/),
    });
  });

  it('says so where a file holds no questions', async () => {
    await expect(reasons(Buffer.from('a\tb\n1\t2\n'), await chains())).rejects.toThrow(
      /No question was found in the benchmark file bench: its 1 rows/,
    );
  });
});
