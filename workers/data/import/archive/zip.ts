/** Zip files read where they lie: the list of members at the end, then only the members that are wanted. */
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import { CotaError } from '../../../../shared/errors.ts';
import type { ObjectStore } from '../../../../shared/object-store.ts';
import { type Member, MOST_MEMBER_BYTES, safeName, tooLarge, wantedOf } from './member.ts';

const unpack = promisify(inflateRaw);

const [END, END64, LOCATOR64, ENTRY, LOCAL] = [0x06054b50, 0x06064b50, 0x07064b50, 0x02014b50, 0x04034b50];
/** The end record with the longest comment. */
const TAIL = 22 + 65_535 + 20;
const STORED = 0;
const DEFLATED = 8;

interface Entry {
  readonly name: string;
  readonly path: string;
  readonly method: number;
  readonly encrypted: boolean;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
}

/** @throws CotaError where the file is no zip, or its list is damaged */
export async function* zipMembers(
  objects: ObjectStore,
  { key, name, size }: { readonly key: string; readonly name: string; readonly size: number },
  wanted: ReadonlySet<string>,
): AsyncGenerator<Member> {
  const read = async (start: number, length: number): Promise<Buffer> => {
    if (start < 0 || length < 0 || start + length > size) throw damaged(name, 'it names bytes outside of itself');
    if (length === 0) return Buffer.alloc(0);
    const { body } = await objects.stream(key, { start, end: start + length - 1 });
    return Buffer.concat(await body.toArray());
  };
  for await (const entry of entriesOf(objects, { key, name, size }, read, wanted)) {
    const about = { name: entry.name, path: entry.path };
    if (entry.encrypted) yield { ...about, problem: 'encrypted' };
    else if (entry.method !== STORED && entry.method !== DEFLATED)
      yield { ...about, problem: `packed by method ${entry.method}, which is not read (stored and deflated are)` };
    else if (entry.size > MOST_MEMBER_BYTES || entry.packed > MOST_MEMBER_BYTES)
      yield { ...about, problem: tooLarge(Math.max(entry.size, entry.packed)) };
    else yield { ...about, ...(await contentOf(entry, read)) };
  }
}

const damaged = (name: string, why: string): CotaError =>
  new CotaError('invalid_value', `${name} is a damaged zip file: ${why}. Pack it anew.`);

async function contentOf(
  { offset, packed, method }: Entry,
  read: (start: number, length: number) => Promise<Buffer>,
): Promise<Pick<Member, 'bytes' | 'problem'>> {
  const head = await read(offset, 30);
  if (head.readUInt32LE(0) !== LOCAL) return { problem: 'its place in the archive holds something else' };
  const bytes = await read(offset + 30 + head.readUInt16LE(26) + head.readUInt16LE(28), packed);
  if (method === STORED) return { bytes };
  try {
    // Whatever the list says of its size: a member that unpacks to more is broken off.
    return { bytes: await unpack(bytes, { maxOutputLength: MOST_MEMBER_BYTES }) };
  } catch (error) {
    const bomb = (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
    return { problem: bomb ? `unpacks to more than ${MOST_MEMBER_BYTES.toLocaleString('en')} bytes` : 'damaged' };
  }
}

async function* entriesOf(
  objects: ObjectStore,
  { key, name, size }: { readonly key: string; readonly name: string; readonly size: number },
  read: (start: number, length: number) => Promise<Buffer>,
  wanted: ReadonlySet<string>,
): AsyncGenerator<Entry> {
  const tailAt = Math.max(0, size - TAIL);
  const tail = await read(tailAt, size - tailAt);
  let at = tail.length - 22;
  while (at >= 0 && tail.readUInt32LE(at) !== END) at--;
  if (at < 0) throw damaged(name, 'it has no list of its members (it was cut off, or is no zip file)');
  let start = tail.readUInt32LE(at + 16);
  let length = tail.readUInt32LE(at + 12);
  if (at >= 20 && tail.readUInt32LE(at - 20) === LOCATOR64) {
    const record = await read(Number(tail.readBigUInt64LE(at - 20 + 8)), 56);
    if (record.readUInt32LE(0) !== END64) throw damaged(name, 'its zip64 record is not where it should be');
    length = Number(record.readBigUInt64LE(40));
    start = Number(record.readBigUInt64LE(48));
  }
  if (length === 0) return;
  if (start + length > size) throw damaged(name, 'its list of members lies outside of it');
  const { body } = await objects.stream(key, { start, end: start + length - 1 });
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of body as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    while (rest.length - from >= 46) {
      if (rest.readUInt32LE(from) !== ENTRY) throw damaged(name, 'its list of members cannot be read');
      const [nameLength, extraLength, noteLength] = [28, 30, 32].map((place) => rest.readUInt16LE(from + place)) as [
        number,
        number,
        number,
      ];
      const end = from + 46 + nameLength + extraLength + noteLength;
      if (end > rest.length) break;
      const entry = entryOf(rest.subarray(from, end), nameLength, extraLength, wanted);
      if (entry) yield entry;
      from = end;
    }
    rest = rest.subarray(from);
  }
}

function entryOf(
  record: Buffer,
  nameLength: number,
  extraLength: number,
  wanted: ReadonlySet<string>,
): Entry | undefined {
  const path = safeName(record.toString('utf8', 46, 46 + nameLength));
  const name = path === undefined ? undefined : wantedOf(path, wanted);
  if (path === undefined || name === undefined || record.toString('utf8', 46, 46 + nameLength).endsWith('/'))
    return undefined;
  let packed = record.readUInt32LE(20);
  let size = record.readUInt32LE(24);
  let offset = record.readUInt32LE(42);
  const extra = record.subarray(46 + nameLength, 46 + nameLength + extraLength);
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    const field = extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
    let next = 0;
    const long = (): number => {
      next += 8;
      return field.length >= next ? Number(field.readBigUInt64LE(next - 8)) : 0;
    };
    if (size === 0xffffffff) size = long();
    if (packed === 0xffffffff) packed = long();
    if (offset === 0xffffffff) offset = long();
  }
  const encrypted = (record.readUInt16LE(8) & 1) === 1;
  return { name, path, method: record.readUInt16LE(10), encrypted, packed, size, offset };
}
