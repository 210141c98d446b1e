/** Modules of the user's own: what is loaded, and what is refused with which words. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadOwnTools } from './own-tools.ts';

const dir = mkdtempSync(join(tmpdir(), 'cota-own-tools-'));
afterAll(() => rmSync(dir, { recursive: true }));
const ZOD = import.meta.resolve('zod');

let number = 0;
/** @returns its name in the folder */
function module(text: string): string {
  number += 1;
  const name = `tool-${number}.ts`;
  writeFileSync(join(dir, name), `import { z } from '${ZOD}';\n${text}`);
  return name;
}

const tool = (change = ''): string => `export default {
  name: 'Mine', version: '1', engine: 'none', description: 'Does it.', arguments: z.object({ word: z.string() }),
  returns: 'word', example: { word: 'a' }, pool: 'cpu', timeLimitMs: 1000, deterministic: true, cache: false,
  run: async ({ word }: { word: string }) => ({ word }), ${change}
};`;

const load = (...names: string[]) =>
  loadOwnTools({ tools: names, resolve: (path) => join(dir, path) }, ['OCR', 'Terminate']);

test('a module with a tool is loaded', async () => {
  const [mine] = await load(module(tool()));
  expect(mine).toMatchObject({ name: 'Mine', pool: 'cpu' });
});

test.each([
  ['no default export', 'export const a = z;', 'has no default export'],
  ['something else', 'export default 7;', 'must be a tool'],
  [
    'no fields',
    'export default { arguments: z.object({}) };',
    /name is missing\n {2}version is missing[\s\S]*run is missing/,
  ],
  ['a wrong type', tool(`pool: 'gpu', timeLimitMs: '5'`), /pool must be "cpu"[\s\S]*timeLimitMs must be a number/],
  ['a schema of another kind', tool('arguments: { type: "object" }'), 'arguments must be a zod schema'],
  ['an example that does not fit', tool('example: { word: 7 }'), 'its example does not fit its arguments: word'],
  [
    'arguments without a JSON Schema',
    tool('arguments: z.object({ word: z.string(), at: z.date().optional() })'),
    'JSON Schema',
  ],
  ['a name that models cannot write', tool('name: "My tool"'), 'name must be letters'],
  ['a name that is built in', tool('name: "OCR"'), 'a tool named "OCR" is built in'],
  ['a syntax error', 'export default {', 'cannot be loaded'],
  ['an error while it loads', 'throw new Error("no licence"); export default z;', 'cannot be loaded: no licence'],
])('%s is refused in words', async (_what, text, words) => {
  await expect(load(module(text))).rejects.toThrow(words);
});

test('two of one name, and a file that is not there', async () => {
  const first = module(tool());
  await expect(load(first, module(tool()))).rejects.toThrow(`"Mine" is in ${first} already`);
  await expect(load('nowhere.ts')).rejects.toThrow(/nowhere\.ts, and there is no such file/);
});
