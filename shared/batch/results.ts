/** Results of a batch, window after window: also while the batch runs. */
import type { Env } from '../env.ts';
import { readLines } from '../files/jsonl.ts';
import { paths } from '../keys.ts';
import { ObjectMissing } from '../object-store.ts';
import type { FindParts } from '../run/find-run.ts';
import type { BatchStore } from './batch-store.ts';
import type { BatchState } from './contract.ts';
import { openResults } from './open-results.ts';
import { readPlan } from './window-notes.ts';

/** Longer than any result: those of millions of tokens included. */
const MOST_BYTES = 256 * 1024 * 1024;

export interface ResultParts extends FindParts {
  readonly batches: Pick<BatchStore, 'read'>;
  readonly env: Pick<Env, 'COTA_PUBLIC_URL'>;
}

/**
 * All lines that are answered, or that failed, as JSON: window after window, of those that are written first the
 * output, then the errors.
 * @param only `failed`: the errors alone
 */
export async function* resultsSoFar(parts: ResultParts, batch: BatchState, only?: 'failed'): AsyncGenerator<string> {
  const open = new Map(batch.open.map((window) => [window.number, window]));
  const plan = open.size > 0 ? await readPlan(parts, batch) : [];
  // Of a batch that is over, also the windows that were never opened: their lines are in the errors.
  const end = batch.errorFileId === null ? batch.next : Math.max(batch.next, batch.windows);
  for (let number = 0; number < end; number++) {
    const window = open.get(number);
    const own = plan[number];
    if (window && own && (await isOpen(parts, batch, number))) {
      for await (const { good, line } of openResults(parts, batch, window, own, parts.env.COTA_PUBLIC_URL ?? '')) {
        if (only === undefined || !good) yield JSON.stringify(line);
      }
    } else yield* written(parts, batch, number, only);
  }
}

/** A window may be written while those before it are read. */
async function isOpen({ batches }: ResultParts, batch: BatchState, number: number): Promise<boolean> {
  const seen = await batches.read(batch.id);
  return seen?.batch.open.some((window) => window.number === number) ?? false;
}

async function* written(
  { objects }: ResultParts,
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
