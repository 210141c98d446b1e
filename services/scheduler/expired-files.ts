/** Takes away files whose time is over, and what uploads left that ended half-way. */
import type { Cluster } from '../../shared/cluster.ts';

/** Files that one round looks at: a second or two of work in a slow store. */
const MOST = 100;

/** @param goOn false once another scheduler may act */
export async function clearExpiredFiles(
  { files, log }: Pick<Cluster, 'files' | 'log'>,
  goOn: () => boolean,
): Promise<void> {
  try {
    await files.sweepExpired(MOST, goOn);
  } catch (error) {
    // Nobody waits for this, and runs must not either: the next round tries again.
    log.warn({ error }, 'cannot remove expired files now');
  }
}
