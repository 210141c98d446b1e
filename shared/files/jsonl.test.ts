import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type JsonLine, readLines } from './jsonl.ts';

async function* from(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
async function linesOf(
  chunks: Iterable<Uint8Array>,
  options: Partial<Parameters<typeof readLines>[1]> = {},
): Promise<JsonLine[]> {
  const lines: JsonLine[] = [];
  for await (const line of readLines(from(chunks), { maxLineBytes: 1_000, ...options })) lines.push(line);
  return lines;
}
const read = (text: string | Buffer, options?: Parameters<typeof linesOf>[1]) => linesOf([Buffer.from(text)], options);
const BOM = '\ufeff';

describe('lines as they are', () => {
  test.each<
    [name: string, text: string, lines: readonly [number: number, offset: number, bytes: number, text: string][]]
  >([
    ['an empty file', '', []],
    ['one line', '{"a":1}\n', [[1, 0, 8, '{"a":1}']]],
    [
      'no newline at the end',
      '1\n2',
      [
        [1, 0, 2, '1'],
        [2, 2, 1, '2'],
      ],
    ],
    [
      '\\r\\n',
      '1\r\n2\r\n',
      [
        [1, 0, 3, '1'],
        [2, 3, 3, '2'],
      ],
    ],
    [
      'blank lines',
      '\n1\n\n \t\r\n2\n\n',
      [
        [2, 1, 2, '1'],
        [5, 8, 2, '2'],
      ],
    ],
    ['a lone \\r', '"a\rb"\n', [[1, 0, 6, '"a\rb"']]],
    [
      'a mark at the start',
      `${BOM}1\n${BOM}2\n`,
      [
        [1, 0, 5, '1'],
        [2, 5, 5, `${BOM}2`],
      ],
    ],
    ['a mark alone', BOM, []],
    ['other separators', '"a\u2028b\u2029c\u0085d\vf\f"\n', [[1, 0, 18, '"a\u2028b\u2029c\u0085d\vf\f"']]],
  ])('%s', async (_name, text, lines) => {
    const expected = lines.map(([number, offset, bytes, content]) => ({ number, offset, bytes, text: content }));
    expect(await read(text)).toEqual(expected);
  });

  test('a file that is read from the middle has no mark to pass over', async () => {
    const from = { line: 7, offset: 100 };
    expect(await read(`${BOM}1\n2\n`, { from })).toEqual([
      { number: 7, offset: 100, bytes: 5, text: `${BOM}1` },
      { number: 8, offset: 105, bytes: 2, text: '2' },
    ]);
  });
});

describe('lines that cannot be read are counted and passed over', () => {
  test.each([
    ['in the middle', Buffer.from('1\n"\xff"\n3\n', 'latin1'), [1, 3]],
    ['cut off at the end', Buffer.from('1\n2\n"ü"').subarray(0, 6), [1, 2]],
    ['half of a pair', Buffer.from('1\n"\xed\xa0\xbd"\n3', 'latin1'), [1, 3]],
  ])('not UTF-8, %s', async (_name, bytes, good) => {
    const lines = await read(bytes);
    expect(lines.filter((line) => line.problem === undefined).map((line) => line.number)).toEqual(good);
    const bad = lines.filter((line) => line.problem !== undefined);
    expect(bad).toEqual([expect.objectContaining({ problem: 'not_utf8', text: undefined })]);
    expect(lines.reduce((sum, line) => sum + line.bytes, 0)).toBe(bytes.length);
  });

  test.each([
    ['exactly as long as allowed', 'x'.repeat(1_000), undefined],
    ['a byte too long', 'x'.repeat(1_001), 'too_long'],
    ['a few bytes too long', 'x'.repeat(1_006), 'too_long'],
    ['much too long', 'x'.repeat(5_000), 'too_long'],
  ])('%s', async (_name, long, problem) => {
    for (const ending of ['\n', '\r\n', '']) {
      for (const mark of ['', BOM]) {
        const bytes = Buffer.from(`${mark}${long}${ending}`);
        const text = Buffer.concat([bytes, Buffer.from(ending === '' ? '' : '2\n')]);
        for (const size of [1, 7, 400, 10_000]) {
          const [first, second] = await linesOf(cut(text, size));
          expect(first).toMatchObject({ number: 1, offset: 0, bytes: bytes.length });
          expect(first?.problem).toBe(problem);
          expect(first?.text).toBe(problem === undefined ? long : undefined);
          if (ending !== '') expect(second).toEqual({ number: 2, offset: bytes.length, bytes: 2, text: '2' });
        }
      }
    }
  });
});

function* cut(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const pieces = fc.oneof(
  fc.constantFrom('\n', '\r\n', '\r', BOM, ' ', '\t', '\u2028', '"', '{"a":1}', '日本', '🙂'),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);
const file = fc.oneof(
  fc.array(pieces, { maxLength: 40 }).map((all) => Buffer.from(all.join(''))),
  fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
);
const cuts = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 60 });

