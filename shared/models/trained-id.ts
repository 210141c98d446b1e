/**
 * Ids of models that the cluster has trained, `ft:<base>:<tenant>:<suffix or ->:<short id>`, and what follows from an id
 * alone. They all wait in one queue, so that hundreds of them cost a worker no more connections than one does; they are
 * admitted by their base, which says what serves them.
 */

const BASE = '[A-Za-z0-9][A-Za-z0-9._-]{0,63}';
const TENANT = '[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?';
const SUFFIX = '[A-Za-z0-9][A-Za-z0-9._-]{0,63}';
/** That of a checkpoint says of which step it is. */
const SHORT = '[0-9a-z]{6,12}(?::ckpt-step-[0-9]{1,9})?';
const ID = new RegExp(`^ft:(${BASE}):(${TENANT}):(?:-|${SUFFIX}):(${SHORT})$`);
const POOL = new RegExp(`^ft:${BASE}$`);

/** Stands for the models of every base, in what a worker says of itself. */
export const ALL_BASES = 'ft:*';

/** @returns undefined where it is no id of a trained model */
export function partsOfTrainedId(
  id: string,
): { readonly base: string; readonly tenant: string; readonly short: string } | undefined {
  const [, base, tenant, short] = ID.exec(id) ?? [];
  return base === undefined || tenant === undefined || short === undefined ? undefined : { base, tenant, short };
}

export const isTrainedId = (id: string): boolean => ID.test(id);

/** Stands for all models of a base where runs are admitted and counted. */
export const trainedPool = (base: string): string => `ft:${base}`;
/** An id of a trained model, or the name of a pool of them. Nothing else may be called so. */
export const isTrainedName = (id: string): boolean => id === ALL_BASES || ID.test(id) || POOL.test(id);

/** By what a model's runs are admitted: a trained one by its base, any other by itself. */
export function poolOfModel(id: string): string {
  const parts = partsOfTrainedId(id);
  return parts ? trainedPool(parts.base) : id;
}

/** Where its document lies: `:` stands in no store key, `=` in no id. */
export const nameOfTrainedId = (id: string): string => id.replaceAll(':', '=');
