import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadModels } from '../shared/models.ts';
import { RUNBOOK, settingsTable, withTable } from './settings-table.ts';

test('the runbook has every setting with its default (else: node infra/settings-table.ts)', () => {
  const page = readFileSync(RUNBOOK, 'utf8');
  expect(withTable(page)).toBe(page);
  const source = readFileSync(new URL('../shared/env.ts', import.meta.url), 'utf8');
  const names = [...source.matchAll(/^ {2}(COTA_\w+):/gm)].map((match) => match[1] ?? '');
  expect(names.length).toBeGreaterThan(40);
  for (const name of names) expect(settingsTable()).toContain(`| \`${name}\` |`);
});

test('models.yaml is right as it stands', () => {
  const path = new URL('../models.yaml', import.meta.url).pathname;
  expect(loadModels(path)).toMatchObject({ default: 'cota-nano', ids: ['cota-nano'] });
});

test.each(['models.yaml', 'docs/models.md'])('every example of %s can be read', (file) => {
  const text = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
  const examples = file.endsWith('.md') ? examplesOfPage(text) : [uncommented(text)];
  const dir = mkdtempSync(join(tmpdir(), 'cota-models-'));
  const ids = examples.flatMap((example) => {
    writeFileSync(join(dir, 'models.yaml'), example);
    return loadModels(join(dir, 'models.yaml')).ids;
  });
  expect(ids.length).toBeGreaterThanOrEqual(3);
  rmSync(dir, { recursive: true });
});

/** Entries that stand in comments, as if somebody had removed the signs: prose has one blank behind its sign. */
const uncommented = (text: string): string => text.replace(/^ {2}#(?=\S| {2})/gm, '  ');

/** Each yaml block: a whole file, or an entry that belongs under `models:`. */
function examplesOfPage(text: string): string[] {
  return [...text.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, block = '']) => {
    return /^models:/m.test(block) ? block : `models:\n${block.replace(/^(?=.)/gm, '  ')}`;
  });
}
