/**
 * Writes what came of a window, under fixed keys, and lets its runs go from Redis; their traces stay. May be repeated:
 * the same runs give the same bytes.
 */
import { LRUCache } from 'lru-cache';
import type { BatchEvent } from '../../../shared/batch/batch-machine.ts';
import type { BatchState, OpenWindow, WindowPlan } from '../../../shared/batch/contract.ts';
import { addCosts } from '../../../shared/batch/hand-over.ts';
import { runIdOfLine } from '../../../shared/batch/line.ts';
import {
  type Reason,
  type Result,
  type ResultLine,
  refusedResult,
  resultLine,
  resultOf,
  twinResult,
  unanswered,
  usageOf,
} from '../../../shared/batch/result-line.ts';
import { type RefusedLines, refusedOf } from '../../../shared/batch/window-notes.ts';
import { readLines } from '../../../shared/files/jsonl.ts';
import { paths } from '../../../shared/keys.ts';
import { ObjectMissing } from '../../../shared/object-store.ts';
import type { RunView } from '../../../shared/response.ts';
import { findRun } from '../../../shared/run/find-run.ts';
import { linesOf, twinsOf, type WindowLine } from './open-window.ts';
import { assertLease, type BatchParts, forEachOf } from './parts.ts';

type Written = Extract<BatchEvent, { type: 'written' }>;

/** @param options.inputGone true when the input cannot be read any more: then what is known of the lines must do */
export async function writeWindow(
  parts: BatchParts,
  batch: BatchState,
  window: OpenWindow,
  plan: readonly WindowPlan[],
  { inputGone = false }: { readonly inputGone?: boolean } = {},
): Promise<Written> {
  const { env, log, redis } = parts;
  const own = plan[window.number];
  if (!own) throw new Error(`batch ${batch.id} has no window ${window.number}`);
  const refused = await refusedOf(parts, batch, window.number, own);
  const lines = inputGone ? await knownLines(parts, batch, own, refused) : await linesOf(parts, batch, own);
  const twins = inputGone ? {} : await twinsOf(parts, batch, window.number, window.twins);
  const baseUrl = env.COTA_PUBLIC_URL ?? '';
  const results: Result[] = [];
  const runs: RunView[] = [];
  await forEachOf(
    lines.filter(({ index }) => twins[index] === undefined),
    async (line) => {
      const id = runIdOfLine(batch, line.number);
      const wrong = refused[line.index];
      if (wrong) {
        results[line.index] = refusedResult(id, line.customId, wrong.refusal);
        return;
      }
      const run = await findRun(parts, batch.tenant, id);
      if (run && !run.outcome) throw new Error(`line ${line.number} of ${batch.id} has not ended`);
      if (run) runs.push(run);
      results[line.index] = run
        ? resultOf(run, line.customId, batch.endpoint, baseUrl)
        : unanswered(id, line.customId, reasonOf(batch));
    },
  );
  await answerTwins(parts, batch, { lines, twins, results, plan, number: window.number });
  assertLease(parts);
  const written = await putResults(parts, batch, window.number, results);
  for (const [model, some] of Map.groupBy(runs, (run) => run.config.model)) {
    await addCosts(redis, model, usageOf(some));
  }
  const { modelMs: _, ...usage } = usageOf(runs);
  log.debug({ batchId: batch.id, window: window.number, ...written }, 'window written');
  return {
    type: 'written',
    number: window.number,
    ...written,
    usage: { ...usage, activeMs: Math.round(usage.activeMs) },
  };
}

/** Lines that have a run or were refused: their names are known without the file. */
async function knownLines(
  parts: BatchParts,
  batch: BatchState,
  own: WindowPlan,
  refused: RefusedLines,
): Promise<Pick<WindowLine, 'number' | 'index' | 'customId'>[]> {
  const lines: Pick<WindowLine, 'number' | 'index' | 'customId'>[] = [];
  for (let number = own.line; number <= own.lastLine; number++) {
    const line = (await findRun(parts, batch.tenant, runIdOfLine(batch, number)))?.config.batch;
    if (line) lines.push({ number, index: line.index, customId: line.customId });
  }
  for (const [index, { customId, number }] of Object.entries(refused)) {
    lines.push({ number, index: Number(index), customId });
  }
  return lines;
}

const reasonOf = (batch: BatchState): Reason => {
  if (batch.ending === 'expired') return 'batch_expired';
  return batch.ending === 'cancelled' ? 'batch_cancelled' : 'run_deleted';
};

