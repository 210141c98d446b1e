/** The files that a recipe names: uploaded ones by their ids; paths, as long as the command line has not uploaded them. */
import type { Recipe, Source } from './recipe.ts';

export interface RecipeInput {
  /** Where it stands: `sources[0].model.file`. */
  readonly path: string;
  readonly name: string;
}

/** All of them, in the order in which they stand; the same name may come twice. */
export function recipeInputs(recipe: Recipe): RecipeInput[] {
  const found: RecipeInput[] = [];
  withInputs(recipe, (name, path) => {
    found.push({ path, name });
    return name;
  });
  return found;
}

/** The recipe with each input's name put in by `named`. */
export function withInputs(recipe: Recipe, named: (name: string, path: string) => string): Recipe {
  const sources = recipe.sources.map((source, at) => withSource(source, `sources[${at}]`, named));
  const contamination = recipe.filter?.contamination;
  if (!recipe.filter || !contamination) return { ...recipe, sources };
  const files = contamination.files.map((name, at) => named(name, `filter.contamination.files[${at}]`));
  return { ...recipe, sources, filter: { ...recipe.filter, contamination: { ...contamination, files } } };
}

function withSource(source: Source, at: string, named: (name: string, path: string) => string): Source {
  const { model, runs, chains, program } = source;
  const annotations = program?.annotations;
  return {
    ...source,
    ...(model
      ? {
          model: {
            ...model,
            file: named(model.file, `${at}.model.file`),
            ...(model.images === undefined ? {} : { images: named(model.images, `${at}.model.images`) }),
          },
        }
      : {}),
    ...(runs?.truths === undefined ? {} : { runs: { ...runs, truths: named(runs.truths, `${at}.runs.truths`) } }),
    ...(chains === undefined ? {} : { chains: named(chains, `${at}.chains`) }),
    ...(program && annotations
      ? {
          program: {
            ...program,
            annotations: {
              ...annotations,
              files: Object.fromEntries(
                Object.entries(annotations.files).map(([key, name]) => [
                  key,
                  named(name, `${at}.program.annotations.files.${key}`),
                ]),
              ),
            },
          },
        }
      : {}),
  };
}
