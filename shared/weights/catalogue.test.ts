import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { catalogue } from './catalogue.ts';

const dir = mkdtempSync(join(tmpdir(), 'cota-catalogue-'));
afterAll(() => rmSync(dir, { recursive: true }));
let made = 0;
function own(entries: unknown): string {
  const path = join(dir, `${made++}.yaml`);
  writeFileSync(path, JSON.stringify(entries));
  return path;
}

test('each network is held to a commit, has a smaller variant, and comes from where its licence can be read', () => {
  const entries = catalogue();
  for (const entry of entries) {
    expect(entry.revision, entry.id).toMatch(/^[0-9a-f]{40}$/);
    expect(entry.source).toBe(`https://huggingface.co/${entry.repo}`);
    expect(entry.files.some((file) => file.path.startsWith('onnx/'))).toBe(true);
    const quantized = entry.files.filter((file) => file.path.endsWith('_quantized.onnx')).length > 0;
    expect(quantized, entry.id).toBe(entry.dtype === 'q8');
  }
  const plain = entries.filter((entry) => entry.dtype === 'fp32');
  expect(plain.map((entry) => entry.engine).sort()).toEqual(['clip', 'depth', 'grounding-dino']);
  for (const { id, engine } of plain) expect(entries.find((one) => one.id === `${id}-q8`)?.engine).toBe(engine);
});

const entry = {
  ...{ id: 'mine', engine: 'clip', repo: 'org/mine', revision: 'main', licence: 'MIT', source: 'https://a.example' },
  ...{ description: 'Mine.', tools: [], files: [{ path: 'onnx/model.onnx' }] },
};

test('a catalogue beside the built-in one adds to it, and takes the place of what has its id', () => {
  const ids = catalogue(own([entry, { ...entry, id: 'clip-vit-base-patch32' }])).map((one) => [one.id, one.repo]);
  expect(ids.slice(0, 2)).toEqual([
    ['mine', 'org/mine'],
    ['clip-vit-base-patch32', 'org/mine'],
  ]);
  expect(ids).toHaveLength(catalogue().length + 1);
});

test.each([
  ['an address in place of a repository', { repo: 'https://a.example/x' }, /0\.repo: org\/name/],
  ['a way out of the folder', { files: [{ path: '../../etc/passwd' }] }, /0\.files\.0\.path: a path within/],
  ['a hidden file', { files: [{ path: 'onnx/.ssh' }] }, /0\.files\.0\.path/],
  ['an absolute path', { files: [{ path: '/etc/passwd' }] }, /0\.files\.0\.path/],
  ['a revision that is a path', { revision: '../main' }, /0\.revision/],
  ['no files', { files: [] }, /0\.files/],
  ['a short hash', { files: [{ path: 'a', sha256: 'abc' }] }, /0\.files\.0\.sha256: 64 hex digits/],
  ['an engine that nobody has', { engine: 'sam' }, /0\.engine/],
])('%s is refused by name', (_, change, words) => {
  expect(() => catalogue(own([{ ...entry, ...change }]))).toThrow(words);
});

test('a catalogue that is not there, or has an id twice', () => {
  expect(() => catalogue(join(dir, 'none.yaml'))).toThrow(/none.yaml cannot be read/);
  expect(() => catalogue(own([entry, entry]))).toThrow(/has "mine" twice/);
});
