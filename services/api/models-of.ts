/** The models that a request may name. */

import { modelsFor } from '../../shared/models/trained-view.ts';
import type { Models } from '../../shared/models.ts';
import type { ApiParts } from './http.ts';

/** @param named what the request calls its model: one that was registered a moment ago, elsewhere, is there too */
export async function modelsOf(
  tenant: string,
  { models, trainedView }: Pick<ApiParts, 'models' | 'trainedView'>,
  ...named: readonly unknown[]
): Promise<Models> {
  for (const id of named) if (typeof id === 'string') await trainedView.look(id);
  return modelsFor(models, trainedView, tenant);
}
