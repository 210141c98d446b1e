/** What a client may do to a run from outside: cancel it, or delete it with all that it owns. */

import { endLine } from '../batch/hand-over.ts';
import { keys, paths } from '../keys.ts';
import type { RunView } from '../response.ts';
import type { Log } from '../telemetry.ts';
import { imageBytes } from '../tenants/storage-meter.ts';
import { type FinalizeParts, finalizeSoon } from './finalize.ts';
import { type FindParts, findRun } from './find-run.ts';
import { forgetRuns } from './recent-runs.ts';
import { deleteRunObjects } from './run-objects.ts';

export interface EndParts extends FindParts {
  readonly finalizing: FinalizeParts;
  readonly log: Log;
}

/**
 * Ends a run at once; live work on it stops between two tokens. A run that has ended stays as it is.
 * @returns the run afterwards; undefined when the tenant has none of that id
 */
export async function cancelRun(parts: EndParts, tenant: string, runId: string): Promise<RunView | undefined> {
  const { redis, runs, finalizing, log } = parts;
  await runs.end(runId, { status: 'cancelled', stopReason: 'cancelled' }, { tenant });
  const run = await runs.read(runId);
  // Also on a second try, when the first one got no further than the record.
  if (run?.tenant === tenant && run.status === 'finalizing' && run.outcome?.status === 'cancelled') {
    await redis.publish(keys.cancelChannel, runId);
    await finalizeSoon(run, finalizing, log);
  }
  return findRun(parts, tenant, runId);
}

/**
 * Cancels a run if it is alive, then removes its trace, images and record. May be repeated: a try that failed half-way
 * leaves the record, so that the next one finds what is left.
 * @param rememberS seconds for which nothing that is still under way can bring the run back
 * @returns false when the tenant has no such run
 * @throws StoreAway or a Redis error: nothing is promised, try again
 */
export async function deleteRun(parts: EndParts, tenant: string, runId: string, rememberS: number): Promise<boolean> {
  const { redis, runs, objects, finalizing } = parts;
  const run = await cancelRun(parts, tenant, runId);
  if (!run) return false;
  const kept = run.status === 'closed' ? imageBytes(run.images) + (await traceBytes(parts, tenant, runId)) : 0;
  await deleteRunObjects(objects, tenant, runId, run.images);
  // Of two deletions at once, one counts.
  const first = await redis.set(keys.deleted(runId), '1', 'EX', rememberS, 'NX');
  if (first) await finalizing.tenancy.meter.add(tenant, -kept);
  await finalizing.tenancy.openRuns.leave({ tenant, id: runId });
  await forgetRuns(redis, tenant, [runId]);
  await finalizing.admission.leave({ id: runId, tenant, config: run.config });
  // A run that is not closed may have told its batch nothing yet, and without its record nobody else will.
  if (run.status !== 'closed') await endLine(redis, run);
  await runs.remove(runId);
  // A worker that was writing meanwhile may have done so after the first pass; what it writes from now on it takes back.
  if (run.status !== 'closed') await deleteRunObjects(objects, tenant, runId);
  return true;
}

async function traceBytes({ objects }: EndParts, tenant: string, runId: string): Promise<number> {
  return (await objects.head(paths.trace(tenant, runId)))?.size ?? 0;
}
