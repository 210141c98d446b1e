/** What a recipe asks for that it can have, and that is hardly what was meant. */
import type { Recipe } from './recipe.ts';

/**
 * @param temperatureOf what models.yaml gives a model by default; undefined where that is not known here
 * @returns a sentence each
 */
export function recipeWarnings(
  { sources }: Recipe,
  temperatureOf: (model: string) => number | undefined = () => undefined,
): string[] {
  return sources.flatMap(({ name, model }) => {
    if (!model || model.samples === 1) return [];
    const known = model.temperature ?? temperatureOf(model.model);
    if (known !== undefined && known > 0) return [];
    const why =
      known === undefined
        ? `no temperature is given, and that of ${model.model} is 0 where models.yaml names none`
        : `the temperature of ${model.model} is 0`;
    return [
      `Source ${name} asks each question ${model.samples} times, and ${why}: the answers will be the same. Set sources.${name}.model.temperature, to 0.7 say.`,
    ];
  });
}
