/**
 * The strings of almost-JSON: where one ends when its author forgot to escape quotes, and what its backslashes mean.
 * Every look ahead is bounded or runs over white space only, so that reading stays linear in the text.
 */

/** A place in a text. `work` counts the characters looked at, which lets tests see that reading is linear. */
export interface Cursor {
  readonly text: string;
  at: number;
  work: number;
}

/** What encloses a string: decides which characters may follow its closing quote. */
export interface Surroundings {
  readonly directly: 'object' | 'list';
  readonly insideList: boolean;
}

const DOUBLE = '"“”„‟«»';
const SINGLE = "'‘’‚‛`´";
/** Longest key that is recognised; also what bounds each look ahead. */
const KEY_LENGTH = 80;
const COMMENT_LENGTH = 200;
/** Keys whose appearance after a comma means that the string before them was never closed. */
const KNOWN_KEYS = /^["“”](?:thought|actions|name|arguments)["“”]\s{0,9}:/i;

/** Letters after a backslash that JSON reads as a control character although a formula was meant. */
const LATEX_AFTER_T =
  /^t(?:imes|ext\w*|heta|au|an|anh|o|op|riangle\w*|frac|ilde|herefore|binom|hinspace|dfrac|ag)(?![A-Za-z])/;
const LATEX_AFTER_N =
  /^n(?:eq|abla|otin|mid|leq\w*|geq\w*|subseteq|exists|earrow|warrow|u(?=[\s_^\\=+*/-]))(?![A-Za-z])/;
const LATEX_NOT_EQUAL = /^n(?:e(?=\s?[\d\\-])|ot(?=[=\\<>]))/;

export const isQuote = (char: string): boolean => char !== '' && (DOUBLE.includes(char) || SINGLE.includes(char));

/** Characters that can close a string which `open` opened: a plain quote closes with itself, a curly one with its family. */
function closersOf(open: string): string {
  if (open === '"' || open === "'" || open === '`') return open;
  return DOUBLE.includes(open) ? DOUBLE : SINGLE;
}

/** Index of the next character at or after `at` that is neither white space nor within a comment. */
export function skipBlank(cursor: Cursor, at: number): number {
  const { text } = cursor;
  for (;;) {
    const char = text[at];
    cursor.work++;
    if (char === undefined) return at;
    if (char <= ' ' || char === '\u00a0' || char === '\ufeff' || char === '\u200b') {
      at++;
      continue;
    }
    if (char !== '/') return at;
    const close = text[at + 1] === '/' ? '\n' : text[at + 1] === '*' ? '*/' : '';
    if (close === '') return at;
    const window = text.slice(at + 2, at + 2 + COMMENT_LENGTH);
    cursor.work += window.length;
    const end = window.indexOf(close);
    if (end < 0) return close === '\n' && window.length < COMMENT_LENGTH ? text.length : at;
    at += 2 + end + close.length;
  }
}

/** True when a key and its colon stand at `at`. */
export function keyAt(cursor: Cursor, at: number, quotedOnly = false): boolean {
  const { text } = cursor;
  const open = text[at] ?? '';
  const quoted = isQuote(open);
  if (!quoted && (quotedOnly || !/[A-Za-z_$]/.test(open))) return false;
  const family = DOUBLE.includes(open) ? DOUBLE : SINGLE;
  const limit = Math.min(text.length, at + KEY_LENGTH);
  let end = at + 1;
  for (; end < limit; end++) {
    cursor.work++;
    const char = text[end] ?? '';
    if (quoted ? family.includes(char) : !/[\w$-]/.test(char)) break;
    if (char === '\n' || char === '{' || char === '}') return false;
  }
  if (quoted && end === limit) return false;
  const colon = text[skipBlank(cursor, quoted ? end + 1 : end)];
  return colon === ':' || colon === '：';
}

