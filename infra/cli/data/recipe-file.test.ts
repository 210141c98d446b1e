import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { UserError } from '../../user-error.ts';
import { describeRecipe } from './describe.ts';
import { localInputs } from './inputs.ts';
import { readRecipe, shippedRecipes } from './recipe-file.ts';
import { check } from './run.ts';

const dir = mkdtempSync(join(tmpdir(), 'cota-recipe-'));
afterAll(() => rmSync(dir, { recursive: true }));
const file = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};
const plain = file(
  'plain.yaml',
  'name: plain\nseed: 1\nsources:\n  - {name: a, program: {chains: 10}}\n  - {name: b, chains: b.jsonl}\n',
);

test('--set puts values in by number and by name, and makes sections that are not there', () => {
  const { recipe } = readRecipe(plain, [
    'seed=7',
    'sources.a.program.chains=20',
    'sources[1].chains=other.jsonl',
    'filter.max_tokens=100',
    'mix.parts=[{name: all}]',
    'mix.parts.0.rows=5',
  ]);
  expect(recipe).toMatchObject({
    seed: 7,
    sources: [{ program: { chains: 20 } }, { chains: 'other.jsonl' }],
    filter: { max_tokens: 100 },
    mix: { parts: [{ rows: 5 }] },
  });
});

test.each([
  ['seed', 'takes KEY=VALUE'],
  ['sources.c.chains=x', 'the list has no "c"; it has a, b'],
  ['sources.9.chains=x', 'the list has no "9"'],
  ['name.first=x', 'nothing in the recipe that "first"'],
  ['__proto__.seed=1', 'nothing in the recipe'],
  ['seed=x', '(seed)'],
  ['sources.a.program.chains=0', "'sources[0].program.chains' is too small"],
  ['sauces=1', "Unknown parameter: 'sauces'"],
])('--set %s is refused: %s', (set, words) => {
  expect(() => readRecipe(plain, [set])).toThrow(words);
});

test('what is no recipe is told with its place', () => {
  expect(() => readRecipe(file('broken.yaml', 'name: [\n'), [])).toThrow(/not valid YAML: .* \(line 2, column 1\)/);
  expect(() => readRecipe(file('list.yaml', '- a\n'), [])).toThrow('no list of fields');
  expect(() => readRecipe(dir, [])).toThrow('is a folder');
  expect(() => readRecipe('dmo', [])).toThrow('did you mean demo?');
  expect(() => readRecipe('/nowhere/at-all.yaml', [])).toThrow('cota data recipes');
});

test('inputs are looked for here and beside the recipe; one that is missing is named with its field', () => {
  expect(() => localInputs(readRecipe(plain, []))).toThrow(/sources\[1\]\.chains: there is no file b\.jsonl/);
  file('b.jsonl', '{}\n');
  expect(localInputs(readRecipe(plain, []))).toEqual([{ name: 'b.jsonl', path: join(dir, 'b.jsonl'), bytes: 3 }]);
  const uploaded = readRecipe(plain, ['sources.b.chains=file-01j00000000000000000000000']);
  expect(localInputs(uploaded)).toEqual([]);
});

test('every recipe that Cota comes with is found by its name and described', () => {
  const names = shippedRecipes().map(({ name }) => name);
  expect(names).toContain('demo');
  for (const name of names) {
    const { recipe } = readRecipe(name, []);
    expect(describeRecipe(recipe).length).toBeGreaterThanOrEqual(recipe.sources.length);
  }
});

test('what a shipped recipe is ends with its sentence, not within a ratio', () => {
  const about = new Map(shippedRecipes().map((recipe) => [recipe.name, recipe.about]));
  expect(about.get('program-25')).toMatch(/1 : 0\.25 \(366K\)/);
  expect(about.get('cota-293k')).toBe("TACO's best mixture");
});

test('a family that there is none of is told by `check`, without a cluster', async () => {
  const path = file(
    'families.yaml',
    'name: x\nseed: 1\nsources: [{name: a, program: {chains: 10, families: {sumz: 1}}}]\n',
  );
  const args = { operands: [path], texts: () => [], flag: () => false } as unknown as Parameters<typeof check.run>[0];
  await expect(check.run(args)).rejects.toThrow(/Source a asks for the question family "sumz".*choose from .*sums/);
  await expect(check.run(args)).rejects.toBeInstanceOf(UserError);
});
