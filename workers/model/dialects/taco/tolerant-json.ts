/**
 * Reads JSON as models really write it: single or curly quotes, bare keys, Python's literals, comments, commas too
 * many or too few, raw line breaks and unescaped quotes in strings, brackets left open. One pass, linear in the text.
 */
import { bareValue, DEPTH, type FoundObject, type Node, type ObjectNode } from './json-node.ts';
import { properObject, properValue } from './proper-json.ts';
import { type Cursor, isQuote, keyAt, readString, skipBlank } from './tolerant-text.ts';

interface Reader extends Cursor {
  /** Kinds of the brackets that are open. */
  readonly open: ('object' | 'list')[];
  /** Objects read whole that lie in no other one so far. */
  readonly found: FoundObject[];
}

const reader = (text: string, at: number): Reader => ({ text, at, work: 0, open: [], found: [] });

/**
 * The outermost objects of a text, in order, whatever stands around them. An object that the text breaks off in is
 * given as far as it goes, marked `cut` where something is missing.
 * @param from where to start looking
 * @returns the objects, and how many characters were looked at: a small multiple of the text's length
 */
export function findObjects(
  text: string,
  from = 0,
): { readonly objects: readonly FoundObject[]; readonly work: number } {
  const input = reader(text, from);
  for (let tries = 0; ; tries++) {
    const start = text.indexOf('{', input.at);
    if (start < 0) break;
    const proper = tries < PROPER_TRIES ? properObject(text, start) : undefined;
    if (proper !== undefined) {
      input.found.push(proper);
      input.at = proper.end;
      continue;
    }
    input.at = start;
    input.open.length = 0;
    // What was read before a failure stays in `found`; nothing is read twice.
    readObject(input);
    input.at = Math.max(input.at, start + 1);
  }
  return { objects: input.found, work: input.work + text.length };
}

/** How many objects of a text are tried as proper JSON first: a try may run to the text's end, so there is a bound. */
const PROPER_TRIES = 8;

/**
 * One value that is the whole text: JSON, almost-JSON or a Python literal.
 * @returns undefined when the text does not start with a value or goes on after it
 */
export function readValue(text: string): Node | undefined {
  const proper = properValue(text);
  if (proper !== undefined) return proper;
  const input = reader(text, 0);
  input.at = skipBlank(input, 0);
  const node = readNode(input);
  if (node === undefined || skipBlank(input, input.at) < text.length) return undefined;
  return node;
}

function readNode(input: Reader): Node | undefined {
  const char = input.text[input.at] ?? '';
  if (char === '{') return readObject(input);
  if (char === '[' || char === '(') return readList(input);
  if (isQuote(char)) {
    const { value, cut } = readString(input, {
      directly: input.open.at(-1) ?? 'list',
      insideList: input.open.includes('list'),
    });
    return { kind: 'string', value, cut };
  }
  return readBare(input);
}

function readObject(input: Reader): ObjectNode | undefined {
  if (input.open.length >= DEPTH) return undefined;
  const start = input.at;
  const foundBefore = input.found.length;
  const entries: [string, Node][] = [];
  input.open.push('object');
  input.at++;
  const done = (cut: boolean): ObjectNode => {
    input.open.pop();
    input.found.length = foundBefore;
    const node: ObjectNode = { kind: 'object', entries, cut };
    input.found.push({ node, start, end: input.at });
    return node;
  };
  let afterComma = false;
  for (;;) {
    input.at = skipBlank(input, input.at);
    const char = input.text[input.at];
    if (char === undefined) return done(afterComma || entries.length === 0 || entries.some(([, value]) => value.cut));
    if (char === '}') {
      input.at++;
      return done(false);
    }
    if (char === ',' || char === ';') {
      input.at++;
      afterComma = true;
      continue;
    }
    // A brace was forgotten: the list around this object goes on or ends here.
    if (entries.length > 0 && (char === ']' || char === '{') && input.open.includes('list')) return done(false);
    if (char === ']' && entries.length > 0) {
      input.at++;
      continue;
    }
    const key = readKey(input);
    if (key === 'none') return undefined;
    if (key === 'cut') return done(true);
    const value = readEntryValue(input);
    if (value === undefined) return undefined;
    entries.push([key.name, value]);
    afterComma = false;
  }
}

