/** What the batch driver and its steps work with. */
import type { BatchStore } from '../../../shared/batch/batch-store.ts';
import type { Cluster } from '../../../shared/cluster.ts';
import type { Files } from '../../../shared/files/files.ts';
import type { TrainedView } from '../../../shared/models/trained-view.ts';
import type { Models } from '../../../shared/models.ts';
import type { SafeFetch } from '../../../shared/safe-fetch.ts';

export interface BatchParts
  extends Pick<
    Cluster,
    'env' | 'log' | 'redis' | 'runs' | 'objects' | 'admission' | 'fleet' | 'finalizing' | 'tenancy'
  > {
  readonly batches: BatchStore;
  readonly files: Files;
  /** Those of models.yaml. */
  readonly models: Models;
  readonly trained: TrainedView;
  readonly urls: Pick<SafeFetch, 'check'>;
  /** False once another scheduler may act. */
  readonly mayGoOn: () => boolean;
}

/** Thrown when this process must leave a batch to the one that has the lease now. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

export function assertLease(parts: Pick<BatchParts, 'mayGoOn'>): void {
  if (!parts.mayGoOn()) throw new LeaseLost('another scheduler acts');
}

/** Windows that are opened at a time: each may hold some 20 MB of lines and images meanwhile. */
const OPENINGS = 2;
let opening = 0;
const queue: (() => void)[] = [];

/** Waits for a place among the windows that are being opened. */
export async function whileOpening<T>(work: () => Promise<T>): Promise<T> {
  if (opening >= OPENINGS) await new Promise<void>((resolve) => queue.push(resolve));
  opening += 1;
  try {
    return await work();
  } finally {
    opening -= 1;
    queue.shift()?.();
  }
}

/** Runs that are made, read or ended at a time: enough to hide the round trips to Redis and store. */
const AT_A_TIME = 32;

/** Works on all items, some at a time, and ends after the first failure has stopped the others. */
export async function forEachOf<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      try {
        await work(items[index] as T, index);
      } catch (error) {
        next = items.length;
        throw error;
      }
    }
  };
  const all = await Promise.allSettled(Array.from({ length: Math.min(AT_A_TIME, items.length) }, worker));
  const failed = all.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}

export const now = (): number => Math.floor(Date.now() / 1000);
