/** Data jobs on a cluster of real processes, and what came of them. */
import { createHash } from 'node:crypto';
import { newDataJob, newDataJobId } from '../shared/data/create-job.ts';
import { type DataJob, isDataJobOver } from '../shared/data/job.ts';
import { type DataJobStore, openDataJobs } from '../shared/data/job-store.ts';
import { paths } from '../shared/keys.ts';
import { type Proc, replayModels, startTestCluster, type TestCluster } from './harness.ts';

export interface DataCluster {
  readonly cluster: TestCluster;
  readonly jobs: DataJobStore;
  startWorker(env?: Readonly<Record<string, string>>): Proc;
  submit(recipe: unknown, tenant?: string): Promise<DataJob>;
  over(job: DataJob, withinMs?: number): Promise<DataJob>;
  /** Name within the job's folder -> hash of the bytes, of all that it wrote. */
  hashes(job: DataJob): Promise<Readonly<Record<string, string>>>;
  stop(): Promise<void>;
}

/**
 * @param worker entry file of its data workers
 * @param models text of models.yaml, and their ids
 */
export async function startDataCluster(
  worker: string,
  env: Readonly<Record<string, string>> = {},
  models: { readonly yaml: string; readonly ids: readonly string[] } = { yaml: replayModels(), ids: ['replayed'] },
): Promise<DataCluster> {
  const cluster = await startTestCluster({ models: models.yaml, env: { COTA_DATA_PROCESSES: '2', ...env } });
  const { shared, until } = cluster;
  const jobs = openDataJobs(shared, cluster.env.COTA_DUE_MS);
  cluster.start('services/scheduler/main.ts');
  return {
    cluster,
    jobs,
    startWorker: (more) => cluster.start(worker, more),
    async submit(recipe, tenant = 'default') {
      const parts = { ...shared, jobs, models: { ids: models.ids, get: () => undefined } };
      const job = await newDataJob(parts, tenant, recipe, newDataJobId(), Date.now());
      await jobs.create(job);
      return job;
    },
    over: ({ tenant, id }, withinMs) =>
      until(
        `data job ${id} is over`,
        async () => {
          const job = await jobs.find(tenant, id);
          return job && isDataJobOver(job) ? job : undefined;
        },
        withinMs,
      ),
    async hashes({ tenant, id }) {
      const folder = paths.dataJob(tenant, id);
      const found: [string, string][] = [];
      for await (const { key } of shared.objects.list(folder)) {
        // Reports name keys, which begin with the job's own id.
        const text = (await shared.objects.get(key)).bytes.toString('latin1').replaceAll(id, 'the job');
        found.push([key.slice(folder.length), createHash('sha256').update(text, 'latin1').digest('hex')]);
      }
      return Object.fromEntries(found.sort());
    },
    async stop() {
      await jobs.close();
      await cluster.stop();
    },
  };
}
