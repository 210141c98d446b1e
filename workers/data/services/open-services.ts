/** All that stages may ask of the cluster, for the jobs of one process. */
import { openBatchStore } from '../../../shared/batch/batch-store.ts';
import type { Cluster } from '../../../shared/cluster.ts';
import type { ChainImage } from '../../../shared/data/chain.ts';
import type { DataJobStore } from '../../../shared/data/job-store.ts';
import { loadModels, type Models } from '../../../shared/models.ts';
import { placeOf } from '../factory/pictures.ts';
import type { Services } from '../factory/services.ts';
import type { JobView } from '../factory/stage.ts';
import { openActing } from './acting.ts';
import { openAsking } from './asking.ts';
import { openBatches } from './batches.ts';

export function openServices(cluster: Cluster, jobs: DataJobStore): (job: JobView) => Services {
  const act = openActing(cluster, cluster.env.COTA_CONCURRENCY);
  const batches = openBatchStore(cluster);
  let read: Models | undefined;
  // Most jobs ask no model, and need no models.yaml.
  const models = (): Models => {
    read ??= loadModels(cluster.env.COTA_MODELS);
    return read;
  };
  const ask = openAsking(cluster, models);
  return ({ id, tenant, objects }) => {
    const placed = async (image: ChainImage): Promise<ChainImage> =>
      image.key === undefined ? image : { ...image, key: (await placeOf(objects, { id, tenant }, image.key)).key };
    const { startBatch, batchState } = openBatches({ objects, files: cluster.files, batches }, tenant);
    return {
      act: act({ id, tenant }),
      async ask(question, signal) {
        const images = await Promise.all((question.images ?? []).map(placed));
        return await ask({ ...question, images }, signal);
      },
      modelVersion: (model) => models().get(model)?.version,
      price: (model) => models().get(model)?.price,
      async startBatch(name, key) {
        const batch = await startBatch(name, key);
        // So that it ends with its job.
        await jobs.state.noteBatch(id, batch);
        return batch;
      },
      batchState,
    };
  };
}