/** Cuts at random places, empty chunks among them, each in memory of its own that is overwritten afterwards. */
function* cutAt(bytes: Buffer, sizes: readonly number[]): Generator<Uint8Array> {
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    const chunk = new Uint8Array(bytes.subarray(at, at + size));
    at += size;
    yield chunk;
    chunk.fill(0x21);
  }
}

test('however a file is cut into chunks, its lines are the same', async () => {
  await fc.assert(
    fc.asyncProperty(file, cuts, fc.integer({ min: 1, max: 30 }), async (bytes, sizes, maxLineBytes) => {
      const whole = await linesOf([bytes], { maxLineBytes });
      expect(await linesOf(cutAt(bytes, sizes), { maxLineBytes })).toEqual(whole);
    }),
    { numRuns: 1_000 },
  );
});

test('offset and bytes of a line are a range that reads it alone', async () => {
  await fc.assert(
    fc.asyncProperty(file, fc.integer({ min: 1, max: 30 }), async (bytes, maxLineBytes) => {
      const lines = await linesOf([bytes], { maxLineBytes });
      for (const line of lines) {
        const range = bytes.subarray(line.offset, line.offset + line.bytes);
        const from = { line: line.number, offset: line.offset };
        expect(await linesOf([range], { maxLineBytes, from })).toEqual([line]);
        expect(await linesOf([bytes.subarray(line.offset)], { maxLineBytes, from })).toEqual(
          lines.filter((other) => other.number >= line.number),
        );
      }
    }),
    { numRuns: 500 },
  );
});

test('lines are what splitting the text gives', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(pieces, { maxLength: 40 }), cuts, async (all, sizes) => {
      const text = all.join('');
      const expected = text
        .replace(/^\ufeff/, '')
        .split('\n')
        .map((line, index, { length }) => ({
          number: index + 1,
          text: index + 1 < length ? line.replace(/\r$/, '') : line,
        }))
        .filter((line) => /[^ \t\r]/.test(line.text));
      const lines = await linesOf(cutAt(Buffer.from(text), sizes));
      expect(lines.map(({ number, text: content }) => ({ number, text: content }))).toEqual(expected);
    }),
    { numRuns: 1_000 },
  );
});

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What the process holds and cannot throw away, in bytes. */
function held(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test('a line of 100 MB is passed over in flat memory, and a line without an end too', async () => {
  const chunk = Buffer.alloc(64 * 1024, 'x');
  const chunks = 1_600;
  let most = 0;
  async function* long(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('{"first":1}\n');
    for (let index = 0; index < chunks; index++) {
      if (index % 100 === 0) most = Math.max(most, held());
      yield Buffer.from(chunk);
    }
    yield Buffer.from('\n{"last":1}\n');
    for (let index = 0; index < chunks; index++) yield chunk;
  }
  const before = held();
  const lines: JsonLine[] = [];
  for await (const line of readLines(long(), { maxLineBytes: 1024 * 1024 })) lines.push(line);
  const bytes = chunk.length * chunks;
  expect(lines).toEqual([
    { number: 1, offset: 0, bytes: 12, text: '{"first":1}' },
    { number: 2, offset: 12, bytes: bytes + 1, text: undefined, problem: 'too_long' },
    { number: 3, offset: bytes + 13, bytes: 11, text: '{"last":1}' },
    { number: 4, offset: bytes + 24, bytes, text: undefined, problem: 'too_long' },
  ]);
  expect(most - before).toBeLessThan(16 * 1024 * 1024);
});
