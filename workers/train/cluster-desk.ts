/** A training's desk in the cluster: the record in Redis, events and log in the store. */
import type { Cluster } from '../../shared/cluster.ts';
import { CHUNK, keepEvents, readEvents } from '../../shared/train/events.ts';
import type { TrainJob, TrainProgress } from '../../shared/train/job.ts';
import type { TrainJobStore } from '../../shared/train/job-store.ts';
import type { Desk } from './desk.ts';
import { openLogPieces } from './log-pieces.ts';

/** Between two words to the record that the job is in hand; one that was cancelled is noticed by then at the latest. */
const BEAT_MS = 1_000;
/** How often an unfinished hundred of events is put into the store. */
const KEEP_MS = 30_000;

export interface ClusterDesk extends Desk {
  close(): Promise<void>;
}

/** @param onLost called where the record has it otherwise */
export async function openClusterDesk(
  { jobs, env, objects, log: ownLog }: Cluster & { readonly jobs: TrainJobStore },
  live: { readonly kill: AbortController },
  job: TrainJob,
  token: string,
  onLost: () => void,
): Promise<ClusterDesk> {
  const { state } = jobs;
  const log = await openLogPieces(objects, job, () => state.isOf(job.id, token));
  let now: TrainProgress = job.progress;
  let beating = false;
  let waits = 0;
  let heldAt = performance.now();
  const beat = async (): Promise<boolean> => {
    const ours = await state.beat(job.id, token, env.COTA_LOCK_MS, now);
    if (ours) heldAt = performance.now();
    return ours;
  };
  const heart = setInterval(
    async () => {
      // A Redis that is away decides nothing, until another worker may have taken the job. A word to it waits until it
      // is back, so this is asked beside it.
      // Twice, since a thread that was busy for long finds the answer only after this.
      waits = beating ? waits + 1 : 0;
      if (waits > 1 && performance.now() - heldAt >= env.COTA_LOCK_MS) live.kill.abort();
      if (beating) return;
      beating = true;
      const ours = await beat().catch(() => true);
      beating = false;
      if (!ours) onLost();
    },
    Math.min(BEAT_MS, env.COTA_LOCK_MS / 3),
  );
  const keep = (all: boolean): Promise<void> =>
    keepEvents(objects, state, job, all).catch((error: unknown) => {
      ownLog.warn({ trainJob: job.id, error }, 'cannot put events into the store now; trying again');
    });
  const keeper = setInterval(() => void keep(true), KEEP_MS);

  return {
    async say(event) {
      const told = await state.event(job.id, token, event);
      if (told && told.events - told.kept >= CHUNK) await keep(false);
    },
    progress(change) {
      now = { ...now, ...change };
    },
    log: log.add,
    death: (step) => state.death(job.id, token, step),
    holds: () => beat(),
    async *events() {
      const facts = await state.read(job.id);
      if (!facts) return;
      for (let from = 0; from < facts.events; from += CHUNK) {
        const { kept } = (await state.read(job.id)) ?? facts;
        const to = Math.min(from + CHUNK, facts.events);
        for (const { event } of await readEvents(objects, state, job, { from, to, kept })) yield event;
      }
    },
    async close() {
      clearInterval(heart);
      clearInterval(keeper);
      await log.close();
    },
  };
}
