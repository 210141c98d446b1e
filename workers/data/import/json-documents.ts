/** JSON documents of a file that is JSON lines, or one array (as most instruction data is), read as a stream. */
import type { Readable } from 'node:stream';
import { CotaError } from '../../../shared/errors.ts';
import { isTooDeep, MOST_DEPTH } from '../../../shared/json-depth.ts';

/** Bytes of one document: pictures in base64 and long conversations fit, a file without an end does not. */
const MOST_BYTES = 64 * 1024 * 1024;

export interface Found {
  /** Line of its first byte, from 1. */
  readonly line: number;
  readonly value?: unknown;
  /** Why there is no value. */
  readonly problem?: string;
}

const [QUOTE, BACKSLASH, OPEN, CLOSE, OPEN_MAP, CLOSE_MAP, COMMA, LF] = [34, 92, 91, 93, 123, 125, 44, 10];
const isSpace = (byte: number): boolean => byte === 32 || byte === LF || byte === 13 || byte === 9;

/**
 * @param name of the file, for errors
 * @throws CotaError for an array that does not end, or a file that is neither
 */
export async function* jsonDocuments(body: Readable, name: string): AsyncGenerator<Found> {
  let piece: Holder | undefined;
  let line = 1;
  let began = 1;
  let depth = 0;
  let inString = false;
  let escaped = false;
  let mode: 'unknown' | 'lines' | 'array' | 'after' = 'unknown';
  let mark = true;
  const close = (): Found | undefined => {
    const document = piece?.close();
    piece = undefined;
    if (document === undefined) return undefined;
    if (document === 'too long')
      return { line: began, problem: `longer than ${MOST_BYTES.toLocaleString('en')} bytes` };
    return parsed(document, began);
  };
  for await (const chunk of body as AsyncIterable<Buffer>) {
    let start = 0;
    if (mark && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf) start = 3;
    mark = false;
    if (mode === 'unknown') {
      while (start < chunk.length && isSpace(chunk[start] as number)) if (chunk[start++] === LF) line++;
      if (start === chunk.length) continue;
      const first = chunk[start];
      if (first !== OPEN && first !== OPEN_MAP)
        throw new CotaError(
          'invalid_value',
          `${name} is neither JSON lines nor a JSON array: it must begin with { or [.`,
        );
      mode = first === OPEN ? 'array' : 'lines';
      if (mode === 'array') start++;
    }
    if (mode === 'lines') {
      for (let end = chunk.indexOf(LF, start); end >= 0; end = chunk.indexOf(LF, start)) {
        piece ??= holder();
        began = line++;
        piece.add(chunk.subarray(start, end));
        const found = close();
        if (found) yield found;
        start = end + 1;
      }
      if (start < chunk.length) {
        piece ??= holder();
        piece.add(chunk.subarray(start));
        began = line;
      }
      continue;
    }
    let from = piece ? start : -1;
    let backslash = -1;
    for (let at = start; at < chunk.length; at++) {
      if (inString && !escaped) {
        // Pictures in base64 are long strings: their end is searched for, not walked to.
        if (backslash < at) backslash = placeOf(chunk, BACKSLASH, at);
        at = Math.min(placeOf(chunk, QUOTE, at), backslash);
        if (at === chunk.length) break;
        if (at === backslash) escaped = true;
        else inString = false;
        continue;
      }
      const byte = chunk[at] as number;
      if (byte === LF) line++;
      if (escaped) {
        escaped = false;
        continue;
      }
      if (mode === 'after') {
        if (!isSpace(byte))
          throw new CotaError('invalid_value', `${name} goes on behind the end of its array, on line ${line}.`);
        continue;
      }
      if (depth === 0 && (byte === COMMA || byte === CLOSE)) {
        if (piece) {
          if (from >= 0) piece.add(chunk.subarray(from, at));
          const found = close();
          if (found) yield found;
        }
        from = -1;
        if (byte === CLOSE) mode = 'after';
        continue;
      }
      if (!piece) {
        if (isSpace(byte)) continue;
        piece = holder();
        began = line;
        from = at;
      }
      if (byte === QUOTE) inString = true;
      else if (byte === OPEN || byte === OPEN_MAP) depth++;
      else if (byte === CLOSE || byte === CLOSE_MAP) depth--;
    }
    if (piece && from >= 0) piece.add(chunk.subarray(from));
  }
  if (mode === 'array') throw new CotaError('invalid_value', `${name} ends before its array does: it was cut off.`);
  const last = close();
  if (last) yield last;
}

function placeOf(chunk: Buffer, byte: number, from: number): number {
  const at = chunk.indexOf(byte, from);
  return at < 0 ? chunk.length : at;
}

interface Holder {
  add(piece: Buffer): void;
  close(): Buffer | 'too long' | undefined;
}

/** Holds one document up to the limit; of a longer one only that it is. */
function holder(): Holder {
  const pieces: Buffer[] = [];
  let bytes = 0;
  return {
    add(piece) {
      bytes += piece.length;
      if (bytes > MOST_BYTES) pieces.length = 0;
      // A piece is a view of its chunk; most documents are one piece, and are parsed before the next chunk comes.
      else pieces.push(piece);
    },
    close() {
      if (bytes > MOST_BYTES) return 'too long';
      return pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
    },
  };
}

function parsed(bytes: Buffer, line: number): Found | undefined {
  const text = bytes.toString('utf8');
  if (text.trim() === '') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isTooDeep(value) ? { line, problem: `nested deeper than ${MOST_DEPTH} levels` } : { line, value };
  } catch {
    return { line, problem: 'not valid JSON' };
  }
}