function readEntryValue(input: Reader): Node | undefined {
  input.at = skipBlank(input, input.at);
  const char = input.text[input.at];
  if (char === undefined) return { kind: 'bare', value: null, source: '', cut: true };
  if (char === ',' || char === '}') return { kind: 'bare', value: null, source: '', cut: false };
  return readNode(input);
}

/** The key at the cursor, which moves behind its colon; `'cut'` when the text ends first. */
function readKey(input: Reader): { readonly name: string } | 'cut' | 'none' {
  const { text } = input;
  if (!keyAt(input, input.at)) {
    const rest = text.slice(input.at, input.at + 100);
    if (input.at + rest.length < text.length || !/^["'“‘]?[\w$ -]*["'”’]?\s*$/.test(rest)) return 'none';
    input.at = text.length;
    return 'cut';
  }
  const quoted = isQuote(text[input.at] ?? '');
  const from = quoted ? input.at + 1 : input.at;
  let end = from;
  while (quoted ? !isQuote(text[end] ?? '"') : /[\w$-]/.test(text[end] ?? '')) end++;
  input.work += end - from;
  input.at = skipBlank(input, quoted ? end + 1 : end) + 1;
  return { name: text.slice(from, end) };
}

function readList(input: Reader): Node | undefined {
  if (input.open.length >= DEPTH) return undefined;
  const close = input.text[input.at] === '(' ? ')' : ']';
  const items: Node[] = [];
  const done = (cut: boolean): Node => {
    input.open.pop();
    return { kind: 'list', items, cut };
  };
  input.open.push('list');
  input.at++;
  let afterComma = false;
  for (;;) {
    input.at = skipBlank(input, input.at);
    const char = input.text[input.at];
    if (char === undefined) return done(afterComma || items.length === 0 || items.some((item) => item.cut));
    if (char === close || char === ']') {
      input.at++;
      return done(false);
    }
    if (char === ',') {
      input.at++;
      afterComma = true;
    } else if (char === '}') {
      if (!input.open.includes('object')) return undefined;
      if (!isStray(input, items.at(-1))) return done(false);
      input.at++;
    } else {
      const item = readNode(input);
      if (item === undefined) return undefined;
      items.push(item);
      afterComma = false;
    }
  }
}

/** A brace too many after an object in a list (`[{...}}, {...}]`), not the end of the object around the list. */
function isStray(input: Reader, last: Node | undefined): boolean {
  if (last?.kind !== 'object') return false;
  const after = skipBlank(input, input.at + 1);
  const char = input.text[after];
  return char === ']' || (char === ',' && input.text[skipBlank(input, after + 1)] === '{');
}

/** A number, a literal, or words that somebody forgot to quote: all up to the end of the entry. */
function readBare(input: Reader): Node | undefined {
  const { text } = input;
  const inObject = input.open.at(-1) === 'object';
  const from = input.at;
  let at = from;
  for (; at < text.length; at++) {
    input.work++;
    const char = text[at] ?? '';
    if (char === '}' || char === ']' || char === '\n' || (char === ')' && !inObject)) break;
    if (char === '{' || char === '[') return undefined;
    if (char === ',' && !(inObject && /\d/.test(text[at + 1] ?? ''))) break;
  }
  const source = text
    .slice(from, at)
    .replace(/\s\/\/.*$/, '')
    .trim();
  if (source === '') return undefined;
  input.at = at;
  return { kind: 'bare', value: bareValue(source), source, cut: at === text.length };
}
