/** The worlds that programs make chains of. A new world is a file and a line here. */

import type { ProgramSource } from '../../../shared/data/recipe/program.ts';
import type { Recipe } from '../../../shared/data/recipe.ts';
import { CotaError } from '../../../shared/errors.ts';
import type { JobView } from '../factory/stage.ts';
import { annotatedWorld } from './objects/import/annotations.ts';
import { objectWorld } from './objects/world.ts';
import { textWorld } from './texts/world.ts';
import type { World } from './world.ts';

/** Worlds whose scenes are our own. */
export const WORLDS: readonly World[] = [textWorld, objectWorld];

/**
 * The worlds of a source.
 * @throws CotaError where its annotation files cannot be read
 */
export async function worldsOf(source: ProgramSource, job: JobView): Promise<readonly World[]> {
  return source.annotations ? [(await annotatedWorld(source.annotations, job)).world] : WORLDS;
}

/** Records of a source's annotation files by what became of them: `pictures`, and reasons why others were left out. */
export async function annotationCounts(
  { annotations }: ProgramSource,
  job: JobView,
): Promise<Readonly<Record<string, number>> | undefined> {
  return annotations && (await annotatedWorld(annotations, job)).counts;
}

/**
 * Families of some worlds with the shares that a recipe gives them.
 * @throws CotaError for a family that there is none of, and where no share is above 0
 */
export function familyShares(source: string, shares: ProgramSource['families'], worlds: readonly World[]) {
  const all = worlds.flatMap((world) => world.families);
  if (!shares) return Object.fromEntries(all.map((family) => [family, 1]));
  for (const family of Object.keys(shares))
    if (!all.includes(family))
      throw new CotaError(
        'invalid_request',
        `Source ${source} asks for the question family ${JSON.stringify(family)}, which there is none of: choose from ${all.join(', ')}.`,
        { param: 'sources' },
      );
  const some = Object.fromEntries(Object.entries(shares).filter(([, share]) => share > 0));
  if (Object.keys(some).length === 0)
    throw new CotaError('invalid_request', `Source ${source} gives no question family a share above 0.`, {
      param: 'sources',
    });
  return some;
}

/** What can be said of a recipe's families without its inputs. @throws CotaError for one that there is none of */
export function checkFamilies({ sources }: Pick<Recipe, 'sources'>): void {
  for (const { name, program } of sources)
    if (program && !program.annotations) familyShares(name, program.families, WORLDS);
}
