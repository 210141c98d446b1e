/** What errors of a file system mean to those who use the store. */
import { type AwayReason, StoreAway } from './contract.ts';

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export function ignoreMissing(error: unknown): undefined {
  if (errorCode(error) !== 'ENOENT') throw error;
}

export function missingRoot(root: string, cause: unknown): StoreAway {
  const message = `The store's folder ${root} is not there, or lost its ".tmp" folder. Was it moved or unmounted? Put it back; work goes on by itself.`;
  return new StoreAway('root_missing', message, { cause });
}

const AWAY = new Map<string, readonly [AwayReason, string]>([
  ['ENOSPC', ['full', 'is full. Free some space; work goes on by itself.']],
  ['EDQUOT', ['full', 'has reached its quota. Raise it or free some space; work goes on by itself.']],
  ['EROFS', ['read_only', 'is on a file system that is mounted read-only. Mount it writable.']],
  ['EACCES', ['denied', 'may not be used by this user. Give the process read and write permission.']],
  ['EPERM', ['denied', 'may not be used by this user. Give the process read and write permission.']],
  ['EIO', ['unreachable', 'had an input/output error. Check the disk.']],
  ['ESTALE', ['unreachable', 'is on a network share that was lost. Mount it again.']],
  ['ETIMEDOUT', ['timeout', 'did not answer in time. Check the network share.']],
  ['EMFILE', ['unreachable', 'cannot be used: this process has too many open files. Raise `ulimit -n`.']],
  ['ENFILE', ['unreachable', 'cannot be used: the machine has too many open files.']],
]);

/** The outage that a file system's error stands for; undefined when it is none. */
export function awayFrom(error: unknown, root: string): StoreAway | undefined {
  const known = AWAY.get(errorCode(error) ?? '');
  return known && new StoreAway(known[0], `The store's folder ${root} ${known[1]}`, { cause: error });
}
