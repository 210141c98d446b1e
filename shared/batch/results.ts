/** Results of a batch as they lie in the store, window after window: also while the batch runs. */
import { readLines } from '../files/jsonl.ts';
import { paths } from '../keys.ts';
import { ObjectMissing, type ObjectStore } from '../object-store.ts';
import type { BatchState } from './contract.ts';

/** Longer than any result: those of millions of tokens included. */
const MOST_BYTES = 256 * 1024 * 1024;

/**
 * Lines of all windows that are written, as JSON: those of a window's output, then its errors.
 * @param only `failed`: the errors alone
 */
export async function* resultsSoFar(
  { objects }: { readonly objects: ObjectStore },
  batch: BatchState,
  only?: 'failed',
): AsyncGenerator<string> {
  const open = new Set(batch.open.map((window) => window.number));
  // Of a batch that is over, also the windows that were never opened: their lines are in the errors.
  const end = batch.errorFileId === null ? batch.next : Math.max(batch.next, batch.windows);
  for (let number = 0; number < end; number++) {
    if (open.has(number)) continue;
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
}
