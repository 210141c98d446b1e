import { expect, test } from 'vitest';
import { parseTrainRecipe, withHyperparameters } from './parse-recipe.ts';
import { loadTrainRecipes } from './recipes.ts';

const nano = {
  model: { hidden_size: 192, intermediate_size: 512, num_hidden_layers: 5, num_attention_heads: 6 },
  ...{ lr: 0.002, batch_tokens: 6_144, longest: 1_280 },
  stages: [{ name: 'all', tokens: 1_000, mix: [{ shards: ['chains/train-*'], share: 1 }] }],
};
const own = { name: 'own', base: 'own', trainer: { kind: 'nano' }, nano };
const command = {
  ...{ name: 'sft', base: 'vlm', trainer: { kind: 'command', command: ['python3'] }, data: { export: 'trl' } },
  hyperparameters: { learning_rate: 1e-5, batch_size: 8, max_length: 8_192 },
};

test('the recipes that Cota comes with can be read', () => {
  expect(() => loadTrainRecipes(undefined)).not.toThrow();
});

test.each([
  [{ ...own, nano: undefined }, 'recipe.nano'],
  [
    { ...own, nano: { ...nano, stages: [{ ...nano.stages[0], mix: [{ shards: ['../x'], share: 1 }] }] } },
    'recipe.nano.stages[0].mix[0].shards[0]',
  ],
  [{ ...own, nano: { ...nano, model: { ...nano.model, num_attention_heads: 5 } } }, 'recipe.nano.model.hidden_size'],
  [
    { ...own, nano: { ...nano, model: { ...nano.model, num_key_value_heads: 4 } } },
    'recipe.nano.model.num_key_value_heads',
  ],
  [
    { ...own, nano: { ...nano, model: { ...nano.model, num_key_value_heads: 2 }, look_back: [1, 1, 2] } },
    'recipe.nano.look_back',
  ],
  [{ ...own, nano: { ...nano, longest: 4_096 } }, 'recipe.nano.longest'],
  [{ ...own, nano: { ...nano, micro_tokens: 6_145 } }, 'recipe.nano.micro_tokens'],
  [{ ...own, nano: { ...nano, learning_rate: 1 } }, 'recipe.nano.learning_rate'],
  [{ ...command, nano }, 'recipe.nano'],
  [{ ...command, data: {} }, 'recipe.data.export'],
  [{ ...command, base: 'a:b' }, 'recipe.base'],
])('a fault is told with its place: %#', (given, param) => {
  expect(() => parseTrainRecipe(given)).toThrow(expect.objectContaining({ param }));
});

test('what a request asks for stands over the recipe; auto leaves it', () => {
  const asked = { n_epochs: 'auto', batch_size: 4, learning_rate_multiplier: 2 } as const;
  const changed = withHyperparameters(parseTrainRecipe(command), asked, 'hyperparameters', 9);
  expect(changed).toMatchObject({
    seed: 9,
    hyperparameters: { learning_rate: 2e-5, batch_size: 4, max_length: 8_192 },
  });
  const small = withHyperparameters(
    parseTrainRecipe(own),
    { learning_rate_multiplier: 0.5 },
    'hyperparameters',
    undefined,
  );
  expect(small).toMatchObject({ seed: 1, nano: { lr: 0.001 } });
});
