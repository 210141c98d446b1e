/** What lines of a window have come to while others of it are still worked on. */
import type { Env } from '../env.ts';
import { keys } from '../keys.ts';
import { type FindParts, findRun } from '../run/find-run.ts';
import type { BatchStore } from './batch-store.ts';
import type { BatchState, WindowPlan } from './contract.ts';
import { runIdOfLine } from './line.ts';
import { type Result, refusedResult, resultOf } from './result-line.ts';
import { type RefusedLines, refusedOf } from './window-notes.ts';

/** Runs that are read at a time. */
const AT_ONCE = 32;

export interface OpenParts extends FindParts {
  readonly batches: Pick<BatchStore, 'read'>;
  readonly env: Pick<Env, 'COTA_PUBLIC_URL'>;
}

/**
 * Lines that have ended: those that were refused, then the others in the order of the file. Lines that wait for an
 * equal one are not among them.
 * @returns undefined when the window is written by now: then its results lie in the store
 */
export async function openResults(
  parts: OpenParts,
  batch: BatchState,
  number: number,
  plan: WindowPlan,
): Promise<AsyncGenerator<Result> | undefined> {
  const ended = await endedLines(parts, batch, number, plan);
  // Asked afterwards: of a window that is open, the bits were whole.
  const seen = await parts.batches.read(batch.id);
  const isOpen = seen?.batch.open.some((window) => window.number === number);
  return isOpen ? resultsOfLines(parts, batch, ended, await refusedOf(parts, batch, number, plan)) : undefined;
}

/** Runs that leave Redis meanwhile are found by their traces. */
async function* resultsOfLines(
  parts: OpenParts,
  batch: BatchState,
  ended: readonly number[],
  refused: RefusedLines,
): AsyncGenerator<Result> {
  for (const { number, customId, refusal } of Object.values(refused)) {
    yield refusedResult(runIdOfLine(batch, number), customId, refusal);
  }
  const baseUrl = parts.env.COTA_PUBLIC_URL ?? '';
  for (let first = 0; first < ended.length; first += AT_ONCE) {
    const ids = ended.slice(first, first + AT_ONCE).map((number) => runIdOfLine(batch, number));
    for (const run of await Promise.all(ids.map((id) => findRun(parts, batch.tenant, id)))) {
      const line = run?.config.batch;
      if (run?.outcome && line) yield resultOf(run, line.customId, batch.endpoint, baseUrl);
    }
  }
}

/** Numbers of lines that may have ended. */
async function endedLines(
  { redis }: FindParts,
  batch: BatchState,
  window: number,
  plan: WindowPlan,
): Promise<number[]> {
  const numbers = Array.from({ length: plan.lastLine - plan.line + 1 }, (_, at) => plan.line + at);
  // Bits are counted by requests: only where no line is blank do they tell the line.
  if (numbers.length !== plan.lines) return numbers;
  const bits = await Promise.all([keys.windowOk, keys.windowBad].map((key) => redis.getBuffer(key(batch.id, window))));
  return numbers.filter((_, at) => bits.some((some) => ((some?.[at >> 3] ?? 0) & (0x80 >> (at & 7))) !== 0));
}
