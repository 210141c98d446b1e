/** The training recipes of this cluster: those that Cota comes with, and those of the operator's folder. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SettingsError } from '../env.ts';
import { CotaError } from '../errors.ts';
import type { TrainRecipes } from './create-job.ts';
import { parseTrainRecipe } from './parse-recipe.ts';
import type { TrainRecipe } from './recipe.ts';

const SHIPPED = fileURLToPath(new URL('../../workers/train/recipes/', import.meta.url));

/**
 * @param own folder of further ones; a recipe there takes the place of a shipped one of its name
 * @throws SettingsError that names the file and what is wrong in it
 */
export function loadTrainRecipes(own: string | undefined): TrainRecipes {
  const all = new Map<string, TrainRecipe>();
  for (const folder of [SHIPPED, ...(own === undefined ? [] : [own])]) {
    for (const recipe of recipesIn(folder, folder === own)) all.set(recipe.name, recipe);
  }
  return { all: [...all.values()].sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

function recipesIn(folder: string, mustBe: boolean): TrainRecipe[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  } catch {
    if (!mustBe) return [];
    throw new SettingsError(`cannot read the folder ${folder}: set COTA_TRAIN_RECIPES to a folder of recipes`);
  }
  return names.sort().map((name) => {
    const path = join(folder, name);
    try {
      return parseTrainRecipe(readFileSync(path, 'utf8'));
    } catch (error) {
      throw error instanceof CotaError ? new SettingsError(`${path}: ${error.message}`) : error;
    }
  });
}
