import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadModels } from './models.ts';

const dir = mkdtempSync(join(tmpdir(), 'cota-models-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function versionOf(change: object): string | undefined {
  const path = join(dir, 'models.yaml');
  const entry = { backend: 'openai', base_url: 'http://one/v1', dialect: 'taco', ...change };
  writeFileSync(path, JSON.stringify({ models: { m: entry } }));
  return loadModels(path).get('m')?.version;
}

test('the version names the prompt texts and changes with what a worker makes of a turn', () => {
  const version = versionOf({});
  expect(version).toMatch(/^taco-1-[0-9a-f]{12}$/);
  expect(versionOf({ dialect: 'nano' })).toMatch(/^nano-2-/);
  for (const change of [
    { base_url: 'http://two/v1' },
    { model: 'x' },
    { max_pixels: 5_000 },
    { extra_body: { k: 1 } },
  ]) {
    expect(versionOf(change), JSON.stringify(change)).not.toBe(version);
  }
});

test('how a worker is run, and what each run pins by value, is no other version', () => {
  const version = versionOf({});
  for (const change of [
    ...[{ concurrency: 3 }, { limits: { concurrency: 2 } }, { description: 'said better' }, { token_timeout_s: 9 }],
    ...[{ temperature: 1 }, { max_turn_tokens: 9 }, { tools: ['OCR'] }, { prompt: 'short' }],
  ]) {
    expect(versionOf(change), JSON.stringify(change)).toBe(version);
  }
});
