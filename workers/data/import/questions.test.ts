/** Files in each layout become questions; what is wrong with a row is told and costs only that row. */
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { SchemaElement } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { type DataQuestion, dataQuestion } from '../../../shared/data/question.ts';
import { recipe } from '../../../shared/data/recipe.ts';
import { tarOf, zipOf } from '../../../test/archives.ts';
import { openDataStore } from '../../../test/data-store.ts';
import { type Here, runHere } from '../factory/here.ts';
import { questionsStage } from './questions.ts';

type Element = Pick<SchemaElement, 'name' | 'repetition_type' | 'type' | 'converted_type' | 'num_children'>;

const store = await openDataStore();
afterAll(() => store.close());

const picture = (background: string): Promise<Buffer> =>
  sharp({ create: { width: 24, height: 16, channels: 3, background } })
    .png()
    .toBuffer();
const [RED, BLUE] = await Promise.all([picture('#d01010'), picture('#1010d0')]);

interface Read {
  readonly here: Here;
  readonly questions: DataQuestion[];
  readonly counts: Readonly<Record<string, number>>;
  readonly bad: readonly { line: number; reason: string }[];
}

async function read(
  layout: string,
  content: string | Uint8Array,
  more: { images?: Uint8Array; [field: string]: unknown } = {},
): Promise<Read> {
  const { images, seed = 3, shard = 1000, ...fields } = more;
  const inputs = await store.inputs({ 'file.in': content, ...(images ? { 'pictures.zip': images } : {}) });
  const model = {
    file: 'file.in',
    layout,
    model: 'm',
    licence: 'CC0-1.0',
    ...fields,
    ...(images ? { images: 'pictures.zip' } : {}),
  };
  const wanted = recipe.parse({ name: 'r', seed, shard, sources: [{ name: 's', model }] });
  const here = await runHere([questionsStage], wanted, store.objects, { inputs });
  const [report] = here.reports.get('questions') ?? [];
  const questions = await store.rows(here, 'questions');
  for (const question of questions) dataQuestion.parse(question);
  return {
    here,
    questions,
    counts: report?.counts ?? {},
    bad: (report?.notes as { bad: Read['bad'] } | undefined)?.bad ?? [],
  };
}

const lines = (...rows: unknown[]): string => rows.map((row) => JSON.stringify(row)).join('\n');
const tsv = (...rows: string[][]): string => rows.map((cells) => cells.join('\t')).join('\n');

test('VLMEvalKit: options, hints, several pictures, pictures of other rows, before and behind', async () => {
  const [red, blue] = [RED.toString('base64'), BLUE.toString('base64')];
  const { questions, counts, bad } = await read(
    'vlmevalkit',
    tsv(
      ['index', 'image', 'question', 'hint', 'A', 'B', 'C', 'answer', 'category', 'l2-category', 'split'],
      ['1', '3', 'Which colour?', 'Look well.', 'red', 'blue', '', 'B', 'colour', 'fine', 'val'],
      [
        '2',
        `"['${red}', '${blue}']"`,
        '"A ""quoted"" question\twith a tab\nand a line"',
        '',
        '',
        '',
        '',
        '2',
        'count',
        '',
        '',
      ],
      ['3', blue, 'What is this?', 'nan', '', '', '', 'blue', '', '', ''],
      ['4', 'x'.repeat(80), 'Broken base64?', '', '', '', '', 'yes', '', '', ''],
      ['5', '99', 'No such row?', '', '', '', '', 'yes', '', '', ''],
      ['6', blue, 'Which?', '', 'red', 'blue', '', 'green', '', '', ''],
      ['7', blue, 'A cell too few?', ''],
      ['8', blue, '', '', '', '', '', 'x', '', '', ''],
      ['3', blue, 'The same index?', '', '', '', '', 'x', '', '', ''],
    ),
  );
  expect(
    questions.map(({ id, question, truth, choices, hint, skills, images }) => ({
      id,
      question,
      truth,
      choices,
      hint,
      skills,
      images: images.length,
    })),
  ).toEqual([
    {
      id: '1',
      question: 'Which colour?',
      truth: 'B',
      choices: ['red', 'blue'],
      hint: 'Look well.',
      skills: ['colour', 'fine'],
      images: 1,
    },
    {
      id: '2',
      question: 'A "quoted" question\twith a tab\nand a line',
      truth: '2',
      choices: undefined,
      hint: undefined,
      skills: ['count'],
      images: 2,
    },
    { id: '3', question: 'What is this?', truth: 'blue', choices: undefined, hint: undefined, skills: [], images: 1 },
  ]);
  expect(questions[0]?.images).toEqual(questions[2]?.images);
  expect(questions[0]?.images[0]).toMatchObject({
    width: 24,
    height: 16,
    contentType: 'image/png',
    phash: expect.stringMatching(/^[0-9a-f]{16}$/),
  });
  expect(questions[0]?.images[0]?.key).toMatch(/^images\/[0-9a-f]{64}$/);
  expect(counts).toMatchObject({ rows: 9, questions: 3, bad: 6 });
  expect(bad.map(({ line }) => line)).toEqual([6, 7, 8, 9, 10, 11]);
  expect(bad[0]?.reason).toMatch(/^image 0: /);
});

