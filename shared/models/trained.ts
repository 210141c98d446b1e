/**
 * Models that the cluster has trained: what training registers, and every process that takes, schedules or does their
 * work finds within about two seconds, without a restart. The truth is a document in the object store, with a copy in
 * Redis that is made again when it is lost; the weights lie with their tenant.
 */
import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { CotaError } from '../errors.ts';
import { keys, slugOf } from '../keys.ts';
import { trainedServing } from '../models.ts';
import type { StorageMeter } from '../tenants/meter.ts';
import { openRegistry, type RegistryParts } from '../tenants/registry.ts';
import { isTrainedId, nameOfTrainedId, partsOfTrainedId } from './trained-id.ts';
import { openTrainedView, type TrainedView } from './trained-view.ts';

const file = z.strictObject({
  /** Path below the model's folder, such as `onnx/model.onnx`: Hugging Face's ONNX layout. */
  name: z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*(\/[A-Za-z0-9_][A-Za-z0-9_.-]*){0,4}$/, 'a path within a folder'),
  /** Of the object; under the tenant's own folder. */
  key: z.string(),
  bytes: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 hex digits'),
});
export type TrainedFile = z.infer<typeof file>;

export const trainedModel = z.object({
  id: z.string().refine(isTrainedId, 'ft:<base>:<tenant>:<suffix or ->:<short id>'),
  /** Whose it is. */
  tenant: z.string(),
  /** Id of the job that trained it. */
  job: z.string(),
  /** What it began with; models of one base are served from one pool. */
  base: z.string(),
  /** Unix seconds. */
  createdAt: z.int(),
  files: z.array(file).min(1),
  /** That of `versionOfFiles`. */
  version: z.string(),
  /** As the fields of models.yaml. */
  serve: trainedServing,
  description: z.string().default(''),
  /** Whether every tenant may use it. */
  shared: z.boolean().default(false),
});
export type TrainedModel = z.infer<typeof trainedModel>;
export type NewTrainedModel = z.input<typeof trainedModel>;

export interface TrainedModels {
  /**
   * Registers a model whose files are in the store; again with the same id, it replaces what was there, whose files are
   * deleted where nothing names them any more. The files are counted as kept by the tenant here, and by nobody else.
   * @throws CotaError that says what does not fit, or that the tenant's data are being deleted
   */
  put(model: NewTrainedModel): Promise<void>;
  get(id: string): Promise<TrainedModel | undefined>;
  /** A tenant's own, newest first. */
  list(tenant: string): Promise<readonly TrainedModel[]>;
  all(): Promise<readonly TrainedModel[]>;
  /** @returns as it is now; undefined where there is none */
  share(id: string, shared: boolean): Promise<TrainedModel | undefined>;
  /** The record and its weights. @returns false where there was none */
  remove(id: string): Promise<boolean>;
  /** The records of a tenant whose folder is being deleted. @returns how many there were */
  removeAll(tenant: string): Promise<number>;
  /** All of them in memory, looked at again every `everyMs`: for a process that needs them with each request or step. */
  watch(everyMs?: number): Promise<TrainedView>;
}

/** Of the names and bytes of all files, in whatever order they are given. */
export function versionOfFiles(files: readonly Pick<TrainedFile, 'name' | 'sha256'>[]): string {
  const lines = files.map(({ name, sha256 }) => `${name} ${sha256}`).sort();
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16);
}

export const bytesOf = ({ files }: Pick<TrainedModel, 'files'>): number =>
  files.reduce((sum, { bytes }) => sum + bytes, 0);

export interface TrainedModelsParts extends RegistryParts {
  readonly meter: StorageMeter;
}

