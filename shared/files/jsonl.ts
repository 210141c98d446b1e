/**
 * JSONL as people really send it, line by line in flat memory: at most one line is held, and of a line that is too
 * long only its length is counted.
 */
import { isUtf8 } from 'node:buffer';

export interface JsonLine {
  /** From 1; blank lines have numbers too. */
  readonly number: number;
  /** Of its first byte in the file. */
  readonly offset: number;
  /** With its line ending: `offset + bytes` is where the next line starts. */
  readonly bytes: number;
  /** Without its line ending, and without a byte order mark; undefined where there is a `problem`. */
  readonly text: string | undefined;
  readonly problem?: 'too_long' | 'not_utf8';
}

export interface ReadLinesOptions {
  /** Of a line without its ending. */
  readonly maxLineBytes: number;
  /** Where `source` starts in the file, at the start of a line: the number and the offset of that line. */
  readonly from?: { readonly line: number; readonly offset: number };
}

const LF = 10;
const CR = 13;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
/** A line's ending and the mark may stand beside the longest text that is allowed. */
const BESIDE = BOM.length + 2;

/**
 * Lines that are not blank. They end with \n or \r\n, the last one perhaps with nothing; whatever else Unicode calls a
 * line separator may stand in a JSON string. A byte order mark is passed over at the start of the file only.
 */
export async function* readLines(
  source: AsyncIterable<Uint8Array>,
  { maxLineBytes, from = { line: 1, offset: 0 } }: ReadLinesOptions,
): AsyncGenerator<JsonLine> {
  const begun = createHolder(maxLineBytes + BESIDE);
  let { line: number, offset } = from;

  /** @param raw with its ending; undefined when it was too long to be held */
  function close(raw: Buffer | undefined, bytes: number): JsonLine | undefined {
    const place = { number, offset, bytes };
    number += 1;
    offset += bytes;
    const content = raw && contentOf(raw, place.offset === 0);
    if (content === undefined || content.length > maxLineBytes)
      return { ...place, text: undefined, problem: 'too_long' };
    if (isBlank(content)) return undefined;
    if (!isUtf8(content)) return { ...place, text: undefined, problem: 'not_utf8' };
    return { ...place, text: content.toString() };
  }

  for await (const chunk of source) {
    // As a Buffer, whose search is many times faster than that of a plain Uint8Array.
    const buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (let newline = buffer.indexOf(LF); newline >= 0; newline = buffer.indexOf(LF, start)) {
      const piece = buffer.subarray(start, newline + 1);
      start = newline + 1;
      // Nearly all lines lie within one chunk, and are not copied.
      const line = begun.bytes() === 0 ? close(piece, piece.length) : close(begun.finish(piece), begun.take());
      if (line) yield line;
    }
    if (start < buffer.length) begun.add(buffer.subarray(start));
  }
  if (begun.bytes() > 0) {
    const line = close(begun.finish(Buffer.alloc(0)), begun.take());
    if (line) yield line;
  }
}

/** The beginning of a line that goes on in the next chunk: held up to a limit, counted beyond it. */
function createHolder(mostHeld: number) {
  let held = Buffer.alloc(0);
  let bytes = 0;

  function add(piece: Buffer): void {
    const before = bytes;
    bytes += piece.length;
    if (bytes > mostHeld) {
      held = Buffer.alloc(0);
      return;
    }
    if (bytes > held.length) {
      const larger = Buffer.allocUnsafe(Math.min(mostHeld, Math.max(bytes, held.length * 2)));
      held.copy(larger, 0, 0, before);
      held = larger;
    }
    piece.copy(held, before);
  }

  return {
    add,
    bytes: () => bytes,
    /** @returns the whole line, until the next add; undefined when it is longer than the limit */
    finish(last: Buffer): Buffer | undefined {
      add(last);
      return bytes > mostHeld ? undefined : held.subarray(0, bytes);
    },
    /** @returns the length of the line; the next one starts at 0 */
    take(): number {
      const length = bytes;
      bytes = 0;
      return length;
    },
  };
}

/** Without ending and mark. */
function contentOf(raw: Buffer, first: boolean): Buffer {
  const start = first && raw.subarray(0, BOM.length).equals(BOM) ? BOM.length : 0;
  let end = raw.length;
  if (raw[end - 1] === LF) {
    end -= 1;
    if (raw[end - 1] === CR) end -= 1;
  }
  return raw.subarray(start, Math.max(start, end));
}

/** Whether it is nothing but what JSON calls whitespace. */
function isBlank(content: Buffer): boolean {
  return content.every((byte) => byte === 0x20 || byte === 0x09 || byte === CR);
}
