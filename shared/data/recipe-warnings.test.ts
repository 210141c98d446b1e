import { expect, test } from 'vitest';
import { recipe } from './recipe.ts';
import { recipeWarnings } from './recipe-warnings.ts';

const asking = (model: object) =>
  recipe.parse({
    ...{ name: 'r', seed: 1 },
    sources: [
      { name: 'bench', model: { file: 'q.tsv', layout: 'vlmevalkit', model: 'm', licence: 'MIT', ...model } },
      { name: 'own', program: { chains: 1 } },
    ],
  });

test('several samples at temperature 0 are told, others are not', () => {
  expect(recipeWarnings(asking({ samples: 4, temperature: 0 }))).toEqual([
    expect.stringContaining('sources.bench.model.temperature'),
  ]);
  expect(recipeWarnings(asking({ samples: 4 }), () => 0)[0]).toContain('the temperature of m is 0');
  expect(recipeWarnings(asking({ samples: 4 }))[0]).toContain('where models.yaml names none');
  expect(recipeWarnings(asking({ samples: 4 }), () => 0.7)).toEqual([]);
  expect(recipeWarnings(asking({ samples: 4, temperature: 0.7 }), () => 0)).toEqual([]);
  expect(recipeWarnings(asking({ samples: 1, temperature: 0 }))).toEqual([]);
});
