import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { findCommand, isGroup, readArguments } from './command.ts';
import { kb } from './kb.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cota-kb-command-'));
  await writeFile(
    join(dir, 'a.jsonl'),
    '{"title":"Eiffel Tower","text":"It is 330 metres tall.","url":"https://x/e"}\n',
  );
  await writeFile(join(dir, 'bad.jsonl'), '{"title":"B","text":"Bee."}\n{"title":\n');
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => rm(dir, { recursive: true, force: true }));

/** Runs `cota kb ...`; words that end in .jsonl or .sqlite are files of the test's folder. */
async function cota(
  ...words: string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const said = { out: '', err: '' };
  const hear = (where: 'out' | 'err') => (text: unknown) => {
    said[where] += String(text);
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(hear('out'));
  vi.spyOn(process.stderr, 'write').mockImplementation(hear('err'));
  const argv = words.map((word) => (/\.(jsonl|sqlite)$/.test(word) ? join(dir, word) : word));
  const { found, rest } = findCommand([kb], ['kb', ...argv]);
  const args = isGroup(found) ? undefined : readArguments(found, rest);
  if (!args || isGroup(found)) throw new Error('this is no command to be run');
  try {
    return { code: await found.run(args), ...said };
  } finally {
    vi.restoreAllMocks();
  }
}

test('a base is built, is not overwritten unawares, and is searched', async () => {
  const built = await cota('build', 'a.jsonl', '--out', 'kb.sqlite', '--json');
  expect(built).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(built.out)).toMatchObject({ path: join(dir, 'kb.sqlite'), articles: 1, left_out: 0 });
  await expect(cota('build', 'a.jsonl', '--out', 'kb.sqlite')).rejects.toThrow('--force puts the new one in its place');
  expect(await cota('build', 'a.jsonl', '--out', 'kb.sqlite', '--force')).toMatchObject({ code: 0 });
  const found = await cota('search', 'kb.sqlite', 'how', 'tall', 'is', 'the', 'eifel', 'tower');
  expect(found.code).toBe(0);
  for (const words of ['tall eiffel tower', 'Eiffel Tower  https://x/e', '330 metres'])
    expect(found.out).toContain(words);
  const none = await cota('search', 'kb.sqlite', 'zebra', '--json');
  expect(none.code).toBe(1);
  expect(JSON.parse(none.out)).toMatchObject({ hits: [], near: [] });
});

test('what is wrong is said in a line, and nothing is left of a base that was not made', async () => {
  const left = await cota('build', 'bad.jsonl', '--out', 'bad.sqlite', '--json');
  expect(JSON.parse(left.out)).toMatchObject({ articles: 1, left_out: 1 });
  expect(left).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^left out: .*bad\.jsonl:2: this is no JSON .*\n$/),
  });
  await writeFile(join(dir, 'none.jsonl'), '');
  const refused: readonly (readonly [RegExp, ...string[]])[] = [
    [/there is no .*gone\.jsonl/, 'build', 'gone.jsonl', '--out', 'gone.sqlite'],
    [/there is no folder/, 'build', 'a.jsonl', '--out', 'nowhere/x.sqlite'],
    [/no article was found/, 'build', 'none.jsonl', '--out', 'none.sqlite'],
    [/FILE\.\.\. is missing/, 'build', '--out', 'none.sqlite'],
    [/--language takes a code/, 'build', 'a.jsonl', '--out', 'none.sqlite', '--language', 'English'],
    [/a\.jsonl is no knowledge base/, 'search', 'a.jsonl', 'x'],
    [/"QUERY" is missing/, 'search', 'kb.sqlite'],
  ];
  for (const [message, ...words] of refused) {
    await expect(cota(...words)).rejects.toMatchObject({ name: 'UserError', message: expect.stringMatching(message) });
  }
  expect((await readdir(dir)).filter((name) => /gone|partial|nowhere|none\.sqlite/.test(name))).toEqual([]);
});
