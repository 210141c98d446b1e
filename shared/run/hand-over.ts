/**
 * What others learn of a run that has ended, between its trace and its closing: its batch, its webhooks. Each part may
 * be repeated, since the process that does it may die in it.
 */
import { endLine } from '../batch/hand-over.ts';
import type { Run } from '../contract.ts';
import { emit } from '../webhooks/emit.ts';
import type { FinalizeParts } from './finalize.ts';
import { eventOfRun } from './run-event.ts';

/** @throws StoreAway or a Redis error: the run is finalized again later */
export async function handOver(run: Run, parts: FinalizeParts): Promise<void> {
  if (run.config.batch) return endLine(parts.redis, run);
  await emit(parts, run.tenant, eventOfRun(run));
}
