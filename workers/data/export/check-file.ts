/** Reads a file of an export back from the object store and holds it against the chains that it was made of. */
import type { Chain } from '../../../shared/data/chain.ts';
import { CotaError } from '../../../shared/errors.ts';
import type { ObjectStore } from '../../../shared/object-store.ts';
import { shownOf } from './conversation.ts';
import type { Format } from './format.ts';
import { difference } from './read/compare.ts';
import { readRows } from './read-file.ts';

/**
 * @param chains those of the file, in its order
 * @throws CotaError that names the first chain of which something was lost, and what
 */
export async function checkFile(
  objects: ObjectStore,
  file: { readonly name: string; readonly key: string },
  format: Format,
  chains: AsyncIterable<Chain>,
  calls: 'native' | 'text',
): Promise<void> {
  const fail = (words: string): never => {
    throw new CotaError(
      'invalid_request',
      `The export ${file.name} is not what its chains are: ${words}. Nothing was lost from the dataset itself; export to another format, or leave that chain out.`,
    );
  };
  const rows = readRows(objects, file.key, format);
  let count = 0;
  for await (const chain of chains) {
    const row = await rows.next();
    if (row.done) return fail(`it ends after ${count} rows, before chain ${chain.id}`);
    count++;
    let wrong: string | undefined;
    try {
      wrong = difference(chain, format.read(row.value, calls), shownOf(chain));
    } catch (error) {
      wrong = `it cannot be read back: ${(error as Error).message}`;
    }
    if (wrong !== undefined) return fail(`row ${count}, chain ${chain.id}: ${wrong}`);
  }
  if (!(await rows.next()).done) fail(`it has more than its ${count} rows`);
}
