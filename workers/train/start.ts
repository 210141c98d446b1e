/** A train worker: carries out fine-tuning jobs, each trainer a process of its own. It costs little while there is none. */
import { join, openCluster } from '../../shared/cluster.ts';
import { openDataJobs } from '../../shared/data/job-store.ts';
import { readEnv } from '../../shared/env.ts';
import { serveHealth } from '../../shared/health.ts';
import { openTrainedModels, versionOfFiles } from '../../shared/models/trained.ts';
import { TRAIN } from '../../shared/queues.ts';
import { trainedModelId } from '../../shared/train/job.ts';
import { openTrainJobs } from '../../shared/train/job-store.ts';
import type { TrainParts } from './desk.ts';
import { startJobWorker } from './job-worker.ts';
import { removeLeftovers } from './work-folder.ts';

export async function startTrainWorker(): Promise<void> {
  const env = readEnv();
  const cluster = await openCluster('train', env);
  const { log, objects, redis, files, tenancy, lifecycle } = cluster;
  const left = removeLeftovers(env.COTA_TRAIN_FOLDER);
  if (left.length > 0) log.info({ folders: left }, 'took away what a dead train worker had left');
  const dataJobs = openDataJobs(cluster, env.COTA_DUE_MS);
  lifecycle.onStop('data jobs', () => dataJobs.close());
  const { meter } = tenancy;
  const models = openTrainedModels({ redis, objects, log, meter });
  const train: TrainParts = {
    ...{ objects, python: env.COTA_TRAIN_PYTHON, retryMs: env.COTA_RETRY_MS },
    findData: (tenant, id) => dataJobs.look(tenant, id),
    meter: (tenant, bytes) => meter.add(tenant, bytes),
    async keepMetrics({ tenant, id }, csv) {
      const about = { filename: `${id}.csv`, purpose: 'fine-tune-results' as const, contentType: 'text/csv' };
      return (await files.create(tenant, about, csv, { maxBytes: env.COTA_FILE_BYTES })).id;
    },
    register: (job, made, description) =>
      models.put({
        ...{ id: trainedModelId(job), tenant: job.tenant, job: job.id, base: job.recipe.base, description },
        ...{ createdAt: Math.floor(Date.now() / 1000), files: made, version: versionOfFiles(made) },
        serve: job.recipe.serve ?? { dialect: 'nano' },
      }),
    unregister: async (job) => void (await models.remove(trainedModelId(job))),
  };
  await startJobWorker({ ...cluster, jobs: openTrainJobs(cluster), train }, env.COTA_TRAIN_JOBS);
  await join(cluster, { kind: 'train', queues: [TRAIN], trainings: env.COTA_TRAIN_JOBS });
  await serveHealth(cluster);
  log.info({ jobs: env.COTA_TRAIN_JOBS, python: env.COTA_TRAIN_PYTHON }, 'train worker is up');
}
