/**
 * What others learn of a run that has ended, between its trace and its closing: its batch, its webhooks. Each part may
 * be repeated, since the process that does it may die in it.
 */
import type { Run } from '../contract.ts';
import type { FinalizeParts } from './finalize.ts';

/** @throws StoreAway or a Redis error: the run is finalized again later */
export async function handOver(_run: Run, _parts: FinalizeParts): Promise<void> {}
