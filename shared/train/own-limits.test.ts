import { describe, expect, it } from 'vitest';
import { assertModest, parametersOf } from './own-limits.ts';
import { type TrainRecipe, trainRecipe } from './recipe.ts';
import { loadTrainRecipes } from './recipes.ts';

const given = (nano: object = {}, more: object = {}): TrainRecipe =>
  trainRecipe.parse({
    ...{ name: 'own', base: 'own', trainer: { kind: 'nano' }, ...more },
    nano: {
      model: { hidden_size: 64, intermediate_size: 128, num_hidden_layers: 2, num_attention_heads: 2 },
      ...{ lr: 0.001, batch_tokens: 1_024, longest: 512 },
      stages: [{ name: 'a', tokens: 1_000, mix: [{ shards: ['chains/train-*'], share: 1 }] }],
      ...nano,
    },
  });
const stage = (tokens: number) => ({ name: `s${tokens}`, tokens, mix: [{ shards: ['x'], share: 1 }] });
const drill = { name: 'd', rows: [1, 3], questions: 1 };

describe('a recipe of a request', () => {
  it('passes with what cota-nano takes', () => {
    const nano = loadTrainRecipes(undefined).all.find(({ name }) => name === 'nano') as TrainRecipe;
    assertModest(nano);
    assertModest(given());
    expect(parametersOf(nano)).toBeGreaterThan(3_000_000);
  });

  it.each([
    ['processes', given({}, { processes: 64 })],
    [
      'nano.model',
      given({
        model: { hidden_size: 4_096, intermediate_size: 16_384, num_hidden_layers: 64, num_attention_heads: 64 },
      }),
    ],
    ['nano.longest', given({ longest: 65_536 })],
    ['nano.batch_tokens', given({ batch_tokens: 10 ** 9 })],
    ['nano.stages', given({ stages: [stage(600_000_000), stage(600_000_001)] })],
    ['nano.data.drills', given({ data: { drills: [{ ...drill, examples: 10 ** 9 }] } })],
    ['nano.data.drills', given({ data: { drills: [{ ...drill, examples: 1, rows: [1, 10 ** 6] }] } })],
    ['nano.data.shard', given({ data: { shard: 1 } })],
  ])('is told that %s asks for too much', (param, recipe) => {
    expect(() => assertModest(recipe)).toThrow(`recipe.${param} asks for`);
  });

  it('is told of a slip in its data before anything runs', () => {
    expect(() => given({ data: { drils: [] } })).toThrow('drils');
    expect(() => given({ data: { drills: [{ ...drill, examples: 1, rows: [5, 2] }] } })).toThrow('fewest');
  });
});
