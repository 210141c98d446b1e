/**
 * One look at a batch: does what there is to do now. The way of a batch, from its file to its results:
 * validate → (open a window → its runs → write the window) … → conclude → announce.
 */
import { LRUCache } from 'lru-cache';
import type { BatchEvent } from '../../../shared/batch/batch-machine.ts';
import type { SeenBatch } from '../../../shared/batch/batch-store.ts';
import { type BatchState, isOver, type OpenWindow, type WindowPlan } from '../../../shared/batch/contract.ts';
import { readPlan } from '../../../shared/batch/window-notes.ts';
import type { Outcome } from '../../../shared/contract.ts';
import { keys } from '../../../shared/keys.ts';
import { finalizeSoon } from '../../../shared/run/finalize.ts';
import { metrics } from '../../../shared/telemetry.ts';
import { announce, conclude, giveUp } from './conclude.ts';
import { InputGone, openLines, twinsOf } from './open-window.ts';
import { assertLease, type BatchParts, forEachOf, now, whileOpening } from './parts.ts';
import { validate } from './validate.ts';
import { forgetRuns, resultsOf, runIdsOf, windowOfLine, writeWindow } from './write-window.ts';

/** `busy`: there may be more to do at once. `over`: nobody needs to look at it again. */
export type Look = 'busy' | 'idle' | 'over';

export interface WindowBudget {
  /**
   * May this batch open another window now? If so, the window counts at once.
   * @param unfinished lines of its open windows
   */
  mayOpen(batch: BatchState, unfinished: number): boolean;
}

export async function advanceBatch(parts: BatchParts, seen: SeenBatch, budget: WindowBudget): Promise<Look> {
  assertLease(parts);
  try {
    return await look(parts, seen, budget);
  } catch (error) {
    if (!(error instanceof InputGone)) throw error;
    return await withoutInput(parts, seen, error.message);
  }
}

/** Its input is gone: what is open is ended and written as far as it is known, then the batch fails. */
async function withoutInput(parts: BatchParts, seen: SeenBatch, message: string): Promise<Look> {
  const { batch } = seen;
  const plan = await planOf(parts, batch);
  for (const window of batch.open) {
    const own = plan[window.number];
    if (own && !(await endRuns(parts, batch, own))) continue;
    return write(parts, seen, window, plan, { inputGone: true });
  }
  if (batch.open.length > 0) return 'idle';
  await parts.batches.apply(seen, await giveUp(parts, batch, message));
  return 'busy';
}

async function look(parts: BatchParts, seen: SeenBatch, budget: WindowBudget): Promise<Look> {
  const { batch } = seen;
  const apply = async (event: BatchEvent): Promise<Look> => {
    await parts.batches.apply(seen, event);
    return 'busy';
  };
  if (isOver(batch.status)) {
    await takeLeave(parts, batch);
    return 'over';
  }
  if (batch.status === 'validating') return apply(await validate(parts, batch));
  const plan = await planOf(parts, batch);
  if (batch.times.finalizing !== undefined) return apply(await conclude(parts, batch, plan));
  if (batch.ending !== null) return drain(parts, seen, plan);
  if (now() >= batch.expiresAt) return apply({ type: 'expire', now: now() });

  let unfinished = 0;
  for (const window of batch.open.filter((one) => one.ready)) {
    const { completed, failed } = await parts.batches.ended(batch.id, window.number);
    const left = window.lines - window.refused - window.twins - completed - failed;
    unfinished += left;
    if (left <= 0 && (await twinsReady(parts, batch, window, plan))) return write(parts, seen, window, plan);
  }
  const begun = batch.open.find((one) => !one.ready);
  if (begun) return apply(await open(parts, batch, begun.number, plan, true));
  if (batch.next >= batch.windows) {
    return batch.open.length === 0 ? apply({ type: 'drained', now: now() }) : 'idle';
  }
  const own = plan[batch.next];
  if (!own || unfinished >= wanted(parts, batch) || !budget.mayOpen(batch, unfinished)) return 'idle';
  const earlier = await writtenBefore(parts, batch, batch.next, own);
  const opening = await parts.batches.apply(seen, {
    type: 'opening',
    number: batch.next,
    lines: own.lines,
    twins: own.twins,
  });
  if (!opening) return 'busy';
  await parts.batches.apply(opening, earlier ?? (await open(parts, batch, batch.next, plan, false)));
  return 'busy';
}

/** Tells of a batch that is over, then forgets it. May be repeated. */
export async function takeLeave(parts: BatchParts, batch: BatchState): Promise<void> {
  await announce(parts, batch);
  await parts.batches.leave(batch.tenant, batch.id);
  metrics.batches.inc({ status: batch.status });
  parts.log.info({ batchId: batch.id, status: batch.status, ...batch.counts }, 'batch is over');
}

/** Plans never change once they are written. */
const plans = new LRUCache<string, readonly WindowPlan[]>({ max: 64 });

