/** A data worker: makes shards of data jobs, in processes of its own. */
import { availableParallelism } from 'node:os';
import { join, openCluster } from '../../shared/cluster.ts';
import { openDataJobs } from '../../shared/data/job-store.ts';
import { readEnv } from '../../shared/env.ts';
import { serveHealth } from '../../shared/health.ts';
import { DATA } from '../../shared/queues.ts';
import { openHands } from './hands/pool.ts';
import { startShardWorker } from './shard-worker.ts';

/** @param options.hand the file that its processes are started from; it calls `serveHand` */
export async function startDataWorker(options: { readonly hand: string }): Promise<void> {
  const env = readEnv();
  const cluster = await openCluster('data', env);
  const { log } = cluster;
  const processes = env.COTA_DATA_PROCESSES === 0 ? availableParallelism() : env.COTA_DATA_PROCESSES;
  const hands = openHands({ entry: options.hand, heapMb: env.COTA_DATA_HEAP_MB, workerId: env.COTA_WORKER_ID, log });
  const jobs = openDataJobs(cluster, env.COTA_DUE_MS);
  await startShardWorker({ ...cluster, jobs, hands }, processes);
  await join(cluster, { kind: 'data', queues: [DATA], hands: processes });
  await serveHealth(cluster);
  log.info({ processes }, 'data worker is up');
}
