/** A training recipe by its path, or by the name of one that Cota comes with. */
import { readFileSync } from 'node:fs';
import { CotaError } from '../../../shared/errors.ts';
import { parseTrainRecipe } from '../../../shared/train/parse-recipe.ts';
import type { TrainRecipe } from '../../../shared/train/recipe.ts';
import { loadTrainRecipes } from '../../../shared/train/recipes.ts';
import { fromHere, given } from '../../stack/settings.ts';
import { UserError } from '../../user-error.ts';
import { nearest } from '../nearest.ts';

export interface TrainRecipeFile {
  readonly recipe: TrainRecipe;
  /** Its text; undefined for one that Cota comes with, which the cluster knows by its name. */
  readonly text: string | undefined;
}

export const knownRecipes = (): readonly TrainRecipe[] => loadTrainRecipes(given('COTA_TRAIN_RECIPES')).all;

/** @throws UserError that says what is wrong, and where */
export function readTrainRecipe(word: string): TrainRecipeFile {
  const known = knownRecipes();
  const shipped = known.find(({ name }) => name === word);
  if (shipped) return { recipe: shipped, text: undefined };
  let text: string;
  try {
    text = readFileSync(fromHere(word), 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EISDIR') throw new UserError(`${word} is a folder: name the recipe in it`);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw new UserError(`cannot read ${word}: ${message}`);
    const names = known.map(({ name }) => name);
    const commands = ['recipes', 'list', 'show', 'events', 'cancel', 'pause', 'resume', 'logs', 'download', 'remove'];
    const meant = nearest(word, [...names, ...commands]);
    const hint = meant === undefined ? `there are ${names.join(', ')}` : `did you mean ${meant}?`;
    throw new UserError(`there is no recipe and no command ${word}: ${hint}`);
  }
  try {
    return { recipe: parseTrainRecipe(text), text };
  } catch (error) {
    if (!(error instanceof CotaError)) throw error;
    const at =
      error.param === undefined || error.param === 'recipe' ? '' : ` (${error.param.replace(/^recipe\./, '')})`;
    throw new UserError(`${word}${at}: ${error.message.replaceAll("'recipe.", "'")}`);
  }
}
