import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readLines } from '../files/jsonl.ts';
import { isRunId } from '../keys.ts';
import { readLine, runIdOfLine } from './line.ts';
import { type PlanOptions, planBatch } from './plan.ts';
import { createSeen } from './seen.ts';

const options: PlanOptions = {
  endpoint: '/v1/responses',
  maxLines: 1_000,
  maxLineBytes: 10_000,
  windowLines: 3,
};
const lineOf = (customId: string, body: object = { input: 'x' }): string =>
  JSON.stringify({ custom_id: customId, method: 'POST', url: '/v1/responses', body });
const source = (text: string) => Readable.from([Buffer.from(text)]);

test('windows of lines in a row, blank lines counted as an editor does', async () => {
  const text = `\n${lineOf('a')}\n\n${lineOf('b')}\r\n${lineOf('c')}\n${lineOf('d')}`;
  const planned = await planBatch(source(text), options);
  expect(planned).toMatchObject({
    ok: true,
    lines: 4,
    windows: [
      { line: 2, lastLine: 5, lines: 3 },
      { line: 6, lines: 1 },
    ],
  });
});

test('each window can be read alone: its lines are those of the file', async () => {
  const lines = fc.array(fc.tuple(fc.uuid(), fc.string(), fc.constantFrom('\n', '\r\n', '\n\n')), {
    minLength: 1,
    maxLength: 30,
  });
  await fc.assert(
    fc.asyncProperty(lines, fc.nat(6), async (all, extra) => {
      const unique = [...new Map(all.map((one) => [one[0], one])).values()];
      const text = Buffer.from(unique.map(([id, input, end]) => lineOf(id, { input }) + end).join(''));
      const planned = await planBatch(source(text.toString()), { ...options, windowLines: extra + 1 });
      if (!planned.ok) throw new Error(JSON.stringify(planned));
      const found: string[] = [];
      for (const { offset, bytes, line, lastLine, lines: count } of planned.windows) {
        const before = found.length;
        const part = Readable.from([text.subarray(offset, offset + bytes)]);
        for await (const raw of readLines(part, { maxLineBytes: 10_000, from: { line, offset } })) {
          const read = readLine(raw.text ?? '', '/v1/responses');
          found.push('customId' in read ? read.customId : 'fault');
          expect(raw.number).toBeGreaterThanOrEqual(line);
          expect(raw.number).toBeLessThanOrEqual(lastLine);
        }
        expect(found.length - before).toBe(count);
      }
      expect(found).toEqual(unique.map(([id]) => id));
    }),
    { numRuns: 200 },
  );
});

test.each([
  ['{"custom_id": ', 'invalid_json_line', null],
  ['[1]', 'invalid_json_line', null],
  ['{"method":"POST"}', 'missing_required_parameter', 'custom_id'],
  [lineOf('a'), 'duplicate_custom_id', 'custom_id'],
  [lineOf('b').replace('POST', 'GET'), 'invalid_method', 'method'],
  [lineOf('b').replace('/v1/responses', '/v1/chat/completions'), 'mismatched_endpoint', 'url'],
  [lineOf('b').replace('"body"', '"bodies"'), 'missing_required_parameter', 'body'],
  [lineOf('b').replace('"body"', '"extra":1,"body"'), 'unknown_parameter', 'extra'],
  [lineOf('b', { input: 'x'.repeat(20_000) }), 'line_too_long', null],
  [lineOf('x'.repeat(600)), 'string_above_max_length', 'custom_id'],
])('line 2 %.40s: %s', async (line, code, param) => {
  const planned = await planBatch(source(`${lineOf('a')}\n${line}\n${lineOf('z')}\n`), options);
  expect(planned).toMatchObject({ ok: false, errors: [{ code, param, line: 2 }] });
});

test('an empty file and one with too many lines are told apart', async () => {
  expect(await planBatch(source('\n \n'), options)).toMatchObject({ ok: false, errors: [{ code: 'empty_file' }] });
  const many = Array.from({ length: 4 }, (_, index) => lineOf(`l${index}`)).join('\n');
  expect(await planBatch(source(many), { ...options, maxLines: 3 })).toMatchObject({
    ok: false,
    errors: [{ code: 'too_many_lines' }],
  });
});

test('twins are told by window, with the line that they equal', async () => {
  const told: [number, unknown][] = [];
  const text = ['a', 'b', 'a', 'a', 'c'].map((input, index) => lineOf(String(index), { input })).join('\n');
  const planned = await planBatch(source(text), {
    ...options,
    sameAs: ({ body }) => JSON.stringify(body),
    onTwins: async (window, twins) => void told.push([window, twins]),
  });
  expect(planned).toMatchObject({ ok: true, twins: 2, windows: [{ twins: 1 }, { twins: 1 }] });
  expect(told).toEqual([
    [0, { 2: 1 }],
    [1, { 0: 1 }],
  ]);
});

test('ids of runs are ids, differ by line, and stay the same', () => {
  const batch = { id: 'batch_01kay3m9q2r7v5x8n4c6b1d0ef', createdAt: 1_795_000_000 };
  const ids = Array.from({ length: 2_000 }, (_, line) => runIdOfLine(batch, line + 1));
  expect(new Set(ids).size).toBe(2_000);
  expect(ids.every(isRunId)).toBe(true);
  expect(runIdOfLine(batch, 7)).toBe(ids[6]);
});

test('what was seen before is known, also after the table has grown', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 4 }), { maxLength: 300 }), (texts) => {
      const seen = createSeen(1);
      const first = new Map<string, number>();
      for (const [index, text] of texts.entries()) {
        expect(seen.has(text)).toBe(first.has(text));
        expect(seen.before(text, index + 1)).toBe(first.get(text));
        if (!first.has(text)) first.set(text, index + 1);
      }
      expect(seen.size).toBe(first.size);
    }),
  );
});