/** True when the quote at `at` closes the string it stands in, judged by what follows it. */
function closes(cursor: Cursor, at: number, around: Surroundings): boolean {
  const { text } = cursor;
  const after = skipBlank(cursor, at + 1);
  const char = text[after];
  const inObject = around.directly === 'object';
  switch (char) {
    case undefined:
      return true;
    case ',':
    case ';': {
      const next = skipBlank(cursor, after + 1);
      const start = text[next];
      if (start === undefined || start === (inObject ? '}' : ']')) return true;
      if (inObject) return keyAt(cursor, next) || (around.insideList && start === '{');
      return isQuote(start) || /[[{\d+\-tfnTFN}]/.test(start);
    }
    case '}':
      return inObject ? objectEnds(cursor, after) : structural(text[skipBlank(cursor, after + 1)]);
    case ']':
      return !inObject || (around.insideList && structural(text[skipBlank(cursor, after + 1)]));
    default:
      // A forgotten comma: the next key, or the next string of a list, follows at once.
      return isQuote(char) && (inObject ? keyAt(cursor, after, true) : after > at + 1);
  }
}

/** False for a brace within prose (`the set {"a"} is`), where words of the same sentence follow it. */
function objectEnds(cursor: Cursor, brace: number): boolean {
  const { text } = cursor;
  const after = skipBlank(cursor, brace + 1);
  const char = text[after] ?? '';
  if (/[a-z]/.test(char)) return text.slice(brace + 1, after).includes('\n');
  if (char !== ',') return true;
  const next = skipBlank(cursor, after + 1);
  return next >= text.length || '{}]'.includes(text[next] ?? '') || keyAt(cursor, next);
}

const structural = (char: string | undefined): boolean =>
  char === undefined || char === ',' || char === '}' || char === ']' || char === '`' || char === '<';

/**
 * Reads a string whose opening quote stands at the cursor, and moves behind its closing quote.
 * @returns the text, and `cut` when the input ended inside it
 */
export function readString(cursor: Cursor, around: Surroundings): { readonly value: string; readonly cut: boolean } {
  const { text } = cursor;
  const open = text[cursor.at] ?? '"';
  if ((open === '"' || open === "'") && text.startsWith(open.repeat(3), cursor.at)) {
    return readTripleQuoted(cursor, open.repeat(3));
  }
  const closers = closersOf(open);
  const parts: string[] = [];
  let from = cursor.at + 1;
  let at = from;
  while (at < text.length) {
    cursor.work++;
    const char = text[at] ?? '';
    if (char === '\\') {
      parts.push(text.slice(from, at));
      const meant = readEscape(text, at);
      parts.push(meant.value);
      at = from = meant.end;
    } else if (closers.includes(char)) {
      if (around.directly === 'object' && neverClosed(text, at)) {
        cursor.at = at;
        return { value: (parts.join('') + text.slice(from, at)).replace(/[,\s]{1,20}$/, ''), cut: false };
      }
      if (closes(cursor, at, around)) {
        cursor.at = at + 1;
        return { value: parts.join('') + text.slice(from, at), cut: false };
      }
      at++;
    } else at++;
  }
  cursor.at = text.length;
  return { value: parts.join('') + text.slice(from), cut: true };
}

/** `"thought": "I see, "actions": [...]`: a well-known key after a comma shows that the closing quote was forgotten. */
function neverClosed(text: string, at: number): boolean {
  if (!KNOWN_KEYS.test(text.slice(at, at + 24))) return false;
  return /[,\n]\s{0,19}$/.test(text.slice(Math.max(0, at - 20), at));
}

function readTripleQuoted(cursor: Cursor, quotes: string): { readonly value: string; readonly cut: boolean } {
  const from = cursor.at + quotes.length;
  const end = cursor.text.indexOf(quotes, from);
  cursor.work += (end < 0 ? cursor.text.length : end) - from;
  cursor.at = end < 0 ? cursor.text.length : end + quotes.length;
  return { value: cursor.text.slice(from, end < 0 ? undefined : end), cut: end < 0 };
}

/** True for escapes that JSON knows but by which a formula was most likely meant (`\frac`, `\times`). */
export function holdsFormula(json: string): boolean {
  for (const { index } of json.matchAll(/\\[\s\S]/g)) {
    if (/[bfnrt]/.test(json[index + 1] ?? '') && readEscape(json, index).value.length > 1) return true;
  }
  return false;
}

/**
 * What a backslash means. JSON's escapes hold unless a formula is far more likely than the control character: nobody
 * writes a form feed before `rac{1}{2}`. A backslash that JSON does not know stays, as formulas need it.
 */
function readEscape(text: string, at: number): { readonly value: string; readonly end: number } {
  const char = text[at + 1];
  const rest = text.slice(at + 1, at + 16);
  const letterFollows = /[A-Za-z]/.test(text[at + 2] ?? '');
  switch (char) {
    case undefined:
      return { value: '', end: at + 1 };
    case 'n':
      if (LATEX_AFTER_N.test(rest) || LATEX_NOT_EQUAL.test(rest)) break;
      return { value: '\n', end: at + 2 };
    case 't':
      if (LATEX_AFTER_T.test(rest)) break;
      return { value: '\t', end: at + 2 };
    case 'r':
    case 'b':
    case 'f':
      if (letterFollows) break;
      return { value: char === 'r' ? '\r' : char === 'b' ? '\b' : '\f', end: at + 2 };
    case 'u':
      return readHex(text, at, 4);
    case 'x':
      return readHex(text, at, 2);
    case '\\':
    case '"':
    case "'":
    case '/':
    case '\n':
      return { value: char, end: at + 2 };
    // Markdown's and LaTeX's way to write these; both show them without the backslash.
    case '$':
    case '_':
    case '%':
    case '&':
    case '#':
      return { value: char, end: at + 2 };
  }
  return { value: `\\${char}`, end: at + 2 };
}

function readHex(text: string, at: number, digits: number): { readonly value: string; readonly end: number } {
  const hex = text.slice(at + 2, at + 2 + digits);
  if (hex.length === digits && /^[0-9a-fA-F]+$/.test(hex)) {
    return { value: String.fromCharCode(Number.parseInt(hex, 16)), end: at + 2 + digits };
  }
  return { value: text.slice(at, at + 2), end: at + 2 };
}
