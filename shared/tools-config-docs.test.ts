/** The table of docs/tools.md and tools.yaml itself, against the schema. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { loadToolsConfig, toolsFile } from './tools-config.ts';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly const?: unknown;
  readonly default?: unknown;
}

/** Path of each field -> its default as text, where it is more than nothing. */
function fieldsOf(schema: Schema, path: string): [string, string][] {
  const options = schema.anyOf ?? schema.oneOf;
  if (options) return options.flatMap((option) => fieldsOf(option, path));
  if (schema.properties) {
    return Object.entries(schema.properties).flatMap(([name, inner]) =>
      fieldsOf(inner, path ? `${path}.${name}` : name),
    );
  }
  const values = schema.additionalProperties;
  if (typeof values === 'object' && (values.anyOf ?? values.properties)) return fieldsOf(values, `${path}.NAME`);
  const shown = typeof schema.default === 'object' ? '' : String(schema.default ?? '');
  return [[path, shown]];
}

test('docs/tools.md has every field of tools.yaml with its default, and no other', () => {
  const schema = z.toJSONSchema(toolsFile, { io: 'input' }) as Schema;
  const fields = new Map(fieldsOf(schema, ''));
  fields.set('knowledge.base', loadToolsConfig('/nowhere').knowledge.base);
  expect(fields.size).toBeGreaterThan(20);
  const section = /^## tools\.yaml\n([\s\S]*?)^## /m.exec(read('docs/tools.md'))?.[1] ?? '';
  const rows = [...section.matchAll(/^\| `([^`]+)` \| *(?:`([^`]*)`)? *\|/gm)];
  const table = new Map(rows.map(([, name = '', value = '']) => [name, value]));
  expect(Object.fromEntries(table)).toEqual(Object.fromEntries(fields));
});

test('tools.yaml is right as it stands, and with its comments taken away', () => {
  const path = new URL('../tools.yaml', import.meta.url).pathname;
  const { resolve: _, ...defaults } = loadToolsConfig('/nowhere');
  expect(loadToolsConfig(path)).toMatchObject(defaults);
  const dir = mkdtempSync(join(tmpdir(), 'cota-tools-yaml-'));
  // Prose is a sentence; an example is `# name:` or deeper.
  const bare = read('tools.yaml').replace(/^# (?=(?: {2,}|[a-z_]+:(?:\s|$)))/gm, '');
  writeFileSync(join(dir, 'tools.yaml'), bare);
  const examples = loadToolsConfig(join(dir, 'tools.yaml'));
  expect(examples.engines.weights.clip).toBe('clip-vit-base-patch32-q8');
  expect(examples.mcp.files).toMatchObject({ command: 'npx', tools: ['read_text_file', 'list_directory'] });
  expect(examples.knowledge).toMatchObject({ base: 'wikipedia', contact: 'you@example.org' });
  rmSync(dir, { recursive: true });
});