/** Both parts of a window; one that would be empty is not there. The errors first: who finds an output finds all. */
export async function putResults(
  { objects }: Pick<BatchParts, 'objects'>,
  batch: BatchState,
  number: number,
  results: readonly Result[],
): Promise<{ completed: number; failed: number }> {
  const good = results.filter((one) => one.good);
  const bad = results.filter((one) => !one.good);
  const text = (some: readonly Result[]) => Buffer.from(some.map(({ line }) => `${JSON.stringify(line)}\n`).join(''));
  const about = { contentType: 'application/jsonl' };
  if (bad.length > 0) await objects.put(paths.batchErrors(batch.tenant, batch.id, number), text(bad), about);
  if (good.length > 0) await objects.put(paths.batchOutput(batch.tenant, batch.id, number), text(good), about);
  return { completed: good.length, failed: bad.length };
}

/** Removes a written window's runs from Redis. */
export async function forgetRuns(
  parts: BatchParts,
  batch: BatchState,
  number: number,
  plan: readonly WindowPlan[],
): Promise<void> {
  const own = plan[number];
  if (!own) return;
  await forEachOf(runIdsOf(batch, own), (id) => parts.runs.remove(id));
  await parts.batches.forgetWindow(batch.id, number);
}

/** Ids of all runs that a window may have made. Blank lines have none, which is no harm. */
export function runIdsOf(batch: BatchState, own: WindowPlan): string[] {
  const numbers = Array.from({ length: own.lastLine - own.line + 1 }, (_, index) => own.line + index);
  return numbers.map((number) => runIdOfLine(batch, number));
}

interface Twinned {
  readonly lines: readonly Pick<WindowLine, 'number' | 'index' | 'customId'>[];
  readonly twins: Readonly<Record<string, number>>;
  readonly results: Result[];
  readonly plan: readonly WindowPlan[];
  readonly number: number;
}

/** Lines that equal an earlier one get its result. The windows of those are written: the driver waits for them. */
async function answerTwins(parts: BatchParts, batch: BatchState, twinned: Twinned): Promise<void> {
  const { lines, twins, results, plan, number } = twinned;
  const own = plan[number];
  const byNumber = new Map(lines.map((line) => [line.number, line.index]));
  const wanted = Map.groupBy(
    lines.filter(({ index }) => twins[index] !== undefined),
    ({ index }) => windowOfLine(plan, twins[index] ?? 0),
  );
  for (const [window, some] of wanted) {
    const others = plan[window] === own ? undefined : await knownResults(parts, batch, window);
    for (const { index, number: mine, customId } of some) {
      const original = twins[index] ?? 0;
      const first = others
        ? others.get(`batch_req_${runIdOfLine(batch, original).slice(4)}`)
        : results[byNumber.get(original) ?? -1];
      const id = runIdOfLine(batch, mine);
      results[index] = first ? twinResult(first, id, customId) : unanswered(id, customId, reasonOf(batch));
    }
  }
}

/** The window that holds a line of the file. */
export function windowOfLine(plan: readonly WindowPlan[], line: number): number {
  const after = plan.findIndex((one) => one.line > line);
  return (after < 0 ? plan.length : after) - 1;
}

/** Windows that are written never change; many later ones may have twins in one of them. */
const results = new LRUCache<string, Map<string, Result>>({ max: 4 });

async function knownResults(parts: BatchParts, batch: BatchState, window: number): Promise<Map<string, Result>> {
  const key = `${batch.id} ${window}`;
  const found = results.get(key) ?? (await resultsOf(parts, batch, window));
  results.set(key, found);
  return found;
}

/** What a written window came to, by the ids of its lines. */
export async function resultsOf(
  { objects, env }: Pick<BatchParts, 'objects' | 'env'>,
  batch: BatchState,
  window: number,
): Promise<Map<string, Result>> {
  const found = new Map<string, Result>();
  const parts = [
    { key: paths.batchOutput(batch.tenant, batch.id, window), good: true },
    { key: paths.batchErrors(batch.tenant, batch.id, window), good: false },
  ];
  for (const { key, good } of parts) {
    try {
      const { body } = await objects.stream(key);
      // A result is its request and its steps: longer than any line that was sent, yet no longer than a few of them.
      for await (const raw of readLines(body, { maxLineBytes: env.COTA_BODY_LIMIT_BYTES * 8 })) {
        const line: ResultLine = resultLine.parse(JSON.parse(raw.text ?? ''));
        found.set(line.id, { good, line });
      }
    } catch (error) {
      if (!(error instanceof ObjectMissing)) throw error;
    }
  }
  return found;
}
