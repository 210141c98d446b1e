/** What a stage sees of its job: recipe and inputs of its document, reports and datasets out of the store. */
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { type DataJob, type ShardReport, shardReport } from '../../../shared/data/job.ts';
import { CotaError } from '../../../shared/errors.ts';
import { paths } from '../../../shared/keys.ts';
import { ObjectMissing, type ObjectStore } from '../../../shared/object-store.ts';
import { finalChains } from '../factory/dataset.ts';
import type { JobView } from '../factory/stage.ts';

/** Reads the document of a job of the tenant. @returns undefined where there is none */
export type FindJob = (tenant: string, id: string) => Promise<DataJob | undefined>;

export interface JobFolder {
  view(job: DataJob): JobView;
  /** Specs of a stage; undefined where it has not been planned. */
  plan(job: Pick<DataJob, 'tenant' | 'id'>, stage: string): Promise<readonly unknown[] | undefined>;
  report(job: Pick<DataJob, 'tenant' | 'id'>, stage: string, shard: number): Promise<ShardReport | undefined>;
  /** Puts the reports of a stage that is over into one file, which later stages read. May be repeated. */
  joinReports(job: Pick<DataJob, 'tenant' | 'id'>, stage: string): Promise<void>;
}

const planFile = z.object({ specs: z.array(z.unknown()) });
const reportsFile = z.array(shardReport);
/** Reports that are read at a time. */
const AT_ONCE = 32;
/** Plans and reports that a process keeps: those of a stage are asked for by each shard of the next. */
const KEPT = 32;

/** What is read here never changes once it is there, so it is kept. */
export function openJobFolder(objects: ObjectStore, findJob: FindJob): JobFolder {
  const plans = new LRUCache<string, readonly unknown[]>({ max: KEPT });
  const reports = new LRUCache<string, readonly ShardReport[]>({ max: KEPT });

  const plan: JobFolder['plan'] = async ({ tenant, id }, stage) => {
    const key = paths.dataPlan(tenant, id, stage);
    const kept = plans.get(key);
    if (kept) return kept;
    const found = await jsonOf(objects, key);
    if (found === undefined) return undefined;
    const { specs } = planFile.parse(found);
    plans.set(key, specs);
    return specs;
  };

  const report: JobFolder['report'] = async ({ tenant, id }, stage, shard) => {
    const found = await jsonOf(objects, paths.dataReport(tenant, id, stage, shard));
    return found === undefined ? undefined : shardReport.parse(found);
  };

  async function readAll(job: Pick<DataJob, 'tenant' | 'id'>, stage: string): Promise<readonly ShardReport[]> {
    const specs = await plan(job, stage);
    if (!specs) return [];
    const all: ShardReport[] = [];
    for (let first = 0; first < specs.length; first += AT_ONCE) {
      const some = Array.from({ length: Math.min(AT_ONCE, specs.length - first) }, (_, at) => first + at);
      for (const one of await Promise.all(some.map((shard) => report(job, stage, shard)))) if (one) all.push(one);
    }
    return all;
  }

  async function reportsOf(job: Pick<DataJob, 'tenant' | 'id'>, stage: string): Promise<readonly ShardReport[]> {
    const key = paths.dataReports(job.tenant, job.id, stage);
    const kept = reports.get(key);
    if (kept) return kept;
    const joined = await jsonOf(objects, key);
    if (joined === undefined) return readAll(job, stage);
    const found = reportsFile.parse(joined);
    reports.set(key, found);
    return found;
  }

  function view(job: DataJob): JobView {
    const { id, tenant, recipe, inputs } = job;
    return {
      ...{ id, tenant, recipe, objects },
      input(name) {
        const key = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
        if (key !== undefined) return key;
        throw new CotaError('invalid_request', `The recipe names ${name}, which is none of this job's inputs.`);
      },
      reports: (stage) => reportsOf(job, stage),
      async dataset(name) {
        const other = await findJob(tenant, name);
        if (!other) throw new CotaError('not_found', `There is no data job ${name}, or it was removed.`);
        if (other.status !== 'completed') {
          const words = `The data job ${name} is ${other.status}: only one that is completed can be a source.`;
          throw new CotaError('invalid_value', words);
        }
        return finalChains(view(other));
      },
    };
  }

  return {
    ...{ view, plan, report },
    async joinReports(job, stage) {
      const key = paths.dataReports(job.tenant, job.id, stage);
      if (await objects.head(key)) return;
      const all = await readAll(job, stage);
      await objects.put(key, Buffer.from(JSON.stringify(all)), { contentType: 'application/json' });
    },
  };
}

async function jsonOf(objects: ObjectStore, key: string): Promise<unknown> {
  try {
    return JSON.parse((await objects.get(key)).bytes.toString()) as unknown;
  } catch (error) {
    if (error instanceof ObjectMissing) return undefined;
    throw error;
  }
}
