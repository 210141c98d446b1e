/**
 * Clears away the queues that belonged to one worker when that worker is gone: a fleet that is replaced with each
 * deploy would else leave a dozen keys behind for every process that it ever had.
 *
 * Nothing is lost with them, since the record is the truth. A step that is left in such a queue is handed out again by
 * the sweeper, which looks for it where living workers are; its old hint may go once that has happened, and until then
 * the queue stays as it is.
 */
import type { Cluster } from '../../shared/cluster.ts';
import { keys } from '../../shared/keys.ts';
import { jobOfId, quarantineOf } from '../../shared/queues.ts';

export interface Departed {
  /** One look at all queues of single workers. @returns queues cleared away */
  clear(): Promise<number>;
}

/** @param patienceMs a worker unheard of for this long has gone; one that was only frozen comes back before */
export function openDeparted(cluster: Cluster, patienceMs: number = cluster.env.COTA_DUE_MS): Departed {
  const { redis, fleet, queues, runs, log } = cluster;
  const missedSince = new Map<string, number>();

  /** Is this hint the one that its run waits for? */
  async function isCurrent(jobId: string): Promise<boolean> {
    const job = jobOfId(jobId);
    const run = job && (await runs.read(job.runId));
    return run !== undefined && run.status !== 'closed' && run.step === job?.step && run.epoch === job.epoch;
  }

  async function forget(queue: string): Promise<boolean> {
    const left = await queues.forget(queue);
    if (left.length === 0) return true;
    for (const jobId of left) if (await isCurrent(jobId)) return false;
    return (await queues.forget(queue, left)).length === 0;
  }

  return {
    async clear() {
      const now = performance.now();
      const served = new Set(fleet.workers().flatMap((worker) => worker.queues));
      const gone = (await redis.smembers(keys.ownQueues)).filter((name) => !served.has(name));
      for (const name of missedSince.keys()) if (!gone.includes(name)) missedSince.delete(name);
      let cleared = 0;
      for (const name of gone) {
        const since = missedSince.get(name) ?? now;
        missedSince.set(name, since);
        if (now - since < patienceMs) continue;
        try {
          if (!((await forget(name)) && (await forget(quarantineOf(name))))) continue;
          await redis.srem(keys.ownQueues, name);
        } catch (error) {
          // Such as a run of a newer version in it: that must not end the scheduler's round.
          log.warn({ queue: name, error }, 'cannot clear away the queue of a worker that has gone');
          continue;
        }
        missedSince.delete(name);
        cleared += 1;
        log.debug({ queue: name }, 'cleared away the queue of a worker that has gone');
      }
      return cleared;
    },
  };
}
