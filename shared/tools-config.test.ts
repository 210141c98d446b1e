import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadToolsConfig } from './tools-config.ts';

const dir = mkdtempSync(join(tmpdir(), 'cota-tools-config-'));
afterAll(() => rmSync(dir, { recursive: true }));

function load(text: string): ReturnType<typeof loadToolsConfig> {
  const path = join(dir, 'tools.yaml');
  writeFileSync(path, text);
  return loadToolsConfig(path);
}

test('servers of both kinds, and what is left out', () => {
  const { mcp } = load('mcp: { a: { command: npx }, b: { url: "https://x.example/mcp", timeout_s: 5 } }');
  expect(mcp.a).toMatchObject({ command: 'npx', args: [], env: {}, prefix: '', timeout_s: 60, concurrency: 8 });
  expect(mcp.b).toMatchObject({ url: 'https://x.example/mcp', timeout_s: 5, headers: {} });
});

test('a field may stand without its neighbours', () => {
  expect(load('knowledge: { contact: ops@example.org }').knowledge).toEqual({
    ...{ base: 'wikipedia', language: 'en', contact: 'ops@example.org' },
  });
  expect(load('engines: { weights: { depth: other } }').engines.weights).toEqual({ depth: 'other' });
});

test.each([
  ['mcp: { a: {} }', 'mcp.a: give either `command` (a program) or `url` (a server at an address)'],
  ['mcp: { a: { command: x, url: "https://x.example" } }', 'mcp.a: give either'],
  ['mcp: { a: npx }', 'mcp.a: give either'],
  ['mcp: { a: { command: x, args: y } }', 'mcp.a.args: expected array, received string'],
  ['mcp: { a: { url: "ftp://x" } }', 'mcp.a.url: an http or https URL'],
  ['mcp: { a: { command: x, timeout: 5 } }', 'mcp.a.timeout: there is no such field'],
  ['mcp: { "a b": { command: x } }', 'mcp.a b: a name of 1 to 40 letters'],
  ['knowledge: { base: local }', 'knowledge.path: is missing'],
  ['knowledge: { base: google }', 'knowledge.base: wikipedia, local or none'],
  ['engines: { ocr: nope }', 'engines.ocr: expected one of "ppocr"|"tesseract"|"vlm"'],
  ['tool: []', 'tool: there is no such field'],
])('%s is refused by the name of what is wrong', (text, words) => {
  expect(() => load(text)).toThrow(words);
});
