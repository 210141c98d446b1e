/** One order of a data worker: a stage is planned, or a shard of it is made. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type DataFile, type DataJob, isDataFileName, isDataJobOver, MOST_SHARDS } from '../../../shared/data/job.ts';
import { PLAN } from '../../../shared/data/job-state.ts';
import { CotaError, codeOf, ruleOf } from '../../../shared/errors.ts';
import { paths } from '../../../shared/keys.ts';
import { ObjectMissing, type ObjectStore } from '../../../shared/object-store.ts';
import type { Services } from '../factory/services.ts';
import type { JobView, Stage } from '../factory/stage.ts';
import { type FindJob, openJobFolder } from './job-view.ts';
import type { Order, Outcome } from './messages.ts';

/** A store that takes longer to end what a shard began to write is not waited for. */
const SETTLED_MS = 10_000;

export interface WorkParts {
  readonly objects: ObjectStore;
  readonly findJob: FindJob;
  readonly stages: readonly Stage[];
  /** Of one job. */
  readonly services: (job: JobView) => Services;
  /** @throws CotaError where the tenant may not store more */
  readonly assertRoom: (tenant: string) => Promise<void>;
}

export interface Working {
  readonly signal: AbortSignal;
  /** @param share 0 to 1 */
  readonly progress: (share: number) => void;
}

export type Work = (order: Order, working: Working) => Promise<Outcome>;

export function openWork(parts: WorkParts): Work {
  const counted = countPuts(parts.objects);
  const folder = openJobFolder(counted.objects, parts.findJob);
  const documents = new Map<string, DataJob>();

  /** Recipe and inputs of a job never change. */
  async function jobOf({ tenant, jobId }: Order): Promise<DataJob | undefined> {
    const kept = documents.get(jobId);
    if (kept) return kept;
    const job = await parts.findJob(tenant, jobId);
    if (job) documents.clear();
    if (job) documents.set(jobId, job);
    return job;
  }

  async function planStage(order: Order, stage: Stage, job: DataJob, before: string | undefined): Promise<Outcome> {
    if (before !== undefined) await folder.joinReports(job, before);
    const known = await folder.plan(job, stage.name);
    if (known) return { is: 'planned', shards: known.length, bytes: 0 };
    const specs = await stage.plan(folder.view(job));
    if (specs.length > MOST_SHARDS) {
      const words = `${stage.name} would be ${specs.length.toLocaleString('en')} shards; ${MOST_SHARDS.toLocaleString('en')} are the most. Make files of more rows (recipe.shard, mix.shard_rows), or make several jobs of it.`;
      throw new CotaError('invalid_value', words);
    }
    // Made by an earlier version of the stage, a spec is refused when its shard is; made by this one, here and now.
    for (const spec of specs) stage.spec.parse(spec);
    const bytes = Buffer.from(JSON.stringify({ specs }));
    const key = paths.dataPlan(order.tenant, order.jobId, stage.name);
    await counted.objects.put(key, bytes, { contentType: 'application/json' });
    return { is: 'planned', shards: specs.length, bytes: counted.taken() };
  }

  async function makeShard(order: Order, stage: Stage, job: DataJob, shard: number, working: Working) {
    const made = await folder.report(job, stage.name, shard);
    if (made) return doneOf(made.files, made.counts, 0);
    const specs = await folder.plan(job, stage.name);
    if (!specs || shard >= specs.length) throw new Error(`shard ${shard} of ${stage.name} is in no plan`);
    const view = folder.view(job);
    const result = await stage.make(stage.spec.parse(specs[shard]), {
      ...view,
      stage: stage.name,
      shard,
      key(name) {
        // Nothing gives the folder.
        if (name === '' || isDataFileName(name))
          return `${paths.dataStage(order.tenant, order.jobId, stage.name)}${name}`;
        throw new Error(`a file of ${stage.name} cannot be named ${JSON.stringify(name)}`);
      },
      progress: (done, of) => working.progress(of > 0 ? Math.min(1, Math.max(0, done / of)) : 0),
      signal: working.signal,
      services: parts.services(view),
    });
    working.signal.throwIfAborted();
    if ('laterMs' in result) return { is: 'later' as const, ms: result.laterMs, note: result.note };
    const report = Buffer.from(JSON.stringify({ stage: stage.name, shard, ...result }));
    const key = paths.dataReport(order.tenant, order.jobId, stage.name, shard);
    await counted.objects.put(key, report, { contentType: 'application/json' });
    return doneOf(result.files, result.counts, counted.taken());
  }

  return async (order, working) => {
    counted.taken();
    try {
      const job = await jobOf(order);
      // Removed a moment ago.
      if (!job || isDataJobOver(job)) return { is: 'stopped' };
      const at = parts.stages.findIndex(({ name }) => name === order.stage);
      const stage = parts.stages[at];
      if (!stage) {
        const note = `This worker knows no stage "${order.stage}": start one of the version that began the job.`;
        return { is: 'away', note, ms: undefined };
      }
      await parts.assertRoom(order.tenant);
      return order.shard === PLAN
        ? await planStage(order, stage, job, parts.stages[at - 1]?.name)
        : await makeShard(order, stage, job, order.shard, working);
    } catch (error) {
      if (working.signal.aborted) return { is: 'stopped' };
      return outcomeOf(error, `${order.stage}, ${order.shard === PLAN ? 'its plan' : `shard ${order.shard}`}`);
    } finally {
      // A shard that ended early may still be writing: once it is let go the job may be removed, and must stay so.
      await counted.settled();
    }
  };
}

