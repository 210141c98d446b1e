/** Files that mean harm, or were never meant to be read: each costs a clear reason and no memory. */
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { archivesOf, tarOf, zipOf } from '../../../test/archives.ts';
import { openDataStore } from '../../../test/data-store.ts';
import { archiveMembers } from './archive/archive.ts';
import { safeName } from './archive/member.ts';
import { tarMembers } from './archive/tar.ts';
import { openInput } from './input.ts';
import { jsonDocuments } from './json-documents.ts';
import { cauldron } from './layouts/conversations.ts';
import { own } from './layouts/own.ts';
import { fromBase64 } from './pictures.ts';
import { tsvRows } from './tsv.ts';

const store = await openDataStore();
afterAll(() => store.close());
const MB = 1024 * 1024;

/** A file of so many megabytes without a line end, never held as a whole. */
function endless(before: string, megabytes: number, after: string): Readable {
  const block = Buffer.alloc(MB / 4, 'x');
  function* chunks(): Generator<Buffer> {
    yield Buffer.from(before);
    for (let at = 0; at < megabytes * 4; at++) yield block;
    yield Buffer.from(after);
  }
  return Readable.from(chunks(), { objectMode: false });
}

/** What reading takes at most, above what was there before. */
async function grown(work: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage().rss;
  let most = before;
  const look = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20);
  await work();
  clearInterval(look);
  return (Math.max(most, process.memoryUsage().rss) - before) / MB;
}

describe('a line without an end is passed over, and the rows behind it are read', () => {
  test('TSV', async () => {
    const rows: unknown[] = [];
    const memory = await grown(async () => {
      for await (const row of tsvRows(endless('a\tb\n1\t', 120, '\n2\tz\n'))) rows.push(row);
    });
    expect(rows).toMatchObject([
      { cells: ['a', 'b'] },
      { line: 2, problem: expect.stringContaining('longer than') },
      { line: 3, cells: ['2', 'z'] },
    ]);
    expect(memory).toBeLessThan(250);
  });

  test.each([
    ['JSON lines', '{"a":"', '"}\n{"b":1}\n'],
    ['JSON array', '[{"a":"', '"},\n{"b":1}]'],
  ])('%s', async (_, before, after) => {
    const found: unknown[] = [];
    const memory = await grown(async () => {
      for await (const one of jsonDocuments(endless(before, 120, after), 'file')) found.push(one);
    });
    expect(found).toMatchObject([
      { line: 1, problem: expect.stringContaining('longer than') },
      { line: 2, value: { b: 1 } },
    ]);
    expect(memory).toBeLessThan(250);
  });
});

test('a quote that is never closed costs what is behind it, and is told', async () => {
  const rows = await Array.fromAsync(
    tsvRows(Readable.from([Buffer.from('a\tb\n1\t"x\n2\ty\n')], { objectMode: false })),
  );
  expect(rows).toMatchObject([{ cells: ['a', 'b'] }, { line: 2, problem: 'a quote is opened and never closed' }]);
});

test('cells and documents are the same wherever the file is cut into pieces', async () => {
  const text = '\ufeffa\t"b ""c""\r\nd"\r\n\r\né€\t\n';
  const json = ' [ {"a":"\\"]é€"} , 5, [1,[2]] ,"x\\\\"] \n';
  for (let size = 1; size < 12; size++) {
    const cut = (bytes: Buffer): Readable =>
      Readable.from(
        Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, at * size + size)),
        { objectMode: false },
      );
    const rows = await Array.fromAsync(tsvRows(cut(Buffer.from(text))));
    expect(rows.map(({ cells }) => cells)).toEqual([
      ['a', 'b "c"\r\nd'],
      ['é€', ''],
    ]);
    const values = await Array.fromAsync(jsonDocuments(cut(Buffer.from(json)), 'file'));
    expect(values.map(({ value }) => value)).toEqual([{ a: '"]é€' }, 5, [1, [2]], 'x\\']);
  }
});

test('JSON that is nested without end is refused, not followed', async () => {
  const deep = `{"id":1,"images":${'['.repeat(50_000)}${']'.repeat(50_000)}}\n{"id":2}`;
  const found = await Array.fromAsync(jsonDocuments(Readable.from([Buffer.from(deep)], { objectMode: false }), 'file'));
  expect(found).toMatchObject([
    { line: 1, problem: expect.stringContaining('nested') },
    { line: 2, value: { id: 2 } },
  ]);
});

