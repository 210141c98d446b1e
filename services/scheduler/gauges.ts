/**
 * Queues and admission as numbers. They are the cluster's, not this process': only the scheduler that acts shows them,
 * and one that no longer does must fall silent, or its last values would be added to those of its successor for ever.
 */
import type { Cluster } from '../../shared/cluster.ts';
import { slugOf } from '../../shared/keys.ts';
import { metrics } from '../../shared/telemetry.ts';

export function forgetGauges(): void {
  metrics.pendingRuns.reset();
  metrics.inFlightRuns.reset();
  metrics.queueJobs.reset();
}

/** Measures anew: models and queues that are no longer there vanish. */
export async function showGauges(
  { admission, queues }: Pick<Cluster, 'admission' | 'queues'>,
  modelIds: readonly string[],
  queueNames: Iterable<string>,
): Promise<void> {
  const loads = await Promise.all(modelIds.map(async (id) => ({ id, ...(await admission.load(id)) })));
  const jobs = await Promise.all([...queueNames].map(async (name) => ({ name, counts: await queues.counts(name) })));
  forgetGauges();
  for (const { id, pending, inFlight } of loads) {
    metrics.pendingRuns.set({ model: slugOf(id) }, pending);
    metrics.inFlightRuns.set({ model: slugOf(id) }, inFlight);
  }
  for (const { name, counts } of jobs) {
    for (const [state, count] of Object.entries(counts)) metrics.queueJobs.set({ queue: name, state }, count);
  }
}
