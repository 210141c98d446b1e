/** Fine-tuning jobs of the tiny trainer, put where the scheduler finds them. */
import type { Cluster } from '../shared/cluster.ts';
import { newDocumentId } from '../shared/documents.ts';
import { type TrainJob, trainJob } from '../shared/train/job.ts';
import type { TrainJobStore } from '../shared/train/job-store.ts';
import { trainRecipe } from '../shared/train/recipe.ts';
import { sampleChain } from './sample-chains.ts';
import { tinyRecipe, type Wishes } from './tiny-training.ts';

/** A job of the tenant `default`, on one chain. */
export async function makeTrainJob(
  { objects }: Pick<Cluster, 'objects'>,
  jobs: TrainJobStore,
  wishes: Wishes = {},
): Promise<TrainJob> {
  const id = newDocumentId('ftjob-');
  const key = `t/default/content/${id.slice(6)}`;
  const bytes = Buffer.from(JSON.stringify(sampleChain(1)));
  await objects.put(key, bytes, { contentType: 'application/jsonl' });
  const job = trainJob.parse({
    ...{ id, tenant: 'default', model: 'counter', hyperparameters: {}, seed: 1, status: 'queued' },
    recipe: trainRecipe.parse(tinyRecipe(wishes)),
    training: { id: 'file-01j00000000000000000000000', kind: 'file', parts: [{ key, bytes: bytes.length }] },
    createdAt: Date.now(),
  });
  await jobs.create(job);
  return job;
}