test('a bomb is broken off: gzip as a whole, a member of a zip for itself', async () => {
  const inputs = await store.inputs({ bomb: gzipSync(Buffer.alloc(32 * MB)) });
  const body = await openInput(store.objects, { key: inputs.bomb as string, name: 'bomb' }, MB);
  await expect(
    (async () => {
      for await (const _ of body);
    })(),
  ).rejects.toThrow(/bomb unpacks to more than/);

  const members = { 'bomb.png': Buffer.alloc(24 * MB), 'good.png': Buffer.from('fine') };
  for (const claimedSize of [undefined, 10]) {
    const { zip } = await store.inputs({ zip: zipOf(members, claimedSize === undefined ? {} : { claimedSize }) });
    const found = await archivesOf(
      archiveMembers(store.objects, { key: zip as string, name: 'zip' }, new Set(['bomb.png', 'good.png'])),
    );
    expect(found).toMatchObject([
      { name: 'bomb.png', problem: expect.stringMatching(/bytes/) },
      { name: 'good.png', bytes: Buffer.from('fine') },
    ]);
  }
});

test('names that lead out of an archive are nobody', async () => {
  for (const name of ['../a.png', 'a/../../b', '/etc/passwd', 'C:\\a.png', '..\\a.png', '', '.', 'a\0b', './..'])
    expect(safeName(name), name).toBeUndefined();
  expect(safeName('./a//b/./c.png')).toBe('a/b/c.png');
  expect(safeName('a\\b.png')).toBe('a/b.png');
  const evil = { '../evil.png': Buffer.from('e'), '/evil.png': Buffer.from('e'), 'a/evil.png': Buffer.from('good') };
  const inputs = await store.inputs({ zip: zipOf(evil), tar: tarOf(evil) });
  for (const key of Object.values(inputs)) {
    const found = await archivesOf(archiveMembers(store.objects, { key, name: 'file' }, new Set(['evil.png'])));
    expect(found.map(({ bytes }) => bytes?.toString())).toEqual(['good']);
  }
});

test('archives that are cut off, lie about places or are something else are told', async () => {
  const good = zipOf({ 'a.png': Buffer.from('a'.repeat(1000)) });
  const far = Buffer.from(good);
  far.writeUInt32LE(0x7fffffff, far.length - 22 + 16);
  const place = Buffer.from(good);
  place.writeUInt32LE(0x7fffff, place.lastIndexOf('PK\x01\x02') + 42);
  const tar = tarOf({ 'a.png': Buffer.from('a'.repeat(2000)) });
  const inputs = await store.inputs({
    cut: good.subarray(0, good.length - 30),
    far,
    place,
    tar: tar.subarray(0, 1200),
    long: tarOf({ [`${'d/'.repeat(80)}a.png`]: Buffer.from('deep') }),
  });
  const read = (name: string) =>
    archivesOf(archiveMembers(store.objects, { key: inputs[name] as string, name }, new Set(['a.png'])));
  await expect(read('cut')).rejects.toThrow(/damaged zip file: it has no list/);
  await expect(read('far')).rejects.toThrow(/lies outside of it/);
  await expect(read('place')).rejects.toThrow(/bytes outside of itself/);
  await expect(read('tar')).rejects.toThrow(/ends in the middle of a member/);
  expect((await read('long'))[0]?.bytes?.toString()).toBe('deep');
  const huge = tarOf({ 'a.png': Buffer.from('a') });
  huge.write('77777777777\0', 124, 'latin1');
  await expect(
    archivesOf(tarMembers(Readable.from([huge], { objectMode: false }), 'huge', new Set(['a.png']))),
  ).rejects.toThrow(/neither a zip nor a tar/);
});

test('rows of the wrong kinds are refused in words', () => {
  const choice = { seed: 1, most: 3 };
  for (const row of [
    null,
    5,
    'text',
    [],
    {},
    { texts: 'x' },
    { texts: [], images: [5] },
    { texts: [null, { user: 5 }], images: [{ bytes: ['a'] }] },
  ])
    expect(cauldron(row, 1, choice), JSON.stringify(row)).toMatchObject({
      questions: [],
      problems: [expect.any(String)],
    });
  for (const row of [
    null,
    { id: 1, question: ' ', answer: 'x' },
    { id: 1, question: 'x', answer: 'y', choices: ['a', 'b'] },
    { id: 1, question: 'x', answer: 'y', extra: 1 },
  ])
    expect(own(row, 1), JSON.stringify(row)).toMatchObject({ questions: [], problems: [expect.any(String)] });
  for (const text of ['', 'a', 'ab!d', 'data:image/png;base64,', 'YQ==YQ=='])
    expect(fromBase64(text), text).toBeUndefined();
  expect(fromBase64('data:image/png;base64,YW\nJj')?.toString()).toBe('abc');
});