const doneOf = (files: readonly DataFile[], counts: Readonly<Record<string, number>>, bytes: number): Outcome => ({
  is: 'done',
  rows: files.reduce((sum, file) => sum + file.rows, 0),
  counts,
  bytes,
});

/** @param where for those who have to find out what went wrong */
function outcomeOf(error: unknown, where: string): Outcome {
  const words = error instanceof Error ? error.message : String(error);
  if (error instanceof ObjectMissing) {
    const input = /\/content\//.test(error.key)
      ? 'An input of the recipe was deleted'
      : 'What an earlier stage wrote is gone';
    return { is: 'failed', error: { code: 'not_found', message: `${input} (${where}): make a new job.` } };
  }
  const code = codeOf(error);
  const { run } = ruleOf(code);
  if (run === 'wait') {
    const away = { store_away: 'The object store is away.', redis_away: 'Redis is away.' }[code as string];
    const ms = error instanceof CotaError ? error.retryAfterMs : undefined;
    return { is: 'away', note: away ?? words, ms };
  }
  if (run === 'fail' && error instanceof CotaError) return { is: 'failed', error: { code, message: words } };
  return { is: 'retry', note: `${where}: ${words}` };
}

/** Counts bytes on their way into the store; for one order at a time. */
function countPuts(store: ObjectStore): {
  readonly objects: ObjectStore;
  taken(): number;
  /** When what is being written now has ended. */
  settled(): Promise<void>;
} {
  let bytes = 0;
  const underWay = new Set<Promise<void>>();
  const put: ObjectStore['put'] = async (key, body, options) => {
    await store.put(key, body, options);
    bytes += body instanceof Uint8Array ? body.length : ((await store.head(key))?.size ?? 0);
  };
  const objects: ObjectStore = {
    ...store,
    async put(...one) {
      const writing = put(...one);
      underWay.add(writing);
      await writing.finally(() => underWay.delete(writing));
    },
  };
  return {
    objects,
    async settled() {
      const late = sleep(SETTLED_MS, undefined, { ref: false });
      await Promise.race([Promise.allSettled(underWay), late]);
    },
    taken() {
      const sum = bytes;
      bytes = 0;
      return sum;
    },
  };
}