const turns = [
  {
    user: 'Question: What is it?\nChoices:\nA. a square\nB. a circle\nAnswer with the letter.',
    assistant: 'Answer: A',
    source: 'shapes',
  },
  { user: 'How many are there?', assistant: 'One.', source: 'shapes' },
  { user: 'Is it red? (A) yes (B) no', assistant: 'yes', source: 'shapes' },
  { user: 'And now?', assistant: 'A red square.', source: 'shapes' },
];

test('The Cauldron, as parquet with bytes and as JSON lines with base64: options are told from the text', async () => {
  const field = (name: string, more: object): Element => ({ name, repetition_type: 'OPTIONAL', ...more });
  const text = (name: string) => field(name, { type: 'BYTE_ARRAY', converted_type: 'UTF8' });
  const list = (name: string, fields: Element[]): Element[] => [
    field(name, { converted_type: 'LIST', num_children: 1 }),
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    field('element', { num_children: fields.length }),
    ...fields,
  ];
  const parquet = parquetWriteBuffer({
    columnData: [
      { name: 'images', data: [[{ bytes: RED, path: null }], [{ bytes: new Uint8Array([1, 2]), path: null }]] },
      { name: 'texts', data: [turns, turns.slice(0, 1)] },
    ],
    schema: [
      { name: 'root', num_children: 2 },
      ...list('images', [field('bytes', { type: 'BYTE_ARRAY' }), text('path')]),
      ...list('texts', [text('user'), text('assistant'), text('source')]),
    ] as Parameters<typeof parquetWriteBuffer>[0]['schema'] & object,
  });
  const { questions, bad } = await read('cauldron', new Uint8Array(parquet), { turns_per_image: 10 });
  expect(questions.map(({ id, question, choices, truth }) => ({ id, question, choices, truth }))).toEqual([
    { id: '1-0', question: 'What is it?', choices: ['a square', 'a circle'], truth: 'A' },
    { id: '1-1', question: 'How many are there?', choices: undefined, truth: 'One' },
    { id: '1-2', question: 'Is it red?', choices: ['yes', 'no'], truth: 'A' },
    { id: '1-3', question: 'And now?', choices: undefined, truth: 'A red square' },
  ]);
  expect(questions[0]?.skills).toEqual(['shapes']);
  expect(bad).toHaveLength(1);

  const json = lines({ images: [{ bytes: RED.toString('base64') }], texts: turns });
  const same = await read('cauldron', json, { turns_per_image: 10 });
  expect(same.questions).toEqual(questions);
  const some = await read('cauldron', json, { turns_per_image: 2 });
  expect(some.questions).toHaveLength(2);
  expect((await read('cauldron', json, { turns_per_image: 2 })).questions).toEqual(some.questions);
  // One after the other: they are one job, and write the same files.
  const other: DataQuestion[][] = [];
  for (const seed of [4, 5, 6, 7]) other.push((await read('cauldron', json, { turns_per_image: 2, seed })).questions);
  expect(other.some((questionsOf) => JSON.stringify(questionsOf) !== JSON.stringify(some.questions))).toBe(true);
});

const conversations = [
  {
    id: 'one/1',
    images: ['a/red.png', 'a/blue.png'],
    conversation: [
      { role: 'user', content: 'Look at <image>. What is it?' },
      { role: 'assistant', content: 'red' },
      { role: 'user', content: 'And <image>?' },
      { role: 'assistant', content: 'blue' },
    ],
  },
  {
    id: 'two',
    images: ['a/red.png'],
    conversation: [
      { role: 'user', content: '<image><image> Which?' },
      { role: 'assistant', content: 'x' },
    ],
  },
  {
    id: 'three',
    images: ['a/none.png'],
    conversation: [
      { role: 'user', content: '<image> Which?' },
      { role: 'assistant', content: 'x' },
    ],
  },
  {
    id: 'four',
    images: ['../../etc/passwd'],
    conversation: [
      { role: 'user', content: 'Which?' },
      { role: 'assistant', content: 'x' },
    ],
  },
];
const members = {
  'set/a/red.png': RED,
  'set/a/blue.png': BLUE,
  'other/blue.png': RED,
  'set/readme.txt': Buffer.from('x'),
};

