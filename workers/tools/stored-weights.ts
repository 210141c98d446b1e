/** Weights that this worker's tools lack and the object store has are fetched from there, so that many workers need one pull. */
import type { Cluster } from '../../shared/cluster.ts';
import type { CatalogueEntry } from '../../shared/weights/catalogue.ts';
import { pull } from '../../shared/weights/pull.ts';
import { outdated } from '../../shared/weights/receipt.ts';
import { storedReceipt, storeSource } from '../../shared/weights/store.ts';
import type { Weights } from '../../shared/weights/weights.ts';

/** How often a worker that lacks weights asks the store for them. */
const LOOK_MS = 15_000;

/** Looks at once and then until the process stops; a worker that lacks nothing asks nothing. */
export function fetchStoredWeights(
  { objects, log, lifecycle }: Pick<Cluster, 'objects' | 'log' | 'lifecycle'>,
  weights: Weights,
  everyMs = LOOK_MS,
): void {
  const stop = new AbortController();
  let told = '';
  const fetchOne = async (entry: CatalogueEntry): Promise<void> => {
    const stored = await storedReceipt(objects, entry.id);
    if (!stored) return;
    const old = outdated(stored, entry);
    if (old !== undefined) {
      say(
        `the store's ${entry.id} is not that of this version's catalogue (${old}): cota models pull ${entry.id} --to store`,
      );
      return;
    }
    const startedAt = performance.now();
    log.info({ weights: entry.id }, 'fetching weights from the object store');
    const { fetched } = await pull({
      ...{ root: weights.root, entry, source: storeSource(objects, stored), signal: stop.signal },
      onNote: (line) => log.info({ weights: entry.id }, line),
    });
    const ms = Math.round(performance.now() - startedAt);
    log.info({ weights: entry.id, files: fetched.length, ms }, 'weights are here');
  };
  const say = (line: string): void => {
    if (line !== told) log.warn(line);
    told = line;
  };
  const look = async (): Promise<void> => {
    for (const entry of weights.lacking()) {
      try {
        await fetchOne(entry);
      } catch (error) {
        if (stop.signal.aborted) return;
        say(`cannot fetch the weights ${entry.id} from the object store: ${(error as Error).message}`);
      }
    }
  };
  let looking: Promise<void> = look();
  let busy = true;
  const rest = (): void => {
    busy = false;
  };
  looking.finally(rest);
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    looking = look();
    looking.finally(rest);
  }, everyMs);
  lifecycle.onStop('stored weights', async () => {
    clearInterval(timer);
    stop.abort(new Error('the worker stops'));
    await looking;
  });
}