export function openTrainedModels(parts: TrainedModelsParts): TrainedModels {
  const { redis, objects, meter } = parts;
  const registry = openRegistry(parts, 'trained-models', trainedModel);
  /** Whoever keeps them in memory reads them again. Never the same twice, also after a Redis that was lost. */
  const tell = async (): Promise<void> => void (await redis.set(keys.trainedModelsVersion, randomUUID()));
  const get = (id: string): Promise<TrainedModel | undefined> =>
    isTrainedId(id) ? registry.get(nameOfTrainedId(id)) : Promise.resolve(undefined);
  const all = async (): Promise<TrainedModel[]> => (await registry.all()).map(([, model]) => model);

  const list = async (tenant: string): Promise<TrainedModel[]> =>
    (await all()).filter((model) => model.tenant === tenant).sort(newestFirst);

  /** Files of a model that no other record of its tenant names, nor `kept`. */
  async function onlyOf(
    { id, tenant, files }: TrainedModel,
    kept: readonly TrainedFile[] = [],
  ): Promise<TrainedFile[]> {
    const others = (await list(tenant)).filter((one) => one.id !== id);
    const needed = new Set([...kept, ...others.flatMap((one) => one.files)].map(({ key }) => key));
    return files.filter(({ key }) => !needed.has(key));
  }

  return {
    async put(given) {
      const model = checked(given);
      await meter.assertRoom(model.tenant, 0);
      for (const { key, bytes } of model.files) {
        const there = await objects.head(key);
        if (there?.size === bytes) continue;
        const words = there ? `has ${there.size} bytes, not ${bytes}` : 'is not there';
        throw new CotaError('invalid_value', `The model ${model.id} cannot be registered: ${key} ${words}.`);
      }
      const before = await get(model.id);
      await registry.put(nameOfTrainedId(model.id), { ...model, shared: before?.shared ?? model.shared });
      await tell();
      // Those of an attempt before that was registered and then forgotten.
      const dropped = before ? await onlyOf(before, model.files) : [];
      for (const { key } of dropped) await objects.delete(key);
      await meter.add(model.tenant, bytesOf(model) - (before ? bytesOf(before) : 0));
    },
    get,
    list,
    all,
    async share(id, shared) {
      if (!isTrainedId(id)) return undefined;
      const model = await registry.change(nameOfTrainedId(id), (now) => now && { ...now, shared });
      await tell();
      return model;
    },
    async remove(id) {
      const model = await get(id);
      if (!model) return false;
      const own = await onlyOf(model);
      // The files first: whoever dies in between has left a record that says what is still to be done.
      for (const { key } of own) await objects.delete(key);
      await registry.remove(nameOfTrainedId(id));
      await redis.del(keys.modelCosts(slugOf(id)));
      await tell();
      await meter.add(model.tenant, -bytesOf({ files: own }));
      return true;
    },
    async removeAll(tenant) {
      const own = await list(tenant);
      for (const { id } of own) {
        await registry.remove(nameOfTrainedId(id));
        await redis.del(keys.modelCosts(slugOf(id)));
      }
      if (own.length > 0) await tell();
      return own.length;
    },
    watch: (everyMs = 1_000) => openTrainedView({ ...parts, get, all }, everyMs),
  };
}

const newestFirst = (a: TrainedModel, b: TrainedModel): number =>
  b.createdAt - a.createdAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** @throws CotaError */
function checked(given: NewTrainedModel): TrainedModel {
  const parsed = trainedModel.safeParse(given);
  const refuse = (why: string): never => {
    throw new CotaError('invalid_value', `The model ${String(given.id).slice(0, 200)} cannot be registered: ${why}.`);
  };
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refuse(`${issue?.path.join('.') ?? 'it'}: ${issue?.message ?? 'is wrong'}`);
  }
  const model = parsed.data;
  const { base, tenant } = partsOfTrainedId(model.id) ?? {};
  if (base !== model.base || tenant !== model.tenant) refuse('base and tenant are not those of the id');
  const names = new Set(model.files.map(({ name }) => name));
  if (names.size < model.files.length) refuse('two files have one name');
  if (!model.files.every(({ key }) => key.startsWith(`t/${model.tenant}/`))) {
    refuse("its files do not lie under the tenant's own folder");
  }
  if (model.version !== versionOfFiles(model.files)) refuse('version is not that of its files (versionOfFiles)');
  return model;
}