test.each([
  ['zip', zipOf(members)],
  ['tar', tarOf(members)],
  ['tar.gz', gzipSync(tarOf(members))],
  ['tar.zst', zstdCompressSync(tarOf(members))],
])('Mantis, as an array with pictures in a %s: a turn sees what was shown by then', async (_, images) => {
  const { questions, bad } = await read('mantis', JSON.stringify(conversations, null, 2), { images });
  expect(questions.map(({ id, question, truth, images: shown }) => [id, question, truth, shown.length])).toEqual([
    ['one_1-2-0', 'Look at image-0. What is it?', 'red', 1],
    ['one_1-2-1', 'And image-1?', 'blue', 2],
  ]);
  expect(questions[1]?.images[0]).toEqual(questions[0]?.images[0]);
  expect(questions[1]?.images[0]?.sha256).not.toBe(questions[1]?.images[1]?.sha256);
  expect(bad.map(({ reason }) => reason)).toEqual([
    '2 <image> marks for 1 images',
    expect.stringContaining('has no "a/none.png"'),
    expect.stringContaining('leads out of the archive'),
  ]);
});

test('LLaVA and our own lines, packed or not', async () => {
  const llava = [
    {
      id: 7,
      image: 'red.png',
      conversations: [
        { from: 'human', value: '<image>\nWhat is it?' },
        { from: 'gpt', value: 'A square.' },
      ],
    },
    { id: 8, conversations: 'none' },
  ];
  const one = await read('llava', gzipSync(JSON.stringify(llava)), { images: zipOf({ 'red.png': RED }) });
  expect(one.questions).toMatchObject([{ id: '7-1-0', question: 'What is it?', truth: 'A square' }]);
  expect(one.bad).toMatchObject([{ line: 1 }]);
  const rows = lines(
    {
      id: 'q1',
      question: 'What is it?',
      truth: 'a circle',
      choices: ['a square', 'a circle'],
      images: ['https://example.com/a.png'],
      split: 'holdout',
      licence: 'MIT',
      skills: ['x'],
    },
    { id: 2, question: 'How many?', answer: 4, images: [{ base64: RED.toString('base64') }] },
    { id: 3, question: 'How many?', answer: 4, imges: [] },
    { id: 2, question: 'Again?', answer: 4 },
    'text',
  );
  const own = await read('jsonl', zstdCompressSync(`${rows}\n{"id":4,\n`));
  expect(own.questions).toMatchObject([
    {
      id: 'q1',
      truth: 'B',
      split: 'holdout',
      licence: 'MIT',
      skills: ['x'],
      images: [{ url: 'https://example.com/a.png' }],
    },
    { id: '2', truth: '4', split: 'train', licence: 'CC0-1.0', images: [{ width: 24 }] },
  ]);
  expect(own.bad.map(({ line }) => line)).toEqual([3, 4, 5, 6]);
});

test('a limit takes the same questions each time, others by another seed, in files of the wanted size', async () => {
  const rows = lines(...Array.from({ length: 60 }, (_, id) => ({ id, question: `What is ${id}?`, answer: 'x' })));
  const some = await read('jsonl', rows, { limit: 20, shard: 8, samples: 2 });
  expect(some.questions).toHaveLength(20);
  expect(some.here.reports.get('questions')?.[0]?.files.map((file) => file.rows)).toEqual([4, 4, 4, 4, 4]);
  expect((await read('jsonl', rows, { limit: 20 })).questions).toEqual(some.questions);
  expect((await read('jsonl', rows, { limit: 20, seed: 4 })).questions).not.toEqual(some.questions);
});

test('a file that is nothing of the kind is told as such', async () => {
  await expect(read('vlmevalkit', 'a\tb\n1\t2\n')).rejects.toThrow(/no TSV of VLMEvalKit: it has no column "index"/);
  await expect(read('jsonl', 'hello')).rejects.toThrow(/neither JSON lines nor a JSON array/);
  await expect(read('mantis', '[{"id":1},')).rejects.toThrow(/ends before its array does/);
  await expect(read('llava', '[] x')).rejects.toThrow(/behind the end of its array/);
  await expect(read('jsonl', '')).rejects.toThrow(/has no rows/);
  await expect(read('jsonl', lines({ id: 1 }, { id: 2 }))).rejects.toThrow(
    /No question of file.in can be asked .*line 1: question/,
  );
  await expect(read('cauldron', Buffer.from('PAR1 and then no parquet at all'))).rejects.toThrow(
    /parquet file that cannot be read/,
  );
  await expect(read('jsonl', Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.from('broken')]))).rejects.toThrow(
    /is damaged/,
  );
  const row = lines({ id: 1, question: 'q', answer: 'a', images: ['a.png'] }, { id: 2, question: 'q', answer: 'a' });
  const one = await read('jsonl', row);
  expect(one.bad[0]?.reason).toContain('names no archive');
  expect((await read('jsonl', row, { images: zipOf({}) })).bad[0]?.reason).toContain('has no "a.png"');
  expect((await read('jsonl', lines({ id: 2, question: 'q', answer: 'a' }))).bad).toEqual([]);
  await expect(read('jsonl', row, { images: Buffer.from('no archive'.repeat(100)) })).rejects.toThrow(
    /neither a zip nor a tar/,
  );
});
