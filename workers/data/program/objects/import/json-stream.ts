/** Reads the elements of huge JSON arrays one by one: annotation files are larger than memory allows for. */
import { StringDecoder } from 'node:string_decoder';
import { CotaError } from '../../../../../shared/errors.ts';

export interface Element {
  /** Name of the array in the outer object, empty where the file is one array. */
  readonly of: string;
  /** Undefined where the element is no JSON. */
  readonly value: unknown;
}

/** An element that is longer is no record of a picture. */
const LONGEST = 64 * 1024 * 1024;

const [QUOTE, BACKSLASH, COMMA, OPEN_LIST, CLOSE_LIST, OPEN, CLOSE] = [34, 92, 44, 91, 93, 123, 125];

/**
 * Elements of the outermost array, or of each array that is a field of the outermost object, in the file's order.
 * @param file what the file is called in messages
 * @throws CotaError where it is neither, or ends too early
 */
export async function* elements(body: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<Element> {
  const bad = (why: string): CotaError => new CotaError('invalid_request', `${file} ${why}.`, { param: 'annotations' });
  const decoder = new StringDecoder('utf8');
  let text = '';
  let at = 0;
  let start = -1;
  let depth = 0;
  let inString = false;
  let escaped = false;
  // Depth of the arrays whose elements are wanted: 1 for a bare array, 2 inside an object.
  let level = 0;
  let inArray = false;
  let keyStart = -1;
  let key = '';
  const parsed = (from: number, to: number): Element | undefined => {
    const slice = text.slice(from, to).trim();
    if (slice === '') return undefined;
    try {
      return { of: key, value: JSON.parse(slice) };
    } catch {
      return { of: key, value: undefined };
    }
  };
  for await (const chunk of body) {
    text = text.slice(start < 0 ? (keyStart < 0 ? at : keyStart) : start) + decoder.write(Buffer.from(chunk));
    at = start < 0 ? (keyStart < 0 ? 0 : at - keyStart) : at - start;
    if (start >= 0) start = 0;
    if (keyStart >= 0) keyStart = 0;
    if (text.length > LONGEST) throw bad('has an element that is longer than 64 MB');
    for (; at < text.length; at++) {
      const c = text.charCodeAt(at);
      if (inString) {
        if (escaped) escaped = false;
        else if (c === BACKSLASH) escaped = true;
        else if (c === QUOTE) {
          inString = false;
          if (keyStart >= 0) {
            key = text.slice(keyStart, at);
            keyStart = -1;
          }
        }
        continue;
      }
      if (c === QUOTE) {
        inString = true;
        if (depth === 1 && level === 2 && !inArray) keyStart = at + 1;
      } else if (c === OPEN || c === OPEN_LIST) {
        depth++;
        if (depth === 1) level = c === OPEN_LIST ? 1 : 2;
        if (c === OPEN_LIST && depth === level) {
          inArray = true;
          start = at + 1;
        }
      } else if (c === CLOSE || c === CLOSE_LIST) {
        if (c === CLOSE_LIST && depth === level && inArray) {
          const last = parsed(start, at);
          if (last) yield last;
          inArray = false;
          start = -1;
        }
        depth--;
        if (depth < 0) throw bad('is no JSON: a bracket closes what was not opened');
      } else if (c === COMMA && inArray && depth === level) {
        const one = parsed(start, at);
        yield one ?? { of: key, value: undefined };
        start = at + 1;
      } else if (depth === 0 && c > 32 && c !== 0xfeff) throw bad('is no JSON array or object');
    }
  }
  if (level === 0) throw bad('is empty');
  if (depth !== 0) throw bad('ends in the middle: it was not uploaded whole');
}