async function planOf(parts: BatchParts, batch: BatchState): Promise<readonly WindowPlan[]> {
  // Cancelled before it was validated; there may be a plan that came too late.
  if (batch.windows === 0) return [];
  const known = plans.get(batch.id);
  if (known) return known;
  const plan = await readPlan(parts, batch);
  plans.set(batch.id, plan);
  return plan;
}

/** Lines that should be open: enough for the whole fleet, working and waiting, twice over. */
function wanted({ env, fleet, models: entries }: BatchParts, batch: BatchState): number {
  const models =
    batch.model === null ? new Set(fleet.workers().flatMap((worker) => Object.keys(worker.models))) : [batch.model];
  const slots = [...models].reduce((sum, model) => sum + fleet.concurrencyOf(model) * 3, 0);
  // Lines of a model that there is not are refused, one window after another.
  if (batch.model !== null && !entries.get(batch.model)) return 1;
  // Of models that nobody serves no line could begin: others have more use for the windows.
  if (slots === 0) return 0;
  const limit = env.COTA_MAX_IN_FLIGHT > 0 ? env.COTA_MAX_IN_FLIGHT : slots;
  return Math.max(env.COTA_BATCH_WINDOW_LINES, 2 * limit);
}

/** When a window was first tried, by batch and number: lines may wait for a tool, but not for ever. */
const triedSince = new LRUCache<string, number>({ max: 1_000 });

async function open(
  parts: BatchParts,
  batch: BatchState,
  number: number,
  plan: readonly WindowPlan[],
  again: boolean,
): Promise<BatchEvent> {
  const own = plan[number];
  if (!own) throw new Error(`batch ${batch.id} has no window ${number}`);
  const key = `${batch.id} ${number}`;
  const since = triedSince.get(key) ?? Date.now();
  triedSince.set(key, since);
  const refused = await whileOpening(() => openLines(parts, batch, number, own, { again, since }));
  return { type: 'opened', number, refused };
}

async function write(
  parts: BatchParts,
  seen: SeenBatch,
  window: OpenWindow,
  plan: readonly WindowPlan[],
  options: { readonly inputGone?: boolean } = {},
): Promise<Look> {
  const written = await writeWindow(parts, seen.batch, window, plan, options);
  const after = await parts.batches.apply(seen, written);
  if (!after) return 'busy';
  metrics.batchLines.inc({ result: 'completed' }, written.completed);
  metrics.batchLines.inc({ result: 'failed' }, written.failed);
  await forgetRuns(parts, seen.batch, window.number, plan);
  return 'busy';
}

/** A twin waits for the window of the line that it equals. */
async function twinsReady(
  parts: BatchParts,
  batch: BatchState,
  window: OpenWindow,
  plan: readonly WindowPlan[],
): Promise<boolean> {
  if (window.twins === 0) return true;
  const waiting = new Set(batch.open.map((one) => one.number).filter((one) => one !== window.number));
  if (waiting.size === 0) return true;
  const twins = Object.values(await twinsOf(parts, batch, window.number, window.twins));
  return !twins.some((line) => waiting.has(windowOfLine(plan, line)));
}

/** After Redis has lost a batch: a window whose results are whole in the store is not run a second time. */
async function writtenBefore(
  parts: BatchParts,
  batch: BatchState,
  number: number,
  own: WindowPlan,
): Promise<BatchEvent | undefined> {
  const results = [...(await resultsOf(parts, batch, number)).values()];
  if (results.length < own.lines) return undefined;
  const completed = results.filter((one) => one.good).length;
  const usage = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, runs: 0, activeMs: 0 };
  return { type: 'written', number, completed, failed: results.length - completed, usage };
}

/** A batch that was cancelled or whose time is over: ends what is alive, keeps what is done. */
async function drain(parts: BatchParts, seen: SeenBatch, plan: readonly WindowPlan[]): Promise<Look> {
  const { batch } = seen;
  if (batch.open.length === 0) {
    await parts.batches.apply(seen, { type: 'drained', now: now() });
    return 'busy';
  }
  for (const window of batch.open) {
    const own = plan[window.number];
    if (own && !(await endRuns(parts, batch, own))) continue;
    return write(parts, seen, window, plan);
  }
  return 'idle';
}

/** @returns true once each run of the window is closed, its trace in the store */
async function endRuns(parts: BatchParts, batch: BatchState, own: WindowPlan): Promise<boolean> {
  const { runs, redis, finalizing, log } = parts;
  const stopReason = batch.ending === 'expired' ? 'batch_expired' : 'batch_cancelled';
  const outcome: Outcome = { status: 'cancelled', stopReason };
  let left = 0;
  await forEachOf(runIdsOf(batch, own), async (id) => {
    const ended = await runs.end(id, outcome, { tenant: batch.tenant });
    if (ended.is === 'gone' || (ended.is === 'ended' && ended.status === 'closed')) return;
    const run = await runs.read(id);
    if (!run) return;
    if (ended.is === 'ok') await redis.publish(keys.cancelChannel, id);
    await finalizeSoon(run, finalizing, log);
    if ((await redis.hget(keys.run(id), 'status')) !== 'closed') left += 1;
  });
  return left === 0;
}
