/** How each recipe of a big model is tried on the CPU. What is not named here runs as the recipe says. */
import { join } from 'node:path';
import type { TrainRecipe } from '../../shared/train/recipe.ts';
import type { Trainer } from './venvs.ts';

/** Of a picture, in training and as a model worker sends it. */
export const PIXELS = 25_600;
const CPU_LAUNCHER = join(import.meta.dirname, 'llamafactory_cpu.py');

export interface Trial {
  readonly trainer: Trainer;
  /** Name of the tiny checkpoint in tiny.py. */
  readonly family: string;
  /** In place of FlashAttention, which needs a GPU. */
  readonly attention: string;
  /** Arguments that tell it to do without a GPU. */
  readonly more?: readonly string[];
}

export const TRIALS: Readonly<Record<string, Trial>> = {
  'mantis-8b-siglip': { trainer: 'trl', family: 'mantis-siglip', attention: 'sdpa' },
  'mantis-8b-clip': { trainer: 'trl', family: 'mantis-clip', attention: 'sdpa' },
  'llava-onevision-7b': { trainer: 'trl', family: 'llava-onevision', attention: 'sdpa' },
  'qwen3-vl-4b': { trainer: 'ms-swift', family: 'qwen3-vl', attention: 'sdpa', more: ['--use_cpu=true'] },
  'qwen3-vl-8b': { trainer: 'llamafactory', family: 'qwen3-vl', attention: 'sdpa', more: ['use_cpu=true'] },
};

/**
 * The recipe as it is tried: another model, fewer examples a step, and a rate at which a random model of this size
 * learns something in so few steps.
 */
export function asTried(
  recipe: TrainRecipe,
  { attention, more = [] }: Trial,
  model: string,
  epochs: number,
): TrainRecipe {
  const changed = {
    ...{ attention, n_epochs: epochs, batch_size: 4, learning_rate: 2e-3, save_steps: 4 },
    // Small, so that few tokens stand for a picture of Qwen3-VL, and each is scaled down.
    image_max_pixels: PIXELS,
    ...('vision_learning_rate' in recipe.hyperparameters ? { vision_learning_rate: 4e-4 } : {}),
    ...('preprocessing_workers' in recipe.hyperparameters ? { preprocessing_workers: 1 } : {}),
  };
  const { trainer } = recipe;
  const told = trainer.kind === 'command' ? { ...trainer, command: [...onCpu(trainer.command), ...more] } : trainer;
  const hyperparameters = { ...recipe.hyperparameters, ...changed };
  return { ...recipe, model, processes: 2, trainer: told, hyperparameters };
}

/** LLaMA-Factory has no place of its own for what DeepSpeed needs where there is no GPU. */
function onCpu(command: readonly string[]): string[] {
  const at = command.indexOf('llamafactory.launcher');
  return at < 0 ? [...command] : [...command.slice(0, at - 1), CPU_LAUNCHER, ...command.slice(at + 1)];
}
