/** Pictures that a source's questions name by path: from a zip, or a tar that may be packed by gzip or zstd. */
import { CotaError } from '../../../../shared/errors.ts';
import type { ObjectStore } from '../../../../shared/object-store.ts';
import { type InputFile, openInput } from '../input.ts';
import type { Member } from './member.ts';
import { tarMembers } from './tar.ts';
import { zipMembers } from './zip.ts';

/**
 * @param wanted names, as `safeName` makes them
 * @throws CotaError for a file that is no archive
 */
export async function* archiveMembers(
  objects: ObjectStore,
  file: InputFile,
  wanted: ReadonlySet<string>,
): AsyncGenerator<Member> {
  const head = await objects.head(file.key);
  if (!head) throw new CotaError('not_found', `The input ${file.name} is not in the store any more: upload it again.`);
  if (head.size >= 4) {
    const { body } = await objects.stream(file.key, { start: 0, end: 3 });
    const magic = Buffer.concat(await body.toArray()).toString('latin1');
    if (magic === 'PK\x03\x04' || magic === 'PK\x05\x06') {
      yield* zipMembers(objects, { ...file, size: head.size }, wanted);
      return;
    }
  }
  yield* tarMembers(await openInput(objects, file), file.name, wanted);
}
