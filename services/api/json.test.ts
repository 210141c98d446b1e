import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CotaError } from '../../shared/errors.ts';
import { parseJson, whereJsonBreaks } from './json.ts';

test.each([
  ['{"input": }', 10],
  ['{"input" "x"}', 9],
  ['{input: 1}', 1],
  ["{'input': 1}", 1],
  ['{"a": 1,}', 8],
  ['[1, 2', 5],
  ['[1 2]', 3],
  ['{"a": "b', 8],
  ['{"a": "b\nc"}', 8],
  ['{"a": "\\x"}', 8],
  ['{"a": "\\u12g4"}', 11],
  ['{"a": "b\\', 9],
  ['{"a": tru}', 6],
  ['01', 1],
  ['{} {}', 3],
  [']', 0],
  ['{"a": {"b": [1, 2}}', 17],
  ['"', 1],
])('%s breaks at %i', (text, at) => {
  expect(whereJsonBreaks(text)).toBe(at);
});

test('a character put into valid JSON is found where it was put', () => {
  const chars = fc.constantFrom('}', ']', ',', ':', '"', '\\', 'x', '\u0001');
  fc.assert(
    fc.property(fc.json(), fc.nat(), chars, (json, n, char) => {
      const index = n % (json.length + 1);
      const broken = json.slice(0, index) + char + json.slice(index);
      let message: string | undefined;
      try {
        JSON.parse(broken);
      } catch (error) {
        message = (error as Error).message;
      }
      const at = whereJsonBreaks(broken);
      if (message === undefined) {
        expect(at).toBe(broken.length);
        return;
      }
      // What stood before the character was fine; of a word such as `true`, the whole is named.
      expect(at).toBeGreaterThanOrEqual(index - 'false'.length);
      const position = /position (\d+)/.exec(message)?.[1];
      // V8 knows it too, where it says so; within words and escapes it points a few characters further.
      if (position !== undefined) expect(Math.abs(Number(position) - at)).toBeLessThanOrEqual('false'.length);
    }),
    { numRuns: 2_000 },
  );
});

test('a large broken body is told apart in little time', () => {
  const text = `{"input": "${'x'.repeat(10_000_000)}" "model": 1}`;
  const started = performance.now();
  expect(whereJsonBreaks(text)).toBe(10_000_013);
  expect(performance.now() - started).toBeLessThan(2_000);
});

test('line and column are counted from 1, and the body is not quoted', () => {
  const parse = () => parseJson(Buffer.from('{\n  "secret": "s3cr3t",\n  "b": oops\n}'));
  expect(parse).toThrow(CotaError);
  expect(parse).toThrow('The body is not valid JSON: an unexpected character, at line 3, column 8.');
  expect(parseJson(Buffer.from('  \n'))).toBeUndefined();
});

test('a body that is nested deeper than checks can go down is refused in words', () => {
  const body = (depth: number) => Buffer.from(`{"a": ${'['.repeat(depth)}${']'.repeat(depth)}}`);
  expect(parseJson(body(99))).toHaveProperty('a');
  for (const depth of [100, 5_000, 200_000])
    expect(() => parseJson(body(depth))).toThrow('The body has lists or maps more than 100 deep within each other.');
});
