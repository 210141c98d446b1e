import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { exportOptions } from '../../shared/data/recipe/export.ts';
import { withHyperparameters } from '../../shared/train/parse-recipe.ts';
import type { TrainRecipe } from '../../shared/train/recipe.ts';
import { loadTrainRecipes } from '../../shared/train/recipes.ts';
import { commandOf, type Places, placeholders, trainerEnvOf, writeConfig } from './command.ts';

const BIG = ['llava-onevision-7b', 'mantis-8b-clip', 'mantis-8b-siglip', 'qwen3-vl-4b', 'qwen3-vl-8b'];
const recipes = new Map(loadTrainRecipes(undefined).all.map((recipe) => [recipe.name, recipe]));
const of = (name: string): TrainRecipe => {
  const found = recipes.get(name);
  if (!found) throw new Error(`there is no recipe ${name}`);
  return found;
};

let folder: string;
let places: Places;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cota-recipes-'));
  places = { python: 'python3', data: '/data', out: '/out', config: join(folder, 'config') };
});
afterAll(() => rm(folder, { recursive: true }));

/** All that a trainer is told: its arguments, and the fields of its file. */
async function told(recipe: TrainRecipe): Promise<{ words: string[]; fields: Record<string, unknown> }> {
  await writeConfig(recipe, places);
  const file = join(places.config, 'sft.yaml');
  const hasFile = recipe.trainer.kind === 'command' && 'sft.yaml' in recipe.trainer.files;
  const words = [...commandOf(recipe, places, '/out/checkpoint-7')];
  const args = words.flatMap((word) => {
    const [, name, value] = /^--([a-z_-]+)=(.*)$/.exec(word) ?? [];
    return name === undefined ? [] : [[name.replaceAll('-', '_'), value]];
  });
  const fields: unknown = hasFile ? parse(readFileSync(file, 'utf8')) : {};
  return { words, fields: { ...Object.fromEntries(args), ...z.record(z.string(), z.unknown()).parse(fields) } };
}

/** Fields of DeepSpeed that the recipes use, and that transformers fills in where they are `auto`. */
const auto = z.literal('auto');
const deepspeed = z.strictObject({
  bf16: z.strictObject({ enabled: auto }),
  zero_optimization: z.strictObject({
    stage: z.literal(3),
    overlap_comm: z.boolean(),
    contiguous_gradients: z.boolean(),
    reduce_bucket_size: auto,
    stage3_prefetch_bucket_size: auto.optional(),
    stage3_param_persistence_threshold: auto.optional(),
    stage3_gather_16bit_weights_on_model_save: z.boolean().optional(),
  }),
  gradient_accumulation_steps: auto,
  gradient_clipping: auto,
  train_batch_size: auto,
  train_micro_batch_size_per_gpu: auto,
});

describe.each(BIG)('%s', (name) => {
  it('says what the paper trained with', async () => {
    const { fields } = await told(of(name));
    const { hyperparameters, processes } = of(name);
    const rate = Number(fields.learning_rate);
    const epochs = Number(fields.epochs ?? fields.num_train_epochs);
    const warmup = Number(fields.warmup ?? fields.warmup_steps);
    const longest = Number(fields.max_length ?? fields.cutoff_len);
    expect([rate, epochs, warmup, longest]).toEqual([1e-5, 1, 0.03, 8192]);
    const accumulation = Number(fields.gradient_accumulation_steps ?? 128 / processes);
    const micro = Number(fields.micro_batch_size ?? fields.per_device_train_batch_size);
    expect([hyperparameters.batch_size, micro * processes * accumulation]).toEqual([128, 128]);
    expect(Number(fields.save_steps)).toBe(1000);
    expect(Number(fields.weight_decay)).toBe(name === 'llava-onevision-7b' ? 0 : 0.01);
  });

  it('freezes the vision tower, or tunes it at its own rate', async () => {
    const { fields } = await told(of(name));
    if (name === 'llava-onevision-7b') {
      expect([fields.freeze, Number(fields.vision_learning_rate)]).toEqual([undefined, 2e-6]);
    } else {
      expect([fields.freeze ?? fields.freeze_vit ?? fields.freeze_vision_tower]).toEqual([
        name.startsWith('mantis') ? 'vision_tower' : name === 'qwen3-vl-4b' ? 'true' : true,
      ]);
    }
  });

  it('leaves no placeholder open, and names files that are there', async () => {
    const { words, fields } = await told(of(name));
    const all = [...words, ...Object.values(trainerEnvOf(of(name), places)), JSON.stringify(fields)];
    for (const one of all.filter((text) => text !== process.env.PATH)) expect(one).not.toMatch(/\{[a-z_]+\}/);
    const folderOfRecipes = String(placeholders(of(name), places).recipes);
    const files = all.flatMap((text) => text.split(/["=]/)).filter((text) => text.startsWith(folderOfRecipes));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect(existsSync(file), file).toBe(true);
  });

  it('goes on from a checkpoint', () => {
    const [first, again] = [commandOf(of(name), places, undefined), commandOf(of(name), places, '/out/checkpoint-7')];
    expect(again.slice(0, first.length)).toEqual(first);
    expect(again.slice(first.length).join(' ')).toMatch(/^-{0,2}resume[a-z_]*=\/out\/checkpoint-7$/);
  });

  it('learns from the text that the cluster asks the trained model with', () => {
    const { export: layout, export_options: asked } = of(name).data;
    // LLaMA-Factory's layout knows text only.
    expect(layout === 'llama-factory' || exportOptions.parse(asked).calls === 'text').toBe(true);
  });

  it('takes another rate and another batch of a job', async () => {
    const asked = { learning_rate_multiplier: 2, batch_size: 64, n_epochs: 3 } as const;
    const changed = withHyperparameters(of(name), asked, 'hyperparameters', 5);
    const { fields } = await told(changed);
    expect(Number(fields.learning_rate)).toBe(2e-5);
    expect(Number(fields.seed)).toBe(5);
    expect(Number(fields.batch_size ?? Number(fields.gradient_accumulation_steps) * 8)).toBe(64);
  });
});

it('a batch that cannot be cut into its processes is told before anything runs', () => {
  const odd = withHyperparameters(of('qwen3-vl-4b'), { batch_size: 100 }, 'hyperparameters', undefined);
  const wanted = { param: 'recipe.hyperparameters.batch_size', message: expect.stringContaining('a multiple of 8') };
  expect(() => commandOf(odd, places, undefined)).toThrow(expect.objectContaining(wanted));
});

it.each(readdirSync(join(import.meta.dirname, 'recipes/deepspeed')))('%s is a configuration of DeepSpeed', (name) => {
  const read: unknown = JSON.parse(readFileSync(join(import.meta.dirname, 'recipes/deepspeed', name), 'utf8'));
  const { zero_optimization: zero } = deepspeed.parse(read);
  expect(name).toBe(`zero${zero.stage}.json`);
  // Or the weights that are saved are cut into pieces of each process.
  expect(zero.stage === 3 ? zero.stage3_gather_16bit_weights_on_model_save : true).toBe(true);
});
