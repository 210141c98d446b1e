/** Placeholders of a command recipe, and how a trainer is started from them. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { trainerEnv } from '../../shared/env.ts';
import { CotaError } from '../../shared/errors.ts';
import type { TrainRecipe } from '../../shared/train/recipe.ts';

export interface Places {
  readonly python: string;
  readonly data: string;
  readonly out: string;
  readonly config: string;
}

/** Folder of the recipes that Cota comes with, for files beside them. */
const RECIPES = join(import.meta.dirname, 'recipes');

type Values = Readonly<Record<string, string | number | boolean>>;

/**
 * Examples that a process adds up before a step, for trainers that count so: `batch_size` over processes and
 * `micro_batch_size`. @throws CotaError where they do not divide, and the recipe asks for it
 */
function accumulationOf({ hyperparameters, processes, trainer }: TrainRecipe): Values {
  const { batch_size: batch, micro_batch_size: micro = 1 } = hyperparameters;
  if (batch === undefined || typeof micro !== 'number') return {};
  const accumulation = batch / (micro * processes);
  if (Number.isInteger(accumulation) && accumulation > 0) return { accumulation };
  if (!JSON.stringify(trainer).includes('{accumulation}')) return {};
  const words = `A batch_size of ${batch} cannot be cut into ${processes} processes of ${micro} (micro_batch_size): make it a multiple of ${processes * micro}.`;
  throw new CotaError('invalid_value', words, { param: 'recipe.hyperparameters.batch_size' });
}

/** What a command may name in braces: places, and the hyperparameters of its recipe by their names. */
export function placeholders(recipe: TrainRecipe, places: Places, checkpoint?: string): Values {
  const { n_epochs, ...hyperparameters } = recipe.hyperparameters;
  const given = Object.entries({ ...hyperparameters, n_epochs, epochs: n_epochs });
  const { config, data, out, python } = places;
  return {
    ...accumulationOf(recipe),
    ...Object.fromEntries(given.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
    ...{
      python,
      data,
      out,
      config,
      recipes: RECIPES,
      processes: recipe.processes,
      seed: recipe.seed,
      name: recipe.name,
      base: recipe.base,
    },
    ...(recipe.model === undefined ? {} : { model: recipe.model }),
    ...(checkpoint === undefined ? {} : { checkpoint }),
  };
}

/** @throws CotaError for a name in braces that nothing stands for */
export function filled(text: string, values: Values, at: string): string {
  return text.replace(/\{([a-z_][a-z0-9_]*)\}/g, (whole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value !== undefined) return String(value);
    const known = Object.keys(values).sort().join(', ');
    throw new CotaError('invalid_value', `${at} names ${whole}, which nothing stands for: ${known} do.`, {
      param: 'recipe.trainer',
    });
  });
}

/** The command, with what it needs to go on from a checkpoint where there is one. */
export function commandOf(recipe: TrainRecipe, places: Places, checkpoint: string | undefined): readonly string[] {
  const { trainer } = recipe;
  if (trainer.kind !== 'command') throw new TypeError('no command recipe');
  const values = placeholders(recipe, places, checkpoint);
  const resume = checkpoint === undefined ? [] : trainer.resume_arguments;
  return [
    ...trainer.command.map((one) => filled(one, values, 'trainer.command')),
    ...resume.map((one) => filled(one, values, 'trainer.resume_arguments')),
  ];
}

/** Its variables: those of the recipe, and what trainers may know of ours. */
export function trainerEnvOf(recipe: TrainRecipe, places: Places): Record<string, string> {
  const values = placeholders(recipe, places);
  const own = recipe.trainer.kind === 'command' ? Object.entries(recipe.trainer.env) : [];
  const set = own.map(([name, value]) => [name, filled(value, values, `trainer.env.${name}`)]);
  return trainerEnv({ PYTHONUNBUFFERED: '1', ...Object.fromEntries(set) });
}

/** Writes the files that the command names below {config}. */
export async function writeConfig(recipe: TrainRecipe, places: Places): Promise<void> {
  if (recipe.trainer.kind !== 'command') return;
  const values = placeholders(recipe, places);
  await mkdir(places.config, { recursive: true });
  for (const [name, content] of Object.entries(recipe.trainer.files)) {
    const at = `trainer.files.${name}`;
    const text =
      typeof content === 'string'
        ? filled(content, values, at)
        : `${JSON.stringify(deeply(content, values, at), null, 2)}\n`;
    const path = join(places.config, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}

/** A string that is nothing but a placeholder becomes its value, so that numbers stay numbers. */
function deeply(value: unknown, values: Values, at: string): unknown {
  if (typeof value === 'string') {
    const [, only] = /^\{([a-z_][a-z0-9_]*)\}$/.exec(value) ?? [];
    return only !== undefined && Object.hasOwn(values, only) ? values[only] : filled(value, values, at);
  }
  if (Array.isArray(value)) return value.map((one) => deeply(one, values, at));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, deeply(one, values, at)]));
}
