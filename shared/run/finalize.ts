/**
 * The end of a run: trace into the store, then closed, then its slot goes to the next run. The worker of the last
 * step does this at once; should it die or the store be away, the sweeper hands a finalize job to the scheduler.
 * Each part may be repeated, so a store outage never repeats a model call.
 */
import type { Redis } from 'ioredis';
import { addCosts } from '../batch/hand-over.ts';
import type { Run } from '../contract.ts';
import { paths } from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
import { type Log, metrics } from '../telemetry.ts';
import { imageBytes } from '../tenants/storage-meter.ts';
import type { Tenancy } from '../tenants/tenancy.ts';
import type { Admission } from './admission.ts';
import { handOver } from './hand-over.ts';
import { takeBack } from './run-objects.ts';
import type { RunStore } from './run-store.ts';
import { traceOf } from './trace.ts';

export interface FinalizeParts {
  readonly redis: Redis;
  readonly runs: RunStore;
  readonly objects: ObjectStore;
  readonly admission: Admission;
  readonly tenancy: Pick<Tenancy, 'openRuns' | 'meter'>;
  readonly closedTtlS: number;
}

/** @throws StoreAway or a Redis error: the run stays as it is and is finalized later */
export async function finalize(run: Run, parts: FinalizeParts): Promise<void> {
  if (run.status === 'finalizing') {
    const trace = Buffer.from(JSON.stringify(traceOf(run), null, 1));
    await parts.objects.put(paths.trace(run.tenant, run.id), trace, { contentType: 'application/json' });
    await handOver(run, parts);
    const closed = await parts.runs.close(run.id, parts.closedTtlS);
    // Deleted while the trace was on its way: nobody else knows of it.
    if (closed === 'gone') await takeBack(parts, run.tenant, run.id);
    if (closed === 'ok') {
      metrics.runs.inc({ model: run.config.model, status: run.outcome?.status ?? 'failed' });
      await parts.tenancy.meter.add(run.tenant, trace.length + imageBytes(run.images));
      // For estimates; lines of batches are counted with their windows.
      if (!run.config.batch && !run.config.call)
        await addCosts(parts.redis, run.config.model, { runs: 1, ...run.usage });
    }
  }
  if (!run.config.batch) await parts.tenancy.openRuns.leave(run);
  await parts.admission.leave(run);
}

/** Finalizes now if it can; otherwise leaves it to the sweeper, which owns the run until it is closed. */
export async function finalizeSoon(run: Run, parts: FinalizeParts, log: Log): Promise<void> {
  try {
    await finalize(run, parts);
  } catch (error) {
    log.warn({ runId: run.id, error }, 'cannot finalize now; the sweeper will hand it out again');
  }
}
