import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readFacts } from './base-file.ts';
import { buildBase } from './build-base.ts';
import { passagesOf } from './passages.ts';
import { openKnowledge } from './search.ts';
import { sentencesOf } from './sentences.ts';
import { editDistance } from './words.ts';
import { type KnowledgeDocument, writeBase } from './write-base.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cota-knowledge-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function build(paths: readonly string[], name: string) {
  const problems: string[] = [];
  const out = join(dir, name);
  const facts = await buildBase({
    ...{ paths: paths.map((path) => join(dir, path)), out, language: 'en' },
    onProgress: () => undefined,
    onProblem: (problem) => problems.push(problem.replaceAll(`${dir}/`, '')),
    onOrder: () => undefined,
  });
  return { facts, problems, out };
}

const ARTICLES: readonly KnowledgeDocument[] = [
  {
    title: 'Eiffel Tower',
    url: 'https://x/eiffel',
    text: 'The Eiffel Tower is a tower in Paris. It is named after Gustave Eiffel. It was built until 1889.\n\nIt is 330 metres tall. Three levels are open to visitors.',
  },
  {
    title: 'Paris',
    text: 'Paris is the capital of France. Its best known sight is the Eiffel Tower. The Eiffel Tower is tall.',
  },
  { title: 'Café au lait', text: 'Café au lait is coffee with hot milk.' },
  { title: 'The Who', text: 'The Who are a rock band from London.' },
  {
    title: 'London',
    text: `London is a city. ${'Nothing happens here. '.repeat(300)}The zoo keeps seven pangolins. They sleep.`,
  },
];

describe('search', () => {
  let ask: (query: string, sentences?: number) => ReturnType<ReturnType<typeof openKnowledge>['search']>;
  let close: () => void;
  beforeAll(() => {
    const path = join(dir, 'articles.sqlite');
    const writer = writeBase(path, 'en');
    for (const article of ARTICLES) writer.add(article);
    writer.finish();
    const knowledge = openKnowledge(path);
    ask = (query, sentences = 2) => knowledge.search(query, { sentences, limit: 3 });
    close = knowledge.close;
  });
  afterAll(() => close());

  test.each([
    [
      'the title',
      'Eiffel Tower',
      'Eiffel Tower',
      'The Eiffel Tower is a tower in Paris. It is named after Gustave Eiffel.',
    ],
    [
      'a question for it',
      'What is the Eiffel Tower?',
      'Eiffel Tower',
      'The Eiffel Tower is a tower in Paris. It is named after Gustave Eiffel.',
    ],
    [
      'a question about it',
      'How many metres has the Eiffel Tower',
      'Eiffel Tower',
      'It is 330 metres tall. Three levels are open to visitors.',
    ],
    [
      'other forms of its words',
      'capitals of France',
      'Paris',
      'Paris is the capital of France. Its best known sight is the Eiffel Tower.',
    ],
    ['no accents', 'cafe au lait', 'Café au lait', 'Café au lait is coffee with hot milk.'],
    ['nothing but stop words', 'the who', 'The Who', 'The Who are a rock band from London.'],
    ['a place deep in an article', 'pangolins zoo', 'London', 'The zoo keeps seven pangolins. They sleep.'],
    ['the beginning of a word', 'pangol', 'London', 'The zoo keeps seven pangolins. They sleep.'],
  ])('finds by %s', (_how, query, title, summary) => {
    expect(ask(query).hits[0]).toMatchObject({ title, summary });
  });

  test('a misspelled name is understood, and what was looked for is said', () => {
    expect(ask('eifel tower')).toMatchObject({ corrected: 'eiffel tower', hits: [{ title: 'Eiffel Tower' }, {}] });
    expect(ask('Lodnon')).toMatchObject({ corrected: 'london', hits: [{ title: 'London' }, {}] });
    expect(ask('Zqxwvb')).toEqual({ hits: [], near: [] });
  });

  test('what has less than half of what was asked is no hit, but near', () => {
    expect(ask('bungee jumping accidents tower')).toEqual({ hits: [], near: ['Eiffel Tower', 'Paris'] });
  });

  test('no text is a query of its own', () => {
    const tricks = [
      '"',
      'a"b OR *',
      'title:paris AND',
      'NEAR(eiffel tower, 2)',
      '{title} : x',
      "'; DROP TABLE passage; --",
    ];
    for (const query of [...tricks, '', ' \0 ', '^^', '(((', 'x'.repeat(5_000), 'word '.repeat(5_000), '\ud800']) {
      expect(() => ask(query), query.slice(0, 40)).not.toThrow();
      expect(ask('paris').hits[0]?.title).toBe('Paris');
    }
  });
});

