/** The table of recipe fields in docs/data.md, against the schema; and the recipes that Cota comes with. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { parseRecipe } from './parse-recipe.ts';
import { recipe } from './recipe.ts';

const at = (path: string): URL => new URL(`../../${path}`, import.meta.url);

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly type?: string;
  readonly default?: unknown;
}

/** Path of each field -> its default as text, where it is more than nothing. */
function fieldsOf(schema: Schema, path: string): [string, string][] {
  if (schema.anyOf?.some((option) => option.properties))
    return schema.anyOf.flatMap((option) => fieldsOf(option, path));
  if (schema.items?.properties) return fieldsOf(schema.items, `${path}[]`);
  if (schema.properties && Object.keys(schema.properties).length > 0) {
    return Object.entries(schema.properties).flatMap(([name, inner]) =>
      fieldsOf(inner, path ? `${path}.${name}` : name),
    );
  }
  const shown = schema.default === undefined ? '' : JSON.stringify(schema.default).replaceAll('"', '');
  return [[path, shown === '[]' ? '' : shown]];
}

test('docs/data.md has every field of a recipe with its default, and no other', () => {
  const fields = new Map(fieldsOf(z.toJSONSchema(recipe, { io: 'input' }) as Schema, ''));
  expect(fields.size).toBeGreaterThan(60);
  const section = /^## Recipes\n([\s\S]*?)^## /m.exec(readFileSync(at('docs/data.md'), 'utf8'))?.[1] ?? '';
  const rows = [...section.matchAll(/^\| `([^`]+)` \| *(?:`([^`]*)`)? *\|/gm)];
  const table = new Map(rows.map(([, name = '', value = '']) => [name, value]));
  expect(Object.fromEntries(table)).toEqual(Object.fromEntries(fields));
});

test.each(readdirSync(at('workers/data/recipes')).filter((file) => file.endsWith('.yaml')))(
  'the recipe %s is right as it stands',
  (file) => {
    const text = readFileSync(at(`workers/data/recipes/${file}`), 'utf8');
    const parsed = parseRecipe(text);
    expect(parsed.name).toBe(file.replace('.yaml', ''));
    // `cota data recipes` shows its first sentence.
    expect(text).toMatch(/^# \S/);
  },
);
