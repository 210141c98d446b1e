/** A recipe by its path, or by the name of one that Cota comes with; with what `--set` changes of it. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parse } from 'yaml';
import { parseRecipe } from '../../../shared/data/parse-recipe.ts';
import type { Recipe } from '../../../shared/data/recipe.ts';
import { CotaError } from '../../../shared/errors.ts';
import { fromHere, ROOT } from '../../stack/settings.ts';
import { UserError } from '../../user-error.ts';
import { nearest } from '../nearest.ts';

const SHIPPED = join(ROOT, 'workers/data/recipes');
const ENDING = /\.ya?ml$/;

export interface RecipeFile {
  readonly recipe: Recipe;
  /** Where it lies. */
  readonly path: string;
}

export interface ShippedRecipe {
  readonly name: string;
  /** The first sentence of the comment that the file begins with. */
  readonly about: string;
}

/** Recipes that Cota comes with, by name. */
export function shippedRecipes(): ShippedRecipe[] {
  const files = readdirSync(SHIPPED).filter((file) => ENDING.test(file));
  return files.sort().map((file) => {
    const [comment = ''] = /^(?:#.*\n?)+/.exec(readFileSync(join(SHIPPED, file), 'utf8')) ?? [];
    return {
      name: file.replace(ENDING, ''),
      about: firstSentence(comment.replace(/^# ?/gm, '').replace(/\s+/g, ' ').trim()),
    };
  });
}

// A mark that stands alone is a ratio's: `1 : 0.5`.
const firstSentence = (text: string): string => /^.*?(?<=\S)[.:](?= |$)/.exec(text)?.[0].slice(0, -1) ?? text;

/**
 * @param word a path, or a name of `shippedRecipes`
 * @param sets each `key=value`: `seed=7`, `sources.counts.program.chains=1000`, `mix.parts.0.rows=500`
 * @throws UserError that says what is wrong, and where
 */
export function readRecipe(word: string, sets: readonly string[]): RecipeFile {
  const { text, path } = textOf(word);
  try {
    if (sets.length === 0) return { recipe: parseRecipe(text), path };
    // What is no YAML is told by the reader that knows its lines.
    const value: unknown = tryParse(text) ?? parseRecipe(text);
    for (const one of sets) assign(value, one);
    return { recipe: parseRecipe(value), path };
  } catch (error) {
    if (!(error instanceof CotaError)) throw error;
    const at =
      error.param === undefined || error.param === 'recipe' ? '' : ` (${error.param.replace(/^recipe\./, '')})`;
    throw new UserError(`${word}${at}: ${error.message.replaceAll("'recipe.", "'")}`);
  }
}

function textOf(word: string): { readonly text: string; readonly path: string } {
  const names = shippedRecipes().map(({ name }) => name);
  const path = names.includes(word) ? join(SHIPPED, `${word}.yaml`) : fromHere(word);
  try {
    return { text: readFileSync(path, 'utf8'), path };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EISDIR') throw new UserError(`${word} is a folder: name the recipe in it`);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw new UserError(`cannot read ${word}: ${message}`);
    const meant = nearest(basename(word), names);
    const hint =
      meant === undefined ? '`./cota data recipes` lists those that Cota comes with' : `did you mean ${meant}?`;
    throw new UserError(`there is no recipe ${word}: ${hint}`);
  }
}

function tryParse(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

/** Puts one value in. A word that is no field and no number names the member of a list whose `name` it is. */
function assign(target: unknown, set: string): void {
  const at = set.indexOf('=');
  const key = set.slice(0, at).trim();
  if (at < 1 || key === '') throw new UserError(`--set takes KEY=VALUE, such as seed=7, not "${set}"`);
  const value = tryParse(set.slice(at + 1));
  const words = key.split(/[.[\]]+/).filter((word) => word !== '');
  const last = words.pop() ?? '';
  let place = target;
  for (const word of words) {
    const next = memberOf(place, word, set);
    if (next.value === undefined) (place as Record<string, unknown>)[next.key] = {};
    place = memberOf(place, word, set).value;
  }
  (place as Record<string, unknown>)[memberOf(place, last, set).key] = value;
}

const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

function memberOf(place: unknown, word: string, set: string): { readonly key: string; readonly value: unknown } {
  if (typeof place !== 'object' || place === null || FORBIDDEN.has(word)) {
    throw new UserError(`--set ${set}: there is nothing in the recipe that "${word}" could be a field of`);
  }
  if (!Array.isArray(place))
    return { key: word, value: Object.hasOwn(place, word) ? Reflect.get(place, word) : undefined };
  const index = /^\d+$/.test(word)
    ? Number(word)
    : place.findIndex((one: unknown) => typeof one === 'object' && one !== null && Reflect.get(one, 'name') === word);
  if (index >= 0 && index < place.length) return { key: String(index), value: place[index] as unknown };
  const names = place.flatMap((one: unknown) => {
    const name: unknown = typeof one === 'object' && one !== null ? Reflect.get(one, 'name') : undefined;
    return typeof name === 'string' ? [name] : [];
  });
  throw new UserError(
    `--set ${set}: the list has no "${word}"; it has ${names.join(', ') || `${place.length} members`}`,
  );
}

/** Where a path of the recipe may lie: beside whoever asks, or beside the recipe. */
export const placesOf = (name: string, recipePath: string): readonly string[] => [
  fromHere(name),
  join(dirname(recipePath), name),
];
