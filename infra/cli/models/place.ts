/** Where weights lie for whoever runs a command: in which folder, under which catalogue, and in which object store. */
import { join } from 'node:path';
import { childEnv, type Env, namedSecret, readEnv } from '../../../shared/env.ts';
import type { ObjectStore } from '../../../shared/object-store.ts';
import { type CatalogueEntry, catalogue } from '../../../shared/weights/catalogue.ts';
import { folderSource } from '../../../shared/weights/folder.ts';
import { HUB, hubSource } from '../../../shared/weights/hub.ts';
import { SourceFailed, WeightsError, type WeightsSource } from '../../../shared/weights/source.ts';
import { openWeights, type Weights } from '../../../shared/weights/weights.ts';
import { dataFolder, fromHere, given } from '../../stack/settings.ts';
import { readRunning } from '../../stack/state.ts';
import { UserError } from '../../user-error.ts';
import { type Arguments, DATA_OPTION } from '../command.ts';
import { nearest } from '../nearest.ts';

export const PLACE_OPTIONS = {
  weights: {
    value: 'DIR',
    help: 'folder of weights (default: COTA_WEIGHTS, else that of the stack, else weights in the data folder)',
  },
  ...DATA_OPTION,
} as const;
export const STORE_OPTION = { store: { help: 'the object store, instead of the folder' } } as const;

export interface Place {
  readonly env: Env;
  readonly weights: Weights;
}

/** @throws SettingsError */
export function placeOf(args: Arguments): Place {
  const data = dataFolder(args.text('data'));
  const settings = readRunning(data)?.settings ?? {};
  const flag = args.text('weights');
  const named = flag ?? given('COTA_WEIGHTS');
  const own = given('COTA_WEIGHTS_CATALOGUE');
  const env = readEnv(
    childEnv({
      COTA_STORE_ROOT:
        given('COTA_STORE_ROOT') === undefined ? join(data, 'store') : fromHere(given('COTA_STORE_ROOT') ?? ''),
      ...settings,
      COTA_WEIGHTS: named === undefined ? (settings.COTA_WEIGHTS ?? join(data, 'weights')) : fromHere(named),
      ...(own === undefined ? {} : { COTA_WEIGHTS_CATALOGUE: fromHere(own) }),
    }),
  );
  return { env, weights: openWeights(env.COTA_WEIGHTS, catalogue(env.COTA_WEIGHTS_CATALOGUE)) };
}

/** @throws UserError that says what there is */
export function entryOf({ entries }: Weights, id: string): CatalogueEntry {
  const found = entries.find((entry) => entry.id === id);
  if (found) return found;
  const ids = entries.map((entry) => entry.id);
  const meant = nearest(id, ids);
  const hint = meant === undefined ? `there are ${ids.join(', ')}` : `did you mean ${meant}?`;
  throw new UserError(`the catalogue has no weights "${id.slice(0, 80)}": ${hint}`);
}

/** @throws UserError where it cannot be opened */
export async function openStore({ env }: Place): Promise<ObjectStore> {
  // Only here: the rest of these commands need neither Redis nor S3, and start the faster without.
  const { storeConfig } = await import('../../../shared/cluster.ts');
  const { openObjectStore } = await import('../../../shared/object-store.ts');
  try {
    const objects = await openObjectStore(storeConfig(env));
    await objects.check();
    return objects;
  } catch (error) {
    throw new UserError(`the object store cannot be used: ${(error as Error).message}`, 1);
  }
}

/**
 * @param from an address, a folder, or nothing: then HF_ENDPOINT, else the hub
 * @throws UserError, WeightsError
 */
export async function sourceOf(from: string | undefined): Promise<WeightsSource> {
  const endpoint = namedSecret('HF_ENDPOINT') || HUB;
  const token = namedSecret('HF_TOKEN') || undefined;
  const base = from ?? endpoint;
  if (!/^[a-z]+:\/\//i.test(base)) return folderSource(fromHere(base));
  if (!URL.canParse(base) || !/^https?:/.test(base))
    throw new UserError(`weights come from an http or https address or from a folder, not from "${base}"`);
  // The hub's token is for the hub: a mirror that is named here may be anybody's.
  return hubSource(base, new URL(base).origin === new URL(endpoint).origin ? token : undefined);
}

/** Faults of weights and of the store as one line. @throws UserError */
export async function plainly<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof WeightsError || error instanceof SourceFailed) throw new UserError(error.message, 1);
    const { name, message } = error as Error;
    if (name === 'StoreAway') throw new UserError(`the object store is away: ${message}`, 1);
    throw error;
  }
}
