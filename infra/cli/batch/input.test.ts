import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { checkLines, endpointOf, type Input, openInput } from './input.ts';
import { problemText } from './show.ts';

const dir = mkdtempSync(join(tmpdir(), 'cota-input-'));
afterAll(() => rmSync(dir, { recursive: true }));

const file = (name: string, text: string | Buffer): string => {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};
const line = (id: string, change: object = {}): string =>
  JSON.stringify({ custom_id: id, method: 'POST', url: '/v1/responses', body: { input: 'x' }, ...change });
const open = (path: string): Promise<Input> => openInput(path, () => undefined);
const bytesOf = async (input: Input): Promise<string> => Buffer.concat(await Array.fromAsync(input.open())).toString();

test('a file is read as often as it takes', async () => {
  const input = await open(file('good.jsonl', `${line('a')}\n${line('b')}`));
  expect(input.size).toBe(Buffer.byteLength(`${line('a')}\n${line('b')}`));
  expect(await endpointOf(input)).toBe('/v1/responses');
  expect(await checkLines(input, '/v1/responses', () => undefined)).toEqual({ lines: 2, problems: [] });
  expect(await bytesOf(input)).toBe(await bytesOf(input));
});

test.each([
  [() => join(dir, 'none.jsonl'), /there is no file .*none\.jsonl/],
  [() => join(file('plain', 'x'), 'under'), /there is no file/],
  [() => dir, /is a folder: name the file of requests in it/],
  [() => file('empty.jsonl', ''), /empty\.jsonl is empty: it takes one JSON object a line/],
])('what is no file is refused (%#)', async (path, words) => {
  await expect(open(path())).rejects.toThrow(words);
});

test('the url of the first line is that of the batch', async () => {
  const chat = line('a', { url: '/v1/chat/completions' });
  expect(await endpointOf(await open(file('chat.jsonl', `\ufeff\n\n${chat}\n`)))).toBe('/v1/chat/completions');
  const embeddings = await open(file('other.jsonl', line('a', { url: '/v1/embeddings' })));
  await expect(endpointOf(embeddings)).rejects.toThrow(
    'the first line asks for "/v1/embeddings": a batch takes /v1/responses or /v1/chat/completions',
  );
  // These are told with their line by the check.
  for (const text of ['no json', '[]', 'null', '{}']) {
    expect(await endpointOf(await open(file('odd.jsonl', text)))).toBe('/v1/responses');
  }
});

test('each problem is told with its line, as editors find it', async () => {
  const input = await open(
    file('bad.jsonl', `${line('a')}\n\n${line('a')}\nno json\n${line('b', { method: 'GET' })}\n`),
  );
  const { problems } = await checkLines(input, '/v1/responses', () => undefined);
  expect(problems.map((problem) => problemText('bad.jsonl', problem))).toEqual([
    'bad.jsonl:3: The custom_id "a" is on line 1 already: each must be its own. (duplicate_custom_id)',
    'bad.jsonl:4: This line is not valid JSON. (invalid_json_line)',
    'bad.jsonl:5: The method of a line must be "POST". (invalid_method)',
  ]);
});

test('a file that grows or shrinks while it is read is not sent', async () => {
  const path = file('grows.jsonl', `${line('a')}\n`);
  const input = await open(path);
  writeFileSync(path, `${line('a')}\n${line('b')}\n`);
  await expect(bytesOf(input)).rejects.toThrow('changed while it was read');
  writeFileSync(path, '{}');
  await expect(bytesOf(input)).rejects.toThrow('changed while it was read');
});
