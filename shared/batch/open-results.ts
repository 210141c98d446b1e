/** What lines of a window have come to while others of it are still worked on. */
import { keys } from '../keys.ts';
import { type FindParts, findRun } from '../run/find-run.ts';
import type { BatchState, OpenWindow, WindowPlan } from './contract.ts';
import { runIdOfLine } from './line.ts';
import { type Result, refusedResult, resultOf } from './result-line.ts';
import { refusedOf } from './window-notes.ts';

/** Runs that are read at a time. */
const AT_ONCE = 32;

/**
 * Lines that have ended: those that were refused, then the others in the order of the file. Lines that wait for an
 * equal one are not among them.
 * @param baseUrl of the links in the results
 */
export async function* openResults(
  parts: FindParts,
  batch: BatchState,
  window: OpenWindow,
  plan: WindowPlan,
  baseUrl: string,
): AsyncGenerator<Result> {
  for (const { number, customId, refusal } of Object.values(await refusedOf(parts, batch, window.number))) {
    yield refusedResult(runIdOfLine(batch, number), customId, refusal);
  }
  const ended = await endedLines(parts, batch, window, plan);
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
  window: OpenWindow,
  plan: WindowPlan,
): Promise<number[]> {
  const numbers = Array.from({ length: plan.lastLine - plan.line + 1 }, (_, at) => plan.line + at);
  // Bits are counted by requests: only where no line is blank do they tell the line.
  if (numbers.length !== plan.lines) return numbers;
  const bits = await Promise.all(
    [keys.windowOk, keys.windowBad].map((key) => redis.getBuffer(key(batch.id, window.number))),
  );
  return numbers.filter((_, at) => bits.some((some) => ((some?.[at >> 3] ?? 0) & (0x80 >> (at & 7))) !== 0));
}
