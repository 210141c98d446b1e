/** Names within archives. Nothing is ever written to a file system under them: they are only compared. */

/** @returns the name with plain slashes; undefined for one that leads out of the archive, or to nothing */
export function safeName(name: string): string | undefined {
  const plain = name.replaceAll('\\', '/').replace(/^(?:\.\/)+/, '');
  if (plain === '' || plain.startsWith('/') || /^[A-Za-z]:/.test(plain) || plain.includes('\0')) return undefined;
  const parts = plain.split('/').filter((part) => part !== '' && part !== '.');
  return parts.length === 0 || parts.includes('..') ? undefined : parts.join('/');
}

/**
 * Which wanted name a member is: its whole name, or the longest end of it, since archives often hold one folder more
 * than questions name.
 */
export function wantedOf(member: string, wanted: ReadonlySet<string>): string | undefined {
  for (let rest = member; ; ) {
    if (wanted.has(rest)) return rest;
    const slash = rest.indexOf('/');
    if (slash < 0) return undefined;
    rest = rest.slice(slash + 1);
  }
}

export interface Member {
  /** As `wanted` has it. */
  readonly name: string;
  /** Whole name in the archive, made safe. */
  readonly path: string;
  readonly bytes?: Buffer;
  /** Why there are no bytes. */
  readonly problem?: string;
}

/** Bytes of one picture, unpacked. */
export const MOST_MEMBER_BYTES = 20 * 1024 * 1024;
export const tooLarge = (bytes: number): string =>
  `${bytes.toLocaleString('en')} bytes; a picture may have ${MOST_MEMBER_BYTES.toLocaleString('en')}`;
