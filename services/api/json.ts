/** JSON of a request body, and where it breaks: V8 quotes the body and often leaves the position out. */
import { CotaError } from '../../shared/errors.ts';
import { isTooDeep, MOST_DEPTH } from '../../shared/json-depth.ts';

/**
 * @returns undefined for an empty body
 * @throws CotaError `invalid_json` with line and column, counted from 1, or for what is nested too deep
 */
export function parseJson(bytes: Buffer): unknown {
  let text: string;
  try {
    // Also takes off a byte order mark.
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new CotaError('invalid_json', 'The body is not valid UTF-8: JSON is sent in that encoding.');
  }
  if (text.trim() === '') return undefined;
  const value = parsed(text);
  if (isTooDeep(value)) {
    throw new CotaError('invalid_json', `The body has lists or maps more than ${MOST_DEPTH} deep within each other.`);
  }
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const at = whereJsonBreaks(text);
    const before = text.slice(0, at);
    const line = before.split('\n').length;
    const column = at - before.lastIndexOf('\n');
    const what = at >= text.length ? 'it ends too early' : 'an unexpected character';
    throw new CotaError('invalid_json', `The body is not valid JSON: ${what}, at line ${line}, column ${column}.`);
  }
}

const SPACE = /[ \t\n\r]*/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** What may come next. */
type Next = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or end';

/** @returns index of the first character that no valid JSON could have there; the length where more had to come */
export function whereJsonBreaks(text: string): number {
  const open: ('{' | '[')[] = [];
  let next = 'value' as Next;
  let at = 0;
  for (;;) {
    at = skip(SPACE, text, at);
    const char = text[at];
    if (char === undefined) return at;
    if (next === ':') {
      if (char !== ':') return at;
      next = 'value';
      at += 1;
    } else if (next === ', or end') {
      const inside = open.at(-1);
      if (char === ',' && inside !== undefined) next = inside === '{' ? 'key' : 'value';
      else if (char === (inside === '{' ? '}' : ']') && inside !== undefined) open.pop();
      else return at;
      at += 1;
    } else if ((next === 'key or }' && char === '}') || (next === 'value or ]' && char === ']')) {
      open.pop();
      next = ', or end';
      at += 1;
    } else if (char === '"') {
      const end = endOfString(text, at);
      if (text[end - 1] !== '"' || end - at < 2) return end;
      next = next === 'key' || next === 'key or }' ? ':' : ', or end';
      at = end;
    } else if (next === 'key' || next === 'key or }') {
      return at;
    } else if (char === '{' || char === '[') {
      open.push(char);
      next = char === '{' ? 'key or }' : 'value or ]';
      at += 1;
    } else {
      const end = skip(SCALAR, text, at);
      if (end === at) return at;
      next = ', or end';
      at = end;
    }
  }
}

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/** @returns the index behind the closing quote, or that of the character that cannot stand in a string */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code < 0x20) return at;
    if (code !== 0x5c) continue;
    at += 1;
    if (text[at] === 'u') {
      for (let digit = 0; digit < 4; digit++) if (!/[0-9a-fA-F]/.test(text[++at] ?? '')) return at;
    } else if (at >= text.length || !'"\\/bfnrt'.includes(text[at] ?? ' ')) {
      return at;
    }
  }
  return text.length;
}
