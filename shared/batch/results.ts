/** Results of a batch, window after window: also while the batch runs. */
import { readLines } from '../files/jsonl.ts';
import { paths } from '../keys.ts';
import { ObjectMissing } from '../object-store.ts';
import type { BatchState } from './contract.ts';
import { type OpenParts, openResults } from './open-results.ts';
import { readPlan } from './window-notes.ts';

/** Longer than any result: those of millions of tokens included. */
const MOST_BYTES = 256 * 1024 * 1024;

/**
 * All lines that are answered, or that failed, as JSON: window after window, of those that are written first the
 * output, then the errors.
 * @param only `failed`: the errors alone
 */
export async function* resultsSoFar(parts: OpenParts, batch: BatchState, only?: 'failed'): AsyncGenerator<string> {
  const open = new Set(batch.open.map((window) => window.number));
  const plan = open.size > 0 ? await readPlan(parts, batch) : [];
  // Of a batch that is over, also the windows that were never opened: their lines are in the errors.
  const end = batch.errorFileId === null ? batch.next : Math.max(batch.next, batch.windows);
  for (let number = 0; number < end; number++) {
    const own = open.has(number) ? plan[number] : undefined;
    const results = own && (await openResults(parts, batch, number, own));
    if (results) {
      for await (const { good, line } of results) if (only === undefined || !good) yield JSON.stringify(line);
    } else yield* written(parts, batch, number, only);
  }
}

async function* written(
  { objects }: OpenParts,
  batch: BatchState,
  number: number,
  only?: 'failed',
): AsyncGenerator<string> {
  const output = paths.batchOutput(batch.tenant, batch.id, number);
  const errors = paths.batchErrors(batch.tenant, batch.id, number);
  for (const key of only === 'failed' ? [errors] : [output, errors]) {
    try {
      const { body } = await objects.stream(key);
      for await (const { text } of readLines(body, { maxLineBytes: MOST_BYTES })) if (text !== undefined) yield text;
    } catch (error) {
      if (!(error instanceof ObjectMissing)) throw error;
    }
  }
}
