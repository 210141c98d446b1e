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

test.each([
  ['mcp: { a: {} }', 'mcp.a: give either `command` (a program) or `url` (a server at an address)'],
  ['mcp: { a: { command: x, url: "https://x.example" } }', 'mcp.a: give either'],
  ['mcp: { a: npx }', 'mcp.a: give either'],
  ['mcp: { a: { command: x, args: y } }', 'mcp.a.args: Invalid input: expected array'],
  ['mcp: { a: { url: "ftp://x" } }', 'mcp.a.url: an http or https URL'],
  ['mcp: { a: { command: x, timeout: 5 } }', 'mcp.a: Unrecognized key: "timeout"'],
  ['mcp: { "a b": { command: x } }', 'mcp.a b'],
  ['tool: []', 'Unrecognized key: "tool"'],
])('%s is refused by the name of what is wrong', (text, words) => {
  expect(() => load(text)).toThrow(words);
});