describe('build', () => {
  test('reads all kinds of file, and tells each place that gives no article', async () => {
    const line = (article: object) => `${JSON.stringify(article)}\n`;
    await mkdir(join(dir, 'in/notes/deep'), { recursive: true });
    const jsonl = [
      line({ title: 'Jay', text: 'Jay is a bird.', id: '7', url: 'u' }),
      '{"title": "x"\n',
      '\n',
      line({ title: ' ', text: 'x' }),
      line({ title: 'No text' }),
      '[1]\n',
      line({ title: 'Bad url', text: 'x', url: 7 }),
    ];
    await writeFile(join(dir, 'in/a.jsonl'), jsonl.join(''));
    await writeFile(join(dir, 'in/b.jsonl.gz'), gzipSync(line({ title: 'Gull', text: 'Gull is packed.' })));
    await writeFile(
      join(dir, 'in/c.csv'),
      '\ufeffText,Title,extra\r\n"Wren, a ""small"" bird\nof gardens",Wren,\r\ntoo,few\r\n\r\nOwl sees,Owl,x',
    );
    await writeFile(join(dir, 'in/d.tsv'), 'name\ttext\nx\ty\n');
    await writeFile(join(dir, 'in/notes/heron.md'), '---\n# The grey heron #\n\nHeron eats fish.');
    await writeFile(join(dir, 'in/notes/stork.md'), '# The stork\n\nStork stands.');
    await writeFile(join(dir, 'in/notes/deep/sea_eagle.txt'), 'Eagle flies high.');
    await writeFile(join(dir, 'in/notes/latin.txt'), Buffer.from([0x61, 0xe9, 0x62]));
    await writeFile(join(dir, 'in/notes/picture.png'), 'not read');
    const columns = [
      { name: 'id', data: ['1', '2'] },
      { name: 'url', data: ['https://x/kite', 'https://x/none'] },
      { name: 'title', data: ['Kite', 'None'] },
      { name: 'text', data: ['Kite has a forked tail.', ''] },
    ];
    await writeFile(join(dir, 'in/e.parquet'), Buffer.from(parquetWriteBuffer({ columnData: columns })));
    await writeFile(join(dir, 'in/f.parquet'), 'PAR1 is not all');
    const { facts, problems, out } = await build(['in'], 'kinds.sqlite');
    expect(facts).toMatchObject({ articles: 8, passages: 8, language: 'en' });
    expect(problems).toEqual([
      expect.stringMatching(/^in\/a\.jsonl:2: this is no JSON/),
      'in/a.jsonl:4: it has no title',
      'in/a.jsonl:5: it has no text',
      'in/a.jsonl:6: an article is an object with title and text',
      'in/a.jsonl:7: its url is no text',
      'in/c.csv:4: 2 columns, and the first line names 3',
      'in/d.tsv: its first line must name the columns, with title and text among them',
      'in/e.parquet: row 2: its text is empty',
      expect.stringMatching(/^in\/f\.parquet: /),
      'in/notes/latin.txt: this is not UTF-8',
    ]);
    const knowledge = openKnowledge(out);
    const first = (query: string) => knowledge.search(query, { sentences: 3, limit: 1 }).hits[0];
    expect(first('wren')).toMatchObject({ summary: 'Wren, a "small" bird of gardens', url: null });
    expect(first('kite')).toMatchObject({ url: 'https://x/kite' });
    expect(first('heron')).toMatchObject({ title: 'The grey heron', url: 'notes/heron.md' });
    expect(first('stork')).toMatchObject({ title: 'The stork', summary: 'Stork stands.' });
    expect(first('sea eagle')).toMatchObject({ title: 'sea eagle', url: 'notes/deep/sea_eagle.txt' });
    for (const title of ['Jay', 'Gull', 'Owl']) expect(first(title)).toMatchObject({ title });
    knowledge.close();
  });

  test('the same articles give the same hash, others another', async () => {
    const write = (text: string) => writeFile(join(dir, 'h.jsonl'), `{"title":"A","text":${JSON.stringify(text)}}\n`);
    await write('one');
    const one = await build(['h.jsonl'], 'h1.sqlite');
    const again = await build(['h.jsonl'], 'h2.sqlite');
    await write('two');
    const two = await build(['h.jsonl'], 'h3.sqlite');
    expect(again.facts?.hash).toBe(one.facts?.hash);
    expect(two.facts?.hash).not.toBe(one.facts?.hash);
    expect(readFacts(two.out)).toEqual(two.facts);
  });

  test('an unclosed quote is told with its line, and nothing to read makes no base', async () => {
    await writeFile(join(dir, 'q.csv'), 'title,text\nA,fine\nB,"never closed\n'.repeat(1));
    expect(await build(['q.csv'], 'q.sqlite')).toMatchObject({
      facts: { articles: 1 },
      problems: ['q.csv: line 3: a quote that begins here is not closed'],
    });
    await writeFile(join(dir, 'none.jsonl'), '\n');
    const { facts, out } = await build(['none.jsonl'], 'none.sqlite');
    expect(facts).toBeUndefined();
    expect(() => readFacts(out)).toThrow(/there is no/);
    await expect(build(['gone.jsonl'], 'x.sqlite')).rejects.toThrow(/there is no .*gone\.jsonl/);
    await writeFile(join(dir, 'x.doc'), 'x');
    await expect(build(['x.doc'], 'x.sqlite')).rejects.toThrow(/files that are read end in \.jsonl/);
  });

  test('a build that is killed leaves the old base as it was, and the next one clears up after it', async () => {
    const name = 'killed.sqlite';
    const { out } = await build(['h.jsonl'], name);
    const before = await readFile(out);
    const module = new URL('./write-base.ts', import.meta.url).href;
    const code = `import { writeBase } from ${JSON.stringify(module)}; const w = writeBase(${JSON.stringify(out)}, 'en');
      for (let i = 0; i < 3000; i++) w.add({ title: 'T' + i, text: 'word '.repeat(200) });
      process.stdout.write('half'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const left = async () => (await readdir(dir)).filter((file) => file.endsWith('.partial'));
    expect(await left()).toEqual([`${name}.${child.pid}.partial`]);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    expect((await readFile(out)).equals(before)).toBe(true);
    await build(['h.jsonl'], name);
    expect(await left()).toEqual([]);
  });
});

test('a text becomes passages without losing a word, none of them long', () => {
  const words = Array.from(
    { length: 3_000 },
    (_, at) => `w${at}${at % 11 === 0 ? '.' : ''}${at % 400 === 399 ? '\n\n' : ' '}`,
  );
  const passages = passagesOf(words.join(''));
  expect(passages.join(' ').split(/\s+/)).toEqual(words.map((word) => word.trim()));
  expect(Math.max(...passages.map((passage) => passage.length))).toBeLessThanOrEqual(1_200);
  expect(passagesOf('x'.repeat(3_000)).map((passage) => passage.length)).toEqual([1_200, 1_200, 600]);
  expect(passagesOf(' \n \n')).toEqual([]);
});

test('sentences end where people end them', () => {
  expect(
    sentencesOf('J. R. R. Tolkien met Dr. Lewis at 3.30 p.m. in St. Albans. He spoke! Why? "No." It ended'),
  ).toEqual([
    'J. R. R. Tolkien met Dr. Lewis at 3.30 p.m. in St. Albans.',
    ...['He spoke!', 'Why?', '"No."', 'It ended'],
  ]);
});

test.each([
  ['tower', 'tower', 0],
  ['eifel', 'eiffel', 1],
  ['lodnon', 'london', 1],
  ['abcd', 'wxyz', 3],
  ['ab', 'abcdefgh', 3],
])('%s is %s with so many changes: %i', (a, b, distance) => {
  expect(editDistance(a, b, 2)).toBe(distance);
});
