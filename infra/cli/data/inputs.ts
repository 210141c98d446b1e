/** Files of this machine that a recipe names: found, sent to the cluster, and named by their ids from then on. */
import { createReadStream, statSync } from 'node:fs';
import type { Recipe } from '../../../shared/data/recipe.ts';
import { recipeInputs, withInputs } from '../../../shared/data/recipe-inputs.ts';
import { UserError } from '../../user-error.ts';
import { type Client, withPatience } from '../client.ts';
import type { Progress } from '../progress.ts';
import { size } from '../terminal.ts';
import { uploadFile } from '../transfer.ts';
import { placesOf, type RecipeFile } from './recipe-file.ts';

export interface LocalInput {
  /** As the recipe has it. */
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

/** Ids of files that are in the cluster already. */
const isUploaded = (name: string): boolean => /^file-[0-9a-z]{26}$/.test(name);

/** @throws UserError for what is not there, with the field that names it */
export function localInputs({ recipe, path }: RecipeFile): LocalInput[] {
  const found = new Map<string, LocalInput>();
  for (const input of recipeInputs(recipe)) {
    if (isUploaded(input.name) || found.has(input.name)) continue;
    const place = placesOf(input.name, path).find((one) => statSync(one, { throwIfNoEntry: false })?.isFile());
    if (place === undefined) {
      const words = `${input.path}: there is no file ${input.name}, neither here nor beside the recipe`;
      throw new UserError(`${words}; --set ${input.path}=PATH names another`);
    }
    const bytes = statSync(place).size;
    if (bytes === 0) throw new UserError(`${input.path}: ${input.name} is empty`);
    found.set(input.name, { name: input.name, path: place, bytes });
  }
  return [...found.values()];
}

/** @returns the recipe with ids in the place of paths, and the ids of what was sent for it */
export async function uploadInputs(
  client: Client,
  file: RecipeFile,
  progress: Progress,
): Promise<{ readonly recipe: Recipe; readonly fileIds: readonly string[] }> {
  const ids = new Map<string, string>();
  for (const { name, path, bytes } of localInputs(file)) {
    const upload = { name, size: bytes, open: () => createReadStream(path) };
    const sent = await withPatience(() =>
      uploadFile(client, upload, 'user_data', (now) =>
        progress.show(`${name}: sent ${size(now)} of ${size(bytes)}`, now / bytes),
      ),
    );
    ids.set(name, sent.id);
  }
  return { recipe: withInputs(file.recipe, (name) => ids.get(name) ?? name), fileIds: [...ids.values()] };
}
