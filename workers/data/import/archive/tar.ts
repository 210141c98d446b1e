/** Tar files, plain or packed, read once from front to back; only members that are wanted are held. */
import type { Readable } from 'node:stream';
import { CotaError } from '../../../../shared/errors.ts';
import { type Member, MOST_MEMBER_BYTES, safeName, tooLarge, wantedOf } from './member.ts';

const BLOCK = 512;
/** Of a record that only says the name of the next member. */
const MOST_NAME_BYTES = 1 << 16;

/** @throws CotaError for what is no tar file, or ends too early */
export async function* tarMembers(body: Readable, name: string, wanted: ReadonlySet<string>): AsyncGenerator<Member> {
  try {
    yield* membersOf(takeFrom(body), name, wanted);
  } finally {
    body.destroy();
  }
}

async function* membersOf(
  source: ReturnType<typeof takeFrom>,
  name: string,
  wanted: ReadonlySet<string>,
): AsyncGenerator<Member> {
  let longName: string | undefined;
  for (;;) {
    const header = await source.take(BLOCK);
    if (header.length === 0) return;
    if (header.length < BLOCK) throw cut(name);
    if (header.every((byte) => byte === 0)) return;
    if (!isHeader(header))
      throw new CotaError('invalid_value', `${name} is neither a zip nor a tar file, or is damaged.`);
    const size = sizeOf(header);
    const type = String.fromCharCode(header[156] ?? 0);
    const padding = (BLOCK - (size % BLOCK)) % BLOCK;
    if ((type === 'L' || type === 'x' || type === 'g') && size <= MOST_NAME_BYTES) {
      const record = await source.take(size);
      if (type === 'L') longName = text(record);
      if (type === 'x') longName = paxPath(record) ?? longName;
      await source.skip(padding);
      continue;
    }
    const path = safeName(longName ?? nameIn(header));
    longName = undefined;
    const isFile = type === '0' || type === '\0';
    const found = path === undefined || !isFile ? undefined : wantedOf(path, wanted);
    if (path === undefined || found === undefined) {
      await source.skip(size + padding);
    } else if (size > MOST_MEMBER_BYTES) {
      await source.skip(size + padding);
      yield { name: found, path, problem: tooLarge(size) };
    } else {
      const bytes = await source.take(size);
      if (bytes.length < size) throw cut(name);
      await source.skip(padding);
      yield { name: found, path, bytes };
    }
  }
}

const cut = (name: string): CotaError =>
  new CotaError('invalid_value', `${name} ends in the middle of a member: it was cut off.`);

const text = (bytes: Buffer): string => {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
};

function nameIn(header: Buffer): string {
  const prefix = header.toString('latin1', 257, 262) === 'ustar' ? text(header.subarray(345, 500)) : '';
  const own = text(header.subarray(0, 100));
  return prefix === '' ? own : `${prefix}/${own}`;
}

/** Octal, or base 256 where the first bit is set. */
function sizeOf(header: Buffer): number {
  const field = header.subarray(124, 136);
  if (((field[0] ?? 0) & 0x80) !== 0) return Number(field.readBigUInt64BE(4));
  return Number.parseInt(text(field).trim() || '0', 8) || 0;
}

function isHeader(header: Buffer): boolean {
  let sum = 0;
  for (const [at, byte] of header.entries()) sum += at >= 148 && at < 156 ? 32 : byte;
  return Number.parseInt(text(header.subarray(148, 156)).trim(), 8) === sum;
}

/** Records `<length> <key>=<value>\n`. */
function paxPath(record: Buffer): string | undefined {
  for (let at = 0; at < record.length; ) {
    const space = record.indexOf(32, at);
    const length = Number(record.toString('latin1', at, space));
    if (space < 0 || !(length > 0)) return undefined;
    const pair = record.toString('utf8', space + 1, at + length - 1);
    if (pair.startsWith('path=')) return pair.slice(5);
    at += length;
  }
  return undefined;
}

/** Takes bytes from a stream in order; fewer at its end. */
function takeFrom(body: Readable) {
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let left: Buffer = Buffer.alloc(0);
  const more = async (): Promise<boolean> => {
    const { done, value } = await chunks.next();
    if (!done) left = value;
    return !done;
  };
  return {
    async take(count: number): Promise<Buffer> {
      const pieces: Buffer[] = [];
      let got = 0;
      while (got < count) {
        if (left.length === 0 && !(await more())) break;
        const piece = left.subarray(0, count - got);
        pieces.push(piece);
        got += piece.length;
        left = left.subarray(piece.length);
      }
      return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
    },
    async skip(count: number): Promise<void> {
      let gone = 0;
      while (gone < count) {
        if (left.length === 0 && !(await more())) return;
        const step = Math.min(left.length, count - gone);
        gone += step;
        left = left.subarray(step);
      }
    },
  };
}
